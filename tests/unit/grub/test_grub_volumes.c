// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's names of file systems, and Fedora's blscfg, which reads the entries of another one. */
#include "unit/entry/test_entry_bench.h"

/* Two file systems beside the one that the configuration is on. */
struct disks {
	struct bench *b;
	struct bench *other;
	unsigned int asked;
};

static int find(const struct entry_source *source, enum entry_volume kind, const char *name,
		const struct fsroot **ret_root)
{
	struct disks *disks = source->context;
	const struct fsroot *other = disks->other->root;

	disks->asked++;
	switch (kind) {
	case ENTRY_VOLUME_UUID:
		*ret_root = !strcmp(name, "other") ? other : source->root;
		return strcmp(name, "gone") ? 0 : -ENOENT;
	case ENTRY_VOLUME_LABEL:
		*ret_root = other;
		return strcmp(name, "OTHER") ? -ENOENT : 0;
	case ENTRY_VOLUME_FILE:
		*ret_root = other;
		return fsroot_exists(other, name);
	case ENTRY_VOLUME_NAME:	   /* petitboot's question */
	case ENTRY_VOLUME_SIBLING: /* systemd-boot's */
		return -ENOENT;
	case ENTRY_VOLUME_DEVICE:
		*ret_root = !strcmp(name, "hd1,gpt1") || !strcmp(name, "lvm/vg-lv") ||
					    !strcmp(name, "md/0")
				    ? other
				    : source->root;
		if (!strcmp(name, "hd8,gpt1"))
			return -ENXIO;
		return strcmp(name, "hd9") ? 0 : -ENOENT;
	}
	return -ENOENT;
}

static int set_up(void **state)
{
	struct disks *disks = calloc(1, sizeof(*disks));

	bench_set_up((void **)&disks->b);
	bench_set_up((void **)&disks->other);
	disks->b->source.find = find;
	disks->b->source.context = disks;
	bench_file(disks->b, "/boot/vmlinuz", "kernel");
	bench_file(disks->other, "/vmlinuz", "kernel");
	bench_file(disks->other, "/boot/only-here", "file");
	*state = disks;
	return 0;
}

static int tear_down(void **state)
{
	struct disks *disks = *state;

	bench_tear_down((void **)&disks->b);
	bench_tear_down((void **)&disks->other);
	free(disks);
	return 0;
}

/* The menu entry whose body is @body. */
static struct entry *boot(struct disks *disks, const char *body)
{
	char text[1024];

	snprintf(text, sizeof(text), "menuentry a {\n%s\n}\n", body);
	bench_file(disks->b, "/boot/grub/grub.cfg", text);
	bench_read(disks->b);
	return bench_find(disks->b, "a");
}

static void assert_found(void **state, const char *body, bool is_on_other)
{
	struct disks *disks = *state;
	const struct entry *entry = boot(disks, body);

	assert_null(entry->greyed);
	assert_ptr_equal(entry->kernel.root, is_on_other ? disks->other->root : disks->b->root);
}

static void assert_grey(void **state, const char *body, const char *reason)
{
	assert_string_equal(boot(*state, body)->greyed, reason);
}

static void without_a_device_it_is_the_root(void **state)
{
	assert_found(state, "linux /boot/vmlinuz", false);
}

static void the_root_may_be_a_device(void **state)
{
	assert_found(state, "set root=hd1,gpt1\nlinux /vmlinuz", true);
}

static void the_root_may_be_in_brackets(void **state)
{
	assert_found(state, "set root=(lvm/vg-lv)\nlinux /vmlinuz", true);
}

static void a_device_stands_in_the_path(void **state)
{
	assert_found(state, "linux (md/0)/vmlinuz", true);
}

static void the_root_stands_in_the_path(void **state)
{
	assert_found(state, "set x=$root; set root=hd1,gpt1\nlinux ($x)/boot/vmlinuz", false);
}

static void a_uuid_is_searched(void **state)
{
	assert_found(state,
		     "search --no-floppy --fs-uuid --set=root --hint-bios=hd0 --hint hd7 other\n"
		     "linux /vmlinuz",
		     true);
}

static void a_label_is_searched(void **state)
{
	assert_found(state, "search --set=x -l OTHER\nlinux ($x)/vmlinuz", true);
}

static void a_file_is_searched(void **state)
{
	assert_found(state, "search --set --file /boot/only-here\nlinux /vmlinuz", true);
}

