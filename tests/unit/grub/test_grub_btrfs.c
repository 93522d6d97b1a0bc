// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * openSUSE's paths: below $btrfs_relative_path they begin in the default subvolume, and the entries
 * of a snapshot in that snapshot, whose kernel is the one that fits its modules.
 */
#include "unit/entry/test_entry_bench.h"

/* A btrfs as kexit-boot mounts it: from its top, the default subvolume a folder of it. */
#define DEFAULT	 "/@/.snapshots/1/snapshot"
#define SNAPSHOT "/@/.snapshots/12/snapshot"

static const char configuration[] =
	"set btrfs_relative_path=\"yes\"\nexport btrfs_relative_path\n"
	"btrfs-mount-subvol ($root) /.snapshots @/.snapshots\n"
	"menuentry 'openSUSE' --id simple {\n"
	"  search --no-floppy --fs-uuid --set=root 3333-4444\n"
	"  linux /boot/vmlinuz root=UUID=3333-4444 ${extra_cmdline} quiet\n"
	"  initrd /boot/initrd\n}\n"
	"if [ -f \"/.snapshots/grub-snapshot.cfg\" ]; then\n"
	"  source \"/.snapshots/grub-snapshot.cfg\"\nfi\n";

static const char snapshots[] =
	"if [ -z \"$extra_cmdline\" ]; then\n  submenu 'Start from a read-only snapshot' {\n"
	"    if [ -f '/.snapshots/12/snapshot/boot/grub2/grub.cfg' ]; then\n"
	"      saved_subvol=$btrfs_subvol\n"
	"      menuentry 'of March' '/.snapshots/12/snapshot' '@/.snapshots/12/snapshot' {\n"
	"        btrfs_subvol=\"$3\"\n        extra_cmdline=\"rootflags=subvol=$3\"\n"
	"        export extra_cmdline\n"
	"        configfile \"$2/boot/grub2/grub.cfg\"\n"
	"        btrfs_subvol=$saved_subvol\n      }\n    fi\n  }\nfi\n";

struct suse {
	struct bench *b;
	struct fsroot *subvolume;
};

static int find(const struct entry_source *source, enum entry_volume kind, const char *name,
		const struct fsroot **ret_root)
{
	const struct suse *suse = source->context;

	*ret_root = suse->b->root;
	return 0;
}

static int set_up(void **state)
{
	struct suse *suse = calloc(1, sizeof(*suse));
	char path[512];

	bench_set_up((void **)&suse->b);
	bench_file(suse->b, DEFAULT "/boot/vmlinuz", "kernel");
	bench_file(suse->b, DEFAULT "/boot/initrd", "initrd");
	bench_file(suse->b, DEFAULT "/boot/grub2/grub.cfg", configuration);
	bench_file(suse->b, "/@/.snapshots/grub-snapshot.cfg", snapshots);
	bench_file(suse->b, SNAPSHOT "/boot/grub2/grub.cfg", configuration);
	bench_file(suse->b, SNAPSHOT "/boot/vmlinuz", "older kernel");
	bench_file(suse->b, SNAPSHOT "/boot/initrd", "older initrd");
	snprintf(path, sizeof(path), "%s" DEFAULT, suse->b->fake->tree);
	assert_int_equal(fsroot_open(path, &suse->subvolume), 0);
	suse->b->source = (struct entry_source){
		.root = suse->subvolume,
		.top = suse->b->root,
		.find = find,
		.context = suse,
	};
	*state = suse;
	return 0;
}

static int tear_down(void **state)
{
	struct suse *suse = *state;

	fsroot_close(suse->subvolume);
	bench_tear_down((void **)&suse->b);
	free(suse);
	return 0;
}

static void an_entry_is_of_the_default_subvolume(void **state)
{
	struct suse *suse = *state;
	const struct entry *entry;

	bench_read(suse->b);
	entry = bench_find(suse->b, "simple");
	assert_null(entry->greyed);
	assert_ptr_equal(entry->kernel.root, suse->subvolume);
	assert_string_equal(entry->kernel.path, "/boot/vmlinuz");
	assert_string_equal(entry->options, "root=UUID=3333-4444 quiet");
	assert_true(entry->is_default);
}

static void a_snapshot_boots_its_own_kernel(void **state)
{
	struct suse *suse = *state;
	const struct entry *entry;

	bench_read(suse->b);
	entry = bench_find(suse->b, "simple#2");
	assert_null(entry->greyed);
	assert_ptr_equal(entry->kernel.root, suse->b->root);
	assert_string_equal(entry->kernel.path, SNAPSHOT "/boot/vmlinuz");
	assert_string_equal(entry->initrds[0].path, SNAPSHOT "/boot/initrd");
	assert_string_equal(entry->options,
			    "root=UUID=3333-4444 rootflags=subvol=@/.snapshots/12/snapshot quiet");
	assert_string_equal(entry->menus[1], "of March");
}

static void a_snapshot_without_a_kernel_takes_no_other(void **state)
{
	struct suse *suse = *state;
	char path[512];

	snprintf(path, sizeof(path), "%s" SNAPSHOT "/boot/vmlinuz", suse->b->fake->tree);
	assert_int_equal(remove(path), 0);
	bench_read(suse->b);
	assert_string_equal(bench_find(suse->b, "simple#2")->greyed,
			    "the kernel " SNAPSHOT "/boot/vmlinuz is not there");
}

/* As on the running system, where the subvolumes are mounted over each other and "@" is no folder. */
static void without_a_top_the_subvolume_is_where_it_is_mounted(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/grub2/grub.cfg", configuration);
	bench_file(b, "/boot/vmlinuz", "kernel");
	bench_file(b, "/boot/initrd", "initrd");
	bench_file(b, "/.snapshots/grub-snapshot.cfg", snapshots);
	bench_file(b, "/.snapshots/12/snapshot/boot/grub2/grub.cfg", configuration);
	bench_file(b, "/.snapshots/12/snapshot/boot/vmlinuz", "older kernel");
	bench_file(b, "/.snapshots/12/snapshot/boot/initrd", "older initrd");
	bench_read(b);
	assert_string_equal(bench_find(b, "simple")->kernel.path, "/boot/vmlinuz");
	assert_string_equal(bench_find(b, "simple#2")->kernel.path,
			    "/.snapshots/12/snapshot/boot/vmlinuz");
	assert_null(bench_find(b, "simple#2")->greyed);
}

#define SUSE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SUSE_TEST(an_entry_is_of_the_default_subvolume),
		SUSE_TEST(a_snapshot_boots_its_own_kernel),
		SUSE_TEST(a_snapshot_without_a_kernel_takes_no_other),
		BENCH_TEST(without_a_top_the_subvolume_is_where_it_is_mounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
