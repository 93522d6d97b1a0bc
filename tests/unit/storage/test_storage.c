// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks found, mounted without a write, and taken down in the right order; device events. */
#include "unit/fake/fake_ops.h"

#include "storage/assemble.h"
#include "storage/disks.h"
#include "storage/kinds.h"
#include "storage/takedown.h"
#include "sys/uevent.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

static void add_disk(struct fake *fake, const char *name, const char *sectors)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "/sys/devices/d/block/%s/size", name);
	fake_file(fake, path, sectors);
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	snprintf(target, sizeof(target), "../../devices/d/block/%s", name);
	fake_link(fake, path, target);
}

static void add_attribute(struct fake *fake, const char *name, const char *attribute,
			  const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/devices/d/block/%s/%s", name, attribute);
	fake_file(fake, path, text);
}

static void add_partition(struct fake *fake, const char *disk, const char *name)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "/sys/devices/d/block/%s/%s/size", disk, name);
	fake_file(fake, path, "2048\n");
	snprintf(path, sizeof(path), "/sys/devices/d/block/%s/%s/partition", disk, name);
	fake_file(fake, path, "1\n");
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	snprintf(target, sizeof(target), "../../devices/d/block/%s/%s", disk, name);
	fake_link(fake, path, target);
}

#define EVENT                                                                                      \
	"add@/devices/d/block/sda\0ACTION=add\0DEVPATH=/devices/d/block/sda\0SUBSYSTEM=block\0"    \
	"DEVTYPE=disk\0SEQNUM=7\0"

static void test_event_is_taken_apart(void **state)
{
	struct uevent event;

	assert_true(uevent_parse(EVENT, sizeof(EVENT) - 1, &event));
	assert_string_equal(event.action, "add");
	assert_string_equal(event.devpath, "/devices/d/block/sda");
	assert_string_equal(event.subsystem, "block");
	assert_string_equal(event.devtype, "disk");
	assert_string_equal(event.modalias, "");
}

static void test_what_is_no_event_of_the_kernel(void **state)
{
	struct uevent event;

	assert_false(uevent_parse("", 0, &event));
	assert_false(uevent_parse("libudev", 8, &event));
	assert_false(uevent_parse("add@/a\0ACTION=add", 17, &event)); /* no NUL at its end */
	assert_false(uevent_parse("add@/a", 7, &event));
	assert_false(uevent_parse("add@a\0ACTION=add\0DEVPATH=a", 27, &event));
}

static void test_disks_that_may_hold_a_system(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct disk_facts disk;

	add_disk(fake, "sda", "4096\n");
	add_partition(fake, "sda", "sda1");
	add_disk(fake, "ram0", "4096\n");
	add_disk(fake, "loop0", "0\n");
	add_disk(fake, "nvme0c0n1", "4096\n");
	add_attribute(fake, "nvme0c0n1", "hidden", "1\n");
	assert_int_equal(disk_look(fake->sys.root, "sda", &disk), 0);
	assert_true(disk.has_partitions);
	assert_string_equal(disk.whole, "sda");
	assert_int_equal(disk_look(fake->sys.root, "sda1", &disk), 0);
	assert_false(disk.has_partitions);
	assert_string_equal(disk.whole, "sda");
	assert_int_equal(disk.partition, 1);
	assert_int_equal(disk_look(fake->sys.root, "ram0", &disk), -ENXIO);
	assert_int_equal(disk_look(fake->sys.root, "loop0", &disk), -ENXIO);
	assert_int_equal(disk_look(fake->sys.root, "nvme0c0n1", &disk), -ENXIO);
	assert_int_equal(disk_look(fake->sys.root, "sdb", &disk), -ENOENT);
	fake_free(fake);
}

static void add_disk_at(struct fake *fake, const char *name, const char *place)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "/sys/devices/%s/block/%s/size", place, name);
	fake_file(fake, path, "4096\n");
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	snprintf(target, sizeof(target), "../../devices/%s/block/%s", place, name);
	fake_link(fake, path, target);
}

static const char *class_of(struct fake *fake, const char *name)
{
	return disk_class_name(disk_class_find(fake->sys.root, name));
}

