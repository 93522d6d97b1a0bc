// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configurations for which GRUB's own way is not the next best one: what its menu is then, and what it
 * boots. Where grub-emu 2.06 (Debian's) can be asked it was; blscfg and uki are by their source,
 * rhboot/grub2's commands/blscfg.c and GRUB 2.14's commands/blsuki.c.
 */
#include "unit/entry/test_entry_bench.h"
#include "unit/fake/fake_uki.h"

#include "format/grub_order.h"

#define CONFIG "/boot/grub/grub.cfg"

static void read_config(struct bench *b, const char *text)
{
	bench_file(b, "/boot/vmlinuz", "kernel");
	bench_file(b, "/boot/initrd", "initrd");
	bench_file(b, CONFIG, text);
	bench_read(b);
}

static void assert_default(const struct bench *b, const char *id)
{
	assert_non_null(b->list->preferred);
	assert_string_equal(b->list->preferred->id, id);
}

/*
 * search: the next word is the variable, unless it begins with "-"; the only word there is is the file.
 */

static void search_takes_its_variable_as_a_word(void **state)
{
	static const char *const ways[] = {
		"--set v --file /boot/vmlinuz",
		"--file /boot/vmlinuz --set v",
		"-s v -f /boot/vmlinuz",
		"-f /boot/vmlinuz -s v --no-floppy",
		"--set=v -f /boot/vmlinuz",
		"-nfs v /boot/vmlinuz",
		"--hint hd0 --file --set v /boot/vmlinuz",
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct bench *b;
		char text[256];

		bench_set_up((void **)&b);
		snprintf(text, sizeof(text),
			 "search %s\nmenuentry a { linux ($v)/boot/vmlinuz\n}\n", ways[i]);
		read_config(b, text);
		if (bench_find(b, "a")->greyed)
			print_message("%s\n", ways[i]);
		assert_null(bench_find(b, "a")->greyed);
		bench_tear_down((void **)&b);
	}
}

static void search_without_a_variable_sets_the_root(void **state)
{
	struct bench *b = *state;

	read_config(b, "set root=\nsearch -f --set /boot/vmlinuz\nmenuentry \"$?\" { linux "
		       "/boot/vmlinuz\n}\n");
	assert_null(bench_find(b, "0")->greyed);
}

/*
 * Outside of a menu.
 */

/* All that Mender's devices have. */
static void what_is_booted_at_once_is_an_entry(void **state)
{
	struct bench *b = *state;

	read_config(b, "set timeout=5\nset k=/boot/vmlinuz\nmenuentry other { linux $k\n}\n"
		       "if linux /boot/gone; then boot; fi\n"
		       "if linux $k root=/dev/sda1; then\nif test -e /boot/initrd; then\n"
		       "initrd /boot/initrd\nfi\nboot\nfi\n");
	assert_default(b, "vmlinuz");
	assert_string_equal(b->list->preferred->options, "root=/dev/sda1");
	assert_int_equal(b->list->preferred->initrd_count, 1);
	assert_int_equal(b->list->timeout, 0);
}

static void a_kernel_that_is_not_booted_is_no_entry(void **state)
{
	struct bench *b = *state;

	read_config(b, "linux /boot/vmlinuz\nmenuentry a { linux /boot/vmlinuz\n}\n");
	assert_order(b, "a");
}

static void a_script_that_leaves_has_no_default(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry a { linux /boot/vmlinuz\n}\nreboot\n");
	assert_null(b->list->preferred);
	assert_string_equal(b->list->withheld,
			    "its default is " CONFIG ":3: it restarts the machine");
}

/*
 * Defaults that are no kernel.
 */

static void another_boot_loader_is_a_default_all_the_same(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry w { chainloader +1\n}\nmenuentry a { linux /boot/vmlinuz\n}\n");
	assert_null(b->list->preferred);
	assert_true(bench_find(b, "w")->leads_away);
}

static void a_first_entry_that_is_broken_by_accident_is_passed_over(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry w { linux /boot/gone\n}\nmenuentry a { linux /boot/vmlinuz\n}\n");
	assert_default(b, "a");
}

static void programs_of_a_bios_are_no_kernels(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/memdisk", "x");
	bench_file(b, "/boot/memtest86+.bin", "x");
	read_config(b, "menuentry a { linux16 /boot/memdisk iso\ninitrd16 /boot/initrd\n}\n"
		       "menuentry b { linux16 /boot/memtest86+.bin\n}\n");
	assert_string_equal(bench_find(b, "a")->greyed,
			    CONFIG ":1: memdisk needs a BIOS, which is gone by now");
	assert_true(bench_find(b, "a")->leads_away);
	assert_string_equal(bench_find(b, "b")->greyed,
			    CONFIG ":4: it tests the memory, and kexit loads Linux kernels");
	assert_null(b->list->preferred);
}

/*
 * Devices and places.
 */

static void an_image_under_a_name_used_before_is_another(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry a { loopback loop /one.iso\nlinux (loop)/vmlinuz\n}\n"
		       "menuentry b { loopback loop /two.iso\nlinux (loop)/vmlinuz\n}\n");
	assert_string_equal(bench_find(b, "b")->greyed,
			    CONFIG ":5: what is inside the image file /two.iso is not here");
}

