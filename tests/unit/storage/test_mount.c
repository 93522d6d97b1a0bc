// SPDX-License-Identifier: GPL-2.0-or-later
/* File systems mounted as they are, or with their journals replayed in RAM. */
#include "unit/fake/fake_ops.h"

#include "storage/disks.h"
#include "storage/kinds.h"
#include "storage/mount.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A machine with sda1 of 4 MiB and sdb1, and so much free memory in KiB. */
static struct fake *machine(const char *available, const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);
	char text[64];

	snprintf(text, sizeof(text), "MemTotal: 9 kB\nMemAvailable: %s kB\n", available);
	fake_file(fake, "/proc/meminfo", text);
	fake_file(fake, "/sys/class/block/sda1/dev", "8:1\n");
	fake_file(fake, "/sys/class/block/sda1/size", "8192\n");
	fake_file(fake, "/sys/class/block/sdb1/dev", "8:17\n");
	fake_file(fake, "/sys/class/block/sdb1/size", "8192\n");
	return fake;
}

/* ext4's superblock: s_magic, and whether EXT4_FEATURE_INCOMPAT_RECOVER is among s_feature_incompat. */
static void put_ext4(struct fake *fake, const char *path, bool is_dirty)
{
	unsigned char disk[2048] = { 0 };

	disk[1024 + 0x38] = 0x53;
	disk[1024 + 0x39] = 0xef;
	disk[1024 + 0x60] = (unsigned char)(0x42 | (is_dirty ? 4 : 0));
	fake_bytes(fake, path, disk, sizeof(disk));
}

static void put_btrfs(struct fake *fake, const char *path, bool is_dirty)
{
	unsigned char *disk = calloc(1, 65536 + 4096);

	assert_non_null(disk);
	memcpy(disk + 65536 + 0x40, "_BHRfS_M", 8);
	disk[65536 + 0x62] = is_dirty;
	fake_bytes(fake, path, disk, 65536 + 4096);
	free(disk);
}

static int load(const char *name)
{
	return 0;
}

static const char *const disks[] = { "sda1", "sdb1" };

struct outcome {
	int r;
	struct mount_source source;
	struct error note, e;
};

static struct outcome mounted(struct fake *fake, const char *type, size_t count)
{
	struct outcome o = { .r = 0 };

	o.r = storage_mount_recent(&fake->sys, disks, count, storage_type_find(type), NULL, "/m",
				   load, &o.source, &o.note, &o.e);
	return o;
}

/* Each journal has its own word for "leave it"; without it a mount writes although it is ro. */
static void a_clean_journal_is_left_alone(void **state)
{
	struct fake *fake = machine("800000", NULL);

	put_ext4(fake, "/dev/sda1", false);
	assert_string_equal(mounted(fake, "ext3", 1).source.disk, "sda1");
	put_btrfs(fake, "/dev/sda1", false);
	assert_string_equal(mounted(fake, "btrfs", 1).source.options, "rescue=nologreplay");
	assert_int_equal(fake_log_count(fake, "mount /dev/sda1 /m ext4 noload = 0"), 1);
	assert_int_equal(fake_log_count(fake, "mount /dev/sda1 /m btrfs rescue=nologreplay = 0"),
			 1);
	assert_int_equal(fake_log_count(fake, "dm-create *"), 0);
	fake_free(fake);
}

static void more_options_come_behind(void **state)
{
	const struct mount_source source = { "sda1", "rescue=nologreplay" };
	const struct mount_source bare = { "dm-7", "" };
	struct fake *fake = machine("800000", NULL);
	struct error e = ERROR_NONE;

	assert_int_equal(storage_mount(&fake->sys, &source, storage_type_find("btrfs"),
				       "subvolid=5", "/m", &e),
			 0);
	assert_int_equal(storage_mount(&fake->sys, &bare, storage_type_find("btrfs"), "subvolid=5",
				       "/m", &e),
			 0);
	assert_int_equal(fake_log_find(fake, "mount /dev/sda1 /m btrfs "
					     "rescue=nologreplay,subvolid=5 = 0"),
			 0);
	assert_int_equal(fake_log_find(fake, "mount /dev/dm-7 /m btrfs subvolid=5 = 0"), 1);
	fake_free(fake);
}