static void the_short_search_finds_too(void **state)
{
	assert_found(state, "search.fs_uuid other root hd0\nlinux /vmlinuz", true);
}

static void a_file_that_is_nowhere_changes_no_root(void **state)
{
	assert_found(state,
		     "if search --set=root --file /nowhere; then set root=hd9; fi\n"
		     "linux /boot/vmlinuz",
		     false);
}

/* GRUB would go on with its guess, hd1. */
static void a_uuid_that_is_gone_is_not_guessed(void **state)
{
	assert_grey(state,
		    "set root=hd1,gpt1\nsearch --fs-uuid --set=root --hint hd1,gpt1 gone\n"
		    "linux /vmlinuz",
		    "/boot/grub/grub.cfg:4: the file system with UUID gone is not here");
}

static void a_device_that_is_gone_greys(void **state)
{
	assert_grey(state, "linux (hd9)/vmlinuz",
		    "/boot/grub/grub.cfg:2: the device (hd9) is not here");
}

static void a_device_that_nobody_here_can_tell_greys(void **state)
{
	assert_grey(state, "set root='hd8,gpt1'\nlinux /vmlinuz",
		    "/boot/grub/grub.cfg:3: which file system (hd8,gpt1) is, GRUB alone can tell: "
		    "'search --fs-uuid --set=root UUID' names one for all");
}

/* What grub-mkconfig writes: the guess is for when search is not there. */
static void a_search_makes_up_for_such_a_device(void **state)
{
	assert_found(state,
		     "set root='hd8,gpt1'\nsearch --fs-uuid --set=root other\nlinux /vmlinuz",
		     true);
}

static void an_efi_partition_leads_to_the_other(void **state)
{
	struct disks *disks = *state;
	struct bench *b = disks->b;

	bench_file(b, "/EFI/debian/grub.cfg",
		   "search.fs_uuid other root hd0,gpt2\nset prefix=($root)'/boot/grub'\n"
		   "configfile $prefix/grub.cfg\n");
	bench_file(disks->other, "/boot/grub/grub.cfg",
		   "set timeout=3\nset default=b\n"
		   "menuentry a { linux /vmlinuz\n}\nmenuentry b { linux /vmlinuz\n}\n");
	assert_int_equal(grub_read(&b->source, b->list), 0);
	/* And then comes the file system itself. */
	b->source.root = disks->other->root;
	assert_int_equal(grub_read(&b->source, b->list), 0);
	assert_int_equal(entry_list_settle(b->list), 0);
	assert_order(b, "a b");
	assert_ptr_equal(bench_find(b, "a")->root, disks->other->root);
	assert_null(bench_find(b, "a")->greyed);
	assert_string_equal(b->list->preferred->id, "b");
	assert_int_equal(b->list->timeout, 3);
}

/*
 * blscfg.
 */

/* The shape of what grub2-mkconfig writes on Fedora. */
static const char fedora[] =
	"set pager=1\nif [ -f ${config_directory}/grubenv ]; then\n"
	"  load_env -f ${config_directory}/grubenv\nelif [ -s $prefix/grubenv ]; then\n"
	"  load_env\nfi\n"
	"if [ \"${next_entry}\" ] ; then\n  set default=\"${next_entry}\"\n"
	"else\n  set default=\"${saved_entry}\"\nfi\n"
	"search --no-floppy --fs-uuid --set=root other\n"
	"set boot=$root\n"
	"if [ -z \"${kernelopts}\" ]; then\n  set kernelopts=\"root=/dev/vda3 ro \"\nfi\n"
	"insmod blscfg\nblscfg\n"
	"if [ \"${boot_success}\" = \"1\" -o \"${boot_indeterminate}\" = \"1\" ]; then\n"
	"  set menu_hide_ok=1\nelse\n  set menu_hide_ok=0\nfi\n"
	"set timeout_style=menu\nset timeout=5\n";