static void a_folder_of_efi_may_be_in_small_letters(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/bzImage", "kernel");
	bench_file(b, "/efi/boot/grub.cfg", "menuentry 'boot'{\nlinux /bzImage console=ttyS0\n}\n");
	bench_read(b);
	assert_default(b, "boot");
}

/* Of all that is around it the command line alone knows what the subvolume is called. */
static void a_subvolume_of_any_name_is_left_out_of_paths(void **state)
{
	struct bench *b = *state;

	read_config(
		b, "menuentry a { linux /root/boot/vmlinuz ro rootflags=compress=zstd,subvol=root\n"
		   "initrd /root/boot/initrd\n}\n"
		   "menuentry b { linux /root/boot/vmlinuz rootflags=subvol=other\n}\n"
		   "menuentry c { linux /root/boot/vmlinuz rootflags=subvol=/root,ro quiet\n}\n");
	assert_string_equal(bench_find(b, "a")->kernel.path, "/boot/vmlinuz");
	assert_string_equal(bench_find(b, "a")->initrds[0].path, "/boot/initrd");
	assert_null(bench_find(b, "a")->greyed);
	assert_string_equal(bench_find(b, "b")->greyed,
			    "the kernel /root/boot/vmlinuz is not there");
	assert_null(bench_find(b, "c")->greyed);
}

static const char *uuid_of(const struct entry_source *source, const struct fsroot *root)
{
	return source->root == root ? "12ab-34cd" : NULL;
}

static void probe_tells_the_uuid_that_is_known(void **state)
{
	struct bench *b = *state;

	b->source.uuid = uuid_of;
	read_config(b, "probe -u $root --set=u\nprobe --set t --fs ($root)\n"
		       "menuentry a { linux /boot/vmlinuz root=UUID=$u\n}\n"
		       "menuentry b { linux /boot/vmlinuz rootfstype=$t\n}\n");
	assert_string_equal(bench_find(b, "a")->options, "root=UUID=12ab-34cd");
	assert_non_null(bench_find(b, "b")->greyed);
}

/* "x$v" with blanks around the value, as grub-emu has it. */
static void blanks_of_a_value_part_what_is_within_it(void **state)
{
	struct bench *b = *state;

	read_config(b, "set v=' c d '\nmenuentry a { linux /boot/vmlinuz x$v y${v}z\n}\n");
	assert_string_equal(bench_find(b, "a")->options, "xc d yc dz");
}

/*
 * blscfg.
 */

static void add_snippets(struct bench *b)
{
	bench_file(b, "/loader/entries/a-1-1.conf", "title A1\nversion 9\nlinux /boot/vmlinuz\n");
	bench_file(b, "/loader/entries/b-1-1.conf", "title B1\nlinux /boot/vmlinuz\n");
	bench_file(b, "/loader/entries/b-2-1.conf", "title B2\nlinux /boot/vmlinuz\n");
	bench_file(b, "/other/c.conf", "title C\nlinux /boot/vmlinuz\n");
}

static void blscfg_shows_what_its_arguments_say(void **state)
{
	static const struct {
		const char *script, *titles;
	} cases[] = {
		{ "blscfg", "B2 B1 A1" },
		{ "set default=b-1-1; blscfg default", "B1" },
		{ "set default=b-1-1; blscfg non-default; blscfg default", "B2 A1 B1" },
		{ "set default=2; blscfg default", "A1" },
		{ "blscfg a-1-1", "A1" },
		{ "blscfg; blscfg", "B2 B1 A1" },
		{ "blscfg ($root)/other", "C" },
		{ "blscfg ($root)/other/c.conf", "C" },
		{ "set blsdir=/other; blscfg", "C" },
		{ "set boot=nothing; blscfg", "B2 B1 A1" },
		{ "blscfg --path /other", "C" },
		{ "blscfg --path /other --enable-fallback", "C" },
		{ "blscfg -p /gone -f", "B2 B1 A1" },
		{ "blscfg -p /gone", "" },
		{ "set default=B1; blscfg --show-default", "B1" },
		{ "set default=B1; blscfg -n", "B2 A1" },
		{ "blscfg --entry b-2-1.conf", "B2" },
		{ "set default=B1; blscfg -d -e a-1-1.conf", "B1 A1" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256], titles[256] = "";
		struct bench *b;

		bench_set_up((void **)&b);
		add_snippets(b);
		bench_file(b, "/boot/vmlinuz", "kernel");
		snprintf(text, sizeof(text), "%s\n", cases[i].script);
		bench_file(b, CONFIG, text);
		assert_int_equal(grub_read(&b->source, b->list), 0);
		for (size_t j = 0; j < b->list->count; j++)
			snprintf(titles + strlen(titles), sizeof(titles) - strlen(titles), "%s%s",
				 j ? " " : "", b->list->entries[j]->title);
		if (strcmp(titles, cases[i].titles) != 0)
			print_message("%s\n", cases[i].script);
		assert_string_equal(titles, cases[i].titles);
		bench_tear_down((void **)&b);
	}
}