/* An eighth of the free memory: 800000 KiB / 8, in whole pages. */
static void a_dirty_journal_is_replayed_into_memory(void **state)
{
	struct fake *fake = machine("800000", NULL);
	struct outcome o;

	put_ext4(fake, "/dev/sda1", true);
	o = mounted(fake, "ext4", 1);
	assert_int_equal(o.r, 0);
	assert_string_equal(o.source.disk, "dm-7");
	assert_int_equal(o.note.code, 0);
	assert_int_equal(fake_log_find(fake, "ram-disk kexit-overlay 102400000 = 0"), 0);
	assert_int_equal(fake_log_find(fake, "dm-create kexit-sda1 KEXIT-sda1 rw 0 8192 snapshot "
					     "8:1 7:3 N 8; = 0"),
			 1);
	assert_int_equal(fake_log_find(fake, "mount /dev/dm-7 /m ext4  = 0"), 2);
	assert_int_equal(fake_log_count(fake, "mount /dev/sda1 *"), 0);
	fake_free(fake);
}

static void no_more_memory_is_taken_than_is_free(void **state)
{
	struct fake *much = machine("99999999", NULL), *little = machine("65535", NULL);
	struct outcome o;

	put_ext4(much, "/dev/sda1", true);
	mounted(much, "ext4", 1);
	assert_int_equal(fake_log_count(much, "ram-disk kexit-overlay 536870912 = 0"), 1);
	put_ext4(little, "/dev/sda1", true);
	o = mounted(little, "ext4", 1);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.note.code, -ENOMEM);
	assert_int_equal(fake_log_count(little, "ram-disk *"), 0);
	assert_int_equal(fake_log_count(little, "mount /dev/sda1 /m ext4 noload = 0"), 1);
	fake_free(much);
	fake_free(little);
}