static void add_fedora(struct disks *disks)
{
	struct bench *other = disks->other;

	bench_file(disks->b, "/boot/grub2/grub.cfg", fedora);
	bench_file(other, "/vmlinuz-6.9.9", "kernel");
	bench_file(other, "/vmlinuz-6.10.2", "kernel");
	bench_file(other, "/initramfs-6.9.9.img", "initrd");
	bench_file(other, "/initramfs-6.10.2.img", "initrd");
	bench_file(other, "/loader/entries/id-6.9.9.conf",
		   "title Fedora Linux (6.9.9)\nversion 6.9.9\nlinux /vmlinuz-6.9.9\n"
		   "initrd /initramfs-6.9.9.img $tuned_initrd\noptions $kernelopts $tuned_params\n"
		   "grub_users $grub_users\ngrub_arg --unrestricted\ngrub_class fedora\n");
	bench_file(other, "/loader/entries/id-6.10.2.conf",
		   "title Fedora Linux (6.10.2)\nversion 6.10.2\nlinux /vmlinuz-6.10.2\n"
		   "initrd /initramfs-6.10.2.img\noptions root=UUID=2 ro\noptions x\\x2dy\n");
}

static void blscfg_makes_entries_of_files(void **state)
{
	struct disks *disks = *state;
	struct bench *b = disks->b;
	struct entry *entry;

	add_fedora(disks);
	bench_file(b, "/boot/grub2/grubenv",
		   "# GRUB Environment Block\nsaved_entry=id-6.9.9\n"
		   "kernelopts=root=/dev/sda1 quiet\ntuned_params=isolcpus=1\n###");
	bench_read(b);
	assert_order(b, "id-6.10.2 id-6.9.9");
	entry = bench_find(b, "id-6.9.9");
	assert_true(entry->is_default);
	assert_true(entry->is_unrestricted);
	assert_null(entry->greyed);
	assert_string_equal(entry->title, "Fedora Linux (6.9.9)");
	assert_string_equal(entry->version, "6.9.9");
	assert_string_equal(entry->options, "root=/dev/sda1 quiet isolcpus=1");
	assert_int_equal(entry->initrd_count, 1);
	assert_ptr_equal(entry->kernel.root, disks->other->root);
	assert_string_equal(entry->path, "/loader/entries/id-6.9.9.conf");
	entry = bench_find(b, "id-6.10.2");
	/* GRUB takes the first line of a key. */
	assert_string_equal(entry->options, "root=UUID=2 ro");
	assert_false(entry->is_unrestricted);
	assert_int_equal(b->list->timeout, 5);
}

static void without_an_environment_the_script_says_the_options(void **state)
{
	struct disks *disks = *state;

	add_fedora(disks);
	bench_read(disks->b);
	assert_string_equal(bench_find(disks->b, "id-6.9.9")->options, "root=/dev/vda3 ro");
	assert_string_equal(disks->b->list->preferred->id, "id-6.10.2");
}

static void a_file_without_options_takes_the_default_ones(void **state)
{
	struct disks *disks = *state;
	struct bench *b = disks->b;

	bench_file(b, "/boot/loader/entries/a.conf", "title A\nlinux /boot/vmlinuz\n");
	bench_file(b, "/boot/loader/entries/b.conf", "title B\n");
	bench_file(b, "/boot/grub2/grub.cfg", "set default_kernelopts='ro quiet'\nblscfg\n");
	assert_int_equal(grub_read(&b->source, b->list), 0);
	assert_string_equal(bench_find(b, "a")->options, "ro quiet");
	assert_string_equal(bench_find(b, "b")->greyed,
			    "/boot/loader/entries/b.conf: it loads no kernel");
}

#define DISKS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISKS_TEST(without_a_device_it_is_the_root),
		DISKS_TEST(the_root_may_be_a_device),
		DISKS_TEST(the_root_may_be_in_brackets),
		DISKS_TEST(a_device_stands_in_the_path),
		DISKS_TEST(the_root_stands_in_the_path),
		DISKS_TEST(a_uuid_is_searched),
		DISKS_TEST(a_label_is_searched),
		DISKS_TEST(a_file_is_searched),
		DISKS_TEST(the_short_search_finds_too),
		DISKS_TEST(a_file_that_is_nowhere_changes_no_root),
		DISKS_TEST(a_uuid_that_is_gone_is_not_guessed),
		DISKS_TEST(a_device_that_is_gone_greys),
		DISKS_TEST(a_device_that_nobody_here_can_tell_greys),
		DISKS_TEST(a_search_makes_up_for_such_a_device),
		DISKS_TEST(an_efi_partition_leads_to_the_other),
		DISKS_TEST(blscfg_makes_entries_of_files),
		DISKS_TEST(without_an_environment_the_script_says_the_options),
		DISKS_TEST(a_file_without_options_takes_the_default_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