static void test_what_is_part_of_the_machine_and_what_was_plugged_in(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	add_disk_at(fake, "nvme0n1", "pci0000:00/0000:00:01.0/nvme/nvme0");
	add_disk_at(fake, "sda", "pci0000:00/0000:00:02.0/ata1/host0");
	add_disk_at(fake, "sdb", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6");
	add_disk_at(fake, "sdc", "pci0000:00/usbish/ata2");
	fake_file(fake, "/sys/devices/pci0000:00/usbish/ata2/block/sdc/removable", "1\n");
	add_disk_at(fake, "sr0", "pci0000:00/0000:00:14.0/usb1/1-3/host7");
	add_disk_at(fake, "mmcblk0", "mmc_host/mmc0/mmc0:0001");
	fake_file(fake, "/sys/devices/mmc_host/mmc0/mmc0:0001/block/mmcblk0/device/type", "MMC\n");
	add_disk_at(fake, "mmcblk1", "mmc_host/mmc1/mmc1:aaaa");
	fake_file(fake, "/sys/devices/mmc_host/mmc1/mmc1:aaaa/block/mmcblk1/device/type", "SD\n");
	assert_string_equal(class_of(fake, "nvme0n1"), "fixed");
	assert_string_equal(class_of(fake, "sda"), "fixed");
	assert_string_equal(class_of(fake, "sdb"), "usb");
	assert_string_equal(class_of(fake, "sdc"), "removable");
	assert_string_equal(class_of(fake, "sr0"), "cd");
	assert_string_equal(class_of(fake, "mmcblk0"), "fixed");
	assert_string_equal(class_of(fake, "mmcblk1"), "card");
	fake_free(fake);
}

static void test_a_volume_is_what_its_members_are(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	add_disk_at(fake, "sda", "pci0000:00/0000:00:02.0/ata1/host0");
	add_disk_at(fake, "sdb", "pci0000:00/0000:00:14.0/usb1/1-2/host6");
	add_disk_at(fake, "md0", "virtual");
	add_disk_at(fake, "dm-0", "virtual");
	fake_dir(fake, "/sys/devices/virtual/block/dm-0/slaves/md0");
	fake_dir(fake, "/sys/devices/virtual/block/md0/slaves/sda");
	assert_string_equal(class_of(fake, "dm-0"), "fixed");
	fake_dir(fake, "/sys/devices/virtual/block/md0/slaves/sdb");
	assert_string_equal(class_of(fake, "dm-0"), "usb");
	/* A loop, which sysfs never has. */
	fake_dir(fake, "/sys/devices/virtual/block/md0/slaves/dm-0");
	assert_non_null(class_of(fake, "dm-0"));
	fake_free(fake);
}

static void test_another_disk_of_the_same_name(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct disk_facts disk;

	add_disk(fake, "sda", "4096\n");
	add_partition(fake, "sda", "sda1");
	add_attribute(fake, "sda", "diskseq", "7\n");
	assert_int_equal(disk_look(fake->sys.root, "sda1", &disk), 0);
	assert_true(disk_is_same(fake->sys.root, &disk));
	add_attribute(fake, "sda", "diskseq", "8\n");
	assert_false(disk_is_same(fake->sys.root, &disk));
	strcpy(disk.name, "sdb1");
	assert_false(disk_is_same(fake->sys.root, &disk));
	fake_free(fake);
}

static void test_a_disk_is_found_by_its_device_number(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct disk_facts disk;
	char mapped[16];

	add_disk(fake, "sda", "4096\n");
	add_partition(fake, "sda", "sda1");
	fake_link(fake, "/sys/dev/block/8:1", "../../devices/d/block/sda/sda1");
	assert_int_equal(disk_find(fake->sys.root, makedev(8, 1), &disk), 0);
	assert_string_equal(disk.name, "sda1");
	assert_string_equal(disk.whole, "sda");
	assert_int_equal(disk_find(fake->sys.root, makedev(8, 2), &disk), -ENOENT);
	assert_true(disk_mapped_name(fake->sys.root, "sda1", mapped, sizeof(mapped)) < 0);
	add_disk(fake, "dm-0", "4096\n");
	add_attribute(fake, "dm-0", "dm/name", "vg-root\n");
	assert_int_equal(disk_mapped_name(fake->sys.root, "dm-0", mapped, sizeof(mapped)), 0);
	assert_string_equal(mapped, "vg-root");
	fake_free(fake);
}

static void test_disks_are_listed_by_number(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	char(*names)[DISK_NAME_SIZE];
	size_t count;

	add_disk(fake, "nvme10n1", "1\n");
	add_disk(fake, "nvme2n1", "1\n");
	assert_int_equal(disk_list(fake->sys.root, &names, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(names[0], "nvme2n1");
	free(names);
	fake_free(fake);
}

static void test_contents_that_are_not_booted_say_why(void **state)
{
	assert_int_equal(storage_type_find("crypto_LUKS")->kind, STORAGE_OTHER);
	assert_non_null(storage_type_find("crypto_LUKS")->reason);
	assert_int_equal(storage_type_find("swap")->kind, STORAGE_OTHER);
	assert_null(storage_type_find("swap")->reason);
	assert_int_equal(storage_type_find("linux_raid_member")->kind, STORAGE_MD);
	assert_int_equal(storage_type_find("")->kind, STORAGE_UNKNOWN);
}

static const char *const members[] = { "sda1", "sdb1" };

static void test_an_array_is_started_read_only(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct error e = ERROR_NONE;

	fake_file(fake, "/sys/module/md_mod/parameters/start_ro", "0\n");
	fake_file(fake, "/sys/class/block/md200/md/array_state", "readonly\n");
	assert_int_equal(assemble_md(&fake->sys, 200, members, 2, false, &e), 0);
	assert_int_equal(fake_log_find(fake, "write /sys/module/md_mod/parameters/start_ro 1 = 0"),
			 0);
	assert_int_equal(fake_log_find(fake, "run mdadm --assemble --readonly /dev/md200 "
					     "/dev/sda1 /dev/sdb1 = 0"),
			 1);
	fake_free(fake);
}

static void test_an_array_that_lacks_members_waits_for_them(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct error e = ERROR_NONE;

	fake_file(fake, "/sys/class/block/md200/md/array_state", "inactive\n");
	assert_int_equal(assemble_md(&fake->sys, 200, members, 1, false, &e), -EAGAIN);
	assert_int_equal(fake_log_count(fake, "write */md200/md/array_state clear = 0"), 1);
	assert_int_equal(assemble_md(&fake->sys, 200, members, 1, true, &e), -EIO);
	assert_int_equal(fake_log_count(fake, "run mdadm --assemble --readonly --run /dev/md200 "
					      "/dev/sda1 = 0"),
			 1);
	fake_free(fake);
}

#define MOUNTS                                                                                     \
	"1 1 0:2 / / rw - rootfs rootfs rw\n"                                                      \
	"2 1 253:0 / /run/kexit/mnt/dm-0 ro - ext4 /dev/dm-0 ro\n"                                 \
	"3 2 8:1 / /run/kexit/mnt/dm-0/a\\040b ro - vfat /dev/sda1 ro\n"                           \
	"4 1 0:40 /@ /run/kexit/mnt/sdc ro - btrfs /dev/sdc ro\n"                                  \
	"5 1 0:5 / /dev rw - devtmpfs devtmpfs rw\n"

/* ext4 on LVM on a partition of an md array of sda2 and sdb. */
static struct fake *stack(const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);

	add_disk(fake, "sda", "9999\n");
	add_disk(fake, "md127", "9999\n");
	add_attribute(fake, "md127", "md/array_state", "readonly\n");
	add_partition(fake, "md127", "md127p1");
	fake_file(fake, "/sys/devices/d/block/md127/md127p1/holders/dm-0", "");
	add_attribute(fake, "sda", "holders/md127", "");
	add_disk(fake, "dm-0", "9999\n");
	add_attribute(fake, "dm-0", "dm/name", "vg-root\n");
	fake_file(fake, "/proc/self/mountinfo", MOUNTS);
	return fake;
}

static void test_the_top_goes_first(void **state)
{
	static const struct takedown_step expected[] = {
		{ TAKEDOWN_MOUNT, "/run/kexit/mnt/dm-0", 1, false },
		{ TAKEDOWN_MOUNT, "/run/kexit/mnt/dm-0/a b", 0, false },
		{ TAKEDOWN_MOUNT, "/run/kexit/mnt/sdc", 0, false },
		{ TAKEDOWN_DM, "vg-root", 2, false },
		{ TAKEDOWN_MD, "md127", 3, false },
	};
	struct fake *fake = stack(NULL);
	struct arena *arena = arena_new();
	struct error e = ERROR_NONE;
	struct takedown_step *steps;
	size_t count;

	assert_int_equal(takedown_plan(fake->sys.root, NULL, arena, &steps, &count, &e), 0);
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(steps[i].kind, expected[i].kind);
		assert_string_equal(steps[i].subject, expected[i].subject);
		assert_int_equal(steps[i].level, expected[i].level);
	}
	arena_free(arena);
	fake_free(fake);
}

static void test_each_kind_is_taken_down_its_way(void **state)
{
	static const struct fake_fault faults[] = {
		{ "unmount", "/busy", FAKE_ERRNO, -EBUSY },
		{ "dm-remove", "gone", FAKE_ERRNO, -ENXIO },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	static const struct takedown_step busy = { TAKEDOWN_MOUNT, "/busy", 0, false };
	static const struct takedown_step gone = { TAKEDOWN_DM, "gone", 0, false };
	static const struct takedown_step array = { TAKEDOWN_MD, "md127", 0, false };
	struct fake *fake = stack(faults);
	struct error e = ERROR_NONE;

	assert_int_equal(takedown_step_run(&fake->sys, &busy, &e), -EBUSY);
	assert_non_null(strstr(e.text, "/busy: cannot be unmounted: EBUSY"));
	assert_int_equal(takedown_step_run(&fake->sys, &gone, &e), 0);
	assert_int_equal(takedown_step_run(&fake->sys, &array, &e), 0);
	assert_int_equal(
		fake_log_count(fake, "write /sys/class/block/md127/md/array_state clear = 0"), 1);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event_is_taken_apart),
		cmocka_unit_test(test_what_is_no_event_of_the_kernel),
		cmocka_unit_test(test_disks_that_may_hold_a_system),
		cmocka_unit_test(test_what_is_part_of_the_machine_and_what_was_plugged_in),
		cmocka_unit_test(test_a_volume_is_what_its_members_are),
		cmocka_unit_test(test_another_disk_of_the_same_name),
		cmocka_unit_test(test_a_disk_is_found_by_its_device_number),
		cmocka_unit_test(test_disks_are_listed_by_number),
		cmocka_unit_test(test_contents_that_are_not_booted_say_why),
		cmocka_unit_test(test_an_array_is_started_read_only),
		cmocka_unit_test(test_an_array_that_lacks_members_waits_for_them),
		cmocka_unit_test(test_the_top_goes_first),
		cmocka_unit_test(test_each_kind_is_taken_down_its_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