/* What cannot be replayed is shown as it is on the disk, and that is said; nothing is left behind. */
static void where_it_cannot_be_replayed_that_is_told(void **state)
{
	static const struct {
		struct fake_fault faults[2];
		const char *told;
	} cases[] = {
		{ { { "ram-disk", "*", FAKE_ERRNO, -ENOENT } }, "no disk in RAM (loop)" },
		{ { { "dm-create", "*", FAKE_ERRNO, -EINVAL } }, "no snapshot (dm-snapshot)" },
		{ { { "mount", "/dev/dm-7", FAKE_ERRNO, -EIO } }, "dm-7: ext4 cannot be mounted" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *fake = machine("800000", cases[i].faults);
		struct outcome o;

		put_ext4(fake, "/dev/sda1", true);
		o = mounted(fake, "ext4", 1);
		assert_int_equal(o.r, 0);
		assert_string_equal(o.source.disk, "sda1");
		assert_int_equal(o.note.code, cases[i].faults[0].code);
		assert_non_null(strstr(o.note.text, "sda1 was not unmounted, and is shown as "
						    "before its last changes: "));
		assert_non_null(strstr(o.note.text, cases[i].told));
		assert_int_equal(fake_log_count(fake, "mount /dev/sda1 /m ext4 noload = 0"), 1);
		assert_int_equal(fake_log_count(fake, "loop-clear loop3 = 0"), i == 1);
		assert_int_equal(fake_log_count(fake, "dm-remove kexit-sda1 = 0"), i == 2);
		fake_free(fake);
	}
}

/* XFS has no mark; the kernel refuses a log on a read-only disk, and only then there is a layer. */
static void the_kernel_is_asked_about_xfs(void **state)
{
	static const struct fake_fault dirty[] = {
		{ "mount", "/dev/sda1", FAKE_ERRNO, -EROFS },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *clean = machine("800000", NULL), *other = machine("800000", dirty);

	assert_string_equal(mounted(clean, "xfs", 1).source.disk, "sda1");
	assert_int_equal(fake_log_count(clean, "mount *"), 1);
	assert_int_equal(fake_log_count(clean, "mount /dev/sda1 /m xfs nouuid = 0"), 1);
	assert_string_equal(mounted(other, "xfs", 1).source.disk, "dm-7");
	assert_int_equal(fake_log_count(other, "mount /dev/dm-7 /m xfs nouuid = 0"), 1);
	fake_free(clean);
	fake_free(other);
}

/* One that is damaged, or newer than the kernel, is no case for a replay. */
static void another_fault_of_xfs_is_none_of_its_log(void **state)
{
	static const struct fake_fault faults[] = {
		{ "mount", "/dev/sda1", FAKE_ERRNO, -EUCLEAN },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = machine("800000", faults);
	struct outcome o = mounted(fake, "xfs", 1);

	assert_int_equal(o.r, -EUCLEAN);
	assert_int_equal(o.note.code, 0);
	assert_non_null(strstr(o.e.text, "sda1: xfs cannot be mounted: EUCLEAN"));
	assert_int_equal(fake_log_count(fake, "mount /dev/sda1 /m xfs norecovery,nouuid = *"), 1);
	assert_int_equal(fake_log_count(fake, "dm-create *"), 0);
	fake_free(fake);
}

/* Each member in a layer, and the kernel told, before one of them is mounted. */
static void a_btrfs_on_two_disks_has_two_layers(void **state)
{
	struct fake *fake = machine("800000", NULL);

	put_btrfs(fake, "/dev/sda1", true);
	assert_int_equal(mounted(fake, "btrfs", 2).r, 0);
	assert_int_equal(fake_log_count(fake, "dm-create kexit-sda1 *"), 1);
	assert_int_equal(fake_log_count(fake, "dm-create kexit-sdb1 *"), 1);
	assert_int_equal(fake_log_count(fake, "btrfs-ready dm-7 = 0"), 2);
	assert_int_equal(fake_log_find(fake, "mount /dev/dm-7 /m btrfs  = 0"), 6);
	fake_free(fake);
}

static void a_kernel_without_the_file_system_is_told(void **state)
{
	static const struct fake_fault faults[] = {
		{ "mount", "/dev/sda1", FAKE_ERRNO, -ENODEV },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = machine("800000", faults);
	struct outcome o = mounted(fake, "udf", 1);

	assert_int_equal(o.r, -ENODEV);
	assert_non_null(strstr(o.e.text, "sda1: this kernel cannot read udf"));
	fake_free(fake);
}

/* The menu neither looks into a layer nor takes its disk for one that something else uses. */
static void a_layer_is_no_disk_of_the_machine(void **state)
{
	struct fake *fake = machine("800000", NULL);
	struct disk_facts disk;

	put_ext4(fake, "/dev/sda1", true);
	mounted(fake, "ext4", 1);
	fake_file(fake, "/sys/class/block/dm-7/size", "8192\n");
	fake_file(fake, "/sys/class/block/loop3/size", "8192\n");
	fake_file(fake, "/sys/class/block/loop3/loop/backing_file",
		  "/memfd:kexit-overlay (deleted)\n");
	fake_file(fake, "/sys/class/block/sda1/holders/dm-7", "");
	assert_int_equal(disk_look(fake->sys.root, "dm-7", &disk), -ENXIO);
	assert_int_equal(disk_look(fake->sys.root, "loop3", &disk), -ENXIO);
	assert_int_equal(disk_look(fake->sys.root, "sda1", &disk), 0);
	assert_false(disk.is_held);
	fake_file(fake, "/sys/class/block/sda1/holders/md0", "");
	assert_int_equal(disk_look(fake->sys.root, "sda1", &disk), 0);
	assert_true(disk.is_held);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_journal_is_left_alone),
		cmocka_unit_test(more_options_come_behind),
		cmocka_unit_test(a_dirty_journal_is_replayed_into_memory),
		cmocka_unit_test(no_more_memory_is_taken_than_is_free),
		cmocka_unit_test(where_it_cannot_be_replayed_that_is_told),
		cmocka_unit_test(the_kernel_is_asked_about_xfs),
		cmocka_unit_test(another_fault_of_xfs_is_none_of_its_log),
		cmocka_unit_test(a_btrfs_on_two_disks_has_two_layers),
		cmocka_unit_test(a_kernel_without_the_file_system_is_told),
		cmocka_unit_test(a_layer_is_no_disk_of_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