static void blscfg_knows_early_initrds_and_device_trees(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/microcode", "initrd");
	bench_file(b, "/boot/board.dtb", "tree");
	bench_file(b, "/loader/entries/a.conf",
		   "title A\nlinux /boot/vmlinuz\ninitrd /boot/initrd\noptions $x root=1 $y$x.\n");
	read_config(b,
		    "set early_initrd=microcode\nset devicetree=board.dtb\nset x=quiet\nblscfg\n");
	assert_int_equal(bench_find(b, "a")->initrd_count, 2);
	assert_string_equal(bench_find(b, "a")->initrds[0].path, "/boot/microcode");
	assert_string_equal(bench_find(b, "a")->devicetree.path, "/boot/board.dtb");
	assert_string_equal(bench_find(b, "a")->options, "quiet root=1 quiet .");
}

/* grub_file_getline() and what is made of it: an empty line ends the file. */
static void an_empty_line_ends_a_file_of_blscfg(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/loader/entries/a.conf",
		   "# a comment\r\ntitle A\r\nlinux /boot/vmlinuz\n\noptions lost\n");
	read_config(b, "blscfg\n");
	assert_null(bench_find(b, "a")->options);
}

static void uki_shows_unified_images(void **state)
{
	static const struct fake_section sections[] = {
		{ ".osrel", "PRETTY_NAME=\"Image\"\n", 0 },
		{ ".cmdline", "root=1", 0 },
		{ ".linux", "kernel", 0 },
	};
	struct bench *b = *state;
	size_t size;
	unsigned char *image = fake_uki(0x8664, sections, 3, 0, &size);

	fake_bytes(b->fake, "/images/a.efi", image, size);
	free(image);
	read_config(b, "uki --path /images\n");
	assert_default(b, "a.efi");
	assert_string_equal(b->list->preferred->title, "Image");
	assert_string_equal(b->list->preferred->options, "root=1");
}

/* Pairs in their order, by rpm's rule and by filevercmp()'s. */
static void names_are_ordered_as_their_grub_does(void **state)
{
	static const char *const packages[][2] = {
		{ "a-1-1", "a-1-2" },	  { "a-2-1", "a-10-1" },    { "a-9-9", "b-1-1" },
		{ "a-1~rc1-1", "a-1-1" }, { "a-1-1", "a-1+git-1" }, { "a-1.a-1", "a-1.1-1" },
		{ "a-01-1", "a-2-1" },	  { "a-1-1", "a-1.0-1" },   { "x", "y" },
	};
	static const char *const files[][2] = {
		{ "a-1.conf", "a-2.conf" },	 { "a-9.conf", "a-10.conf" },
		{ "a-1.2.conf", "a-1.10.conf" }, { "a~.conf", "a.conf" },
		{ "a.conf", "a-1.conf" },	 { "a-6.1.0-1.x86_64.conf", "b-1.conf" },
	};

	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		assert_true(grub_order_packages(packages[i][0], packages[i][1]) < 0);
		assert_true(grub_order_packages(packages[i][1], packages[i][0]) > 0);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_true(grub_order_files(files[i][0], files[i][1]) < 0);
		assert_true(grub_order_files(files[i][1], files[i][0]) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(search_takes_its_variable_as_a_word),
		BENCH_TEST(search_without_a_variable_sets_the_root),
		BENCH_TEST(what_is_booted_at_once_is_an_entry),
		BENCH_TEST(a_kernel_that_is_not_booted_is_no_entry),
		BENCH_TEST(a_script_that_leaves_has_no_default),
		BENCH_TEST(another_boot_loader_is_a_default_all_the_same),
		BENCH_TEST(a_first_entry_that_is_broken_by_accident_is_passed_over),
		BENCH_TEST(programs_of_a_bios_are_no_kernels),
		BENCH_TEST(an_image_under_a_name_used_before_is_another),
		BENCH_TEST(a_folder_of_efi_may_be_in_small_letters),
		BENCH_TEST(a_subvolume_of_any_name_is_left_out_of_paths),
		BENCH_TEST(probe_tells_the_uuid_that_is_known),
		BENCH_TEST(blanks_of_a_value_part_what_is_within_it),
		cmocka_unit_test(blscfg_shows_what_its_arguments_say),
		BENCH_TEST(blscfg_knows_early_initrds_and_device_trees),
		BENCH_TEST(an_empty_line_ends_a_file_of_blscfg),
		BENCH_TEST(uki_shows_unified_images),
		cmocka_unit_test(names_are_ordered_as_their_grub_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
