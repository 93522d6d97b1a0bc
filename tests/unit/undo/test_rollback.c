// SPDX-License-Identifier: GPL-2.0-or-later
/* Rollbacks of records on a fake machine: whole ones, half-done ones, and with things in the way. */
#include "unit/fake/fake_ops.h"

#include "undo/changes.h"
#include "undo/rollback.h"

#include <errno.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cmocka.h>

#define ROOT   "/devices/pci0000:00/"
#define NIC    ROOT "0000:00:03.0"
#define HBA    ROOT "0000:00:04.0"
#define VIRTIO ROOT "0000:00:05.0"

struct world {
	char dir[64]; /* the record's */
	struct fake *fake;
	struct record *record;
	struct rollback_result result;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/dev/shm/kexit-rollback-XXXXXX");
	if (!mkdtemp(w->dir) || record_create(w->dir, "quiesce", &w->record, NULL) < 0)
		return -1;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "record", "lock" };
	struct world *w = *state;
	char path[128];

	record_close(w->record);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", w->dir, names[i]);
		unlink(path);
	}
	rmdir(w->dir);
	fake_free(w->fake);
	json_decref(w->result.names);
	free(w);
	return 0;
}

/* A NIC, a disk controller with a disk, and a virtio function with its virtio device. */
static void build(struct world *w, const struct fake_fault *faults)
{
	w->fake = fake_new(NULL, faults);
	fake_device(w->fake, "/sys" NIC, "pci", "e1000e");
	fake_device(w->fake, "/sys" HBA, "pci", "ahci");
	fake_device(w->fake, "/sys" HBA "/ata1/host0/target0:0:0/0:0:0:0", "scsi", "sd");
	fake_device(w->fake, "/sys" VIRTIO, "pci", "virtio-pci");
	fake_device(w->fake, "/sys" VIRTIO "/virtio0", "virtio", "virtio_net");
	fake_file(w->fake, "/sys/bus/pci/drivers_autoprobe", "1\n");
	fake_file(w->fake, "/sys" NIC "/power/control", "auto\n");
}

static void will_release(struct world *w, const char *path, const char *driver)
{
	record_write(w->record, "release",
		     json_pack("{s:s s:s s:s s:s}", "device", path, "bus", "pci", "driver", driver,
			       "name", strrchr(path, '/') + 1));
}

static void is_released(struct world *w, const char *path)
{
	record_write(w->record, "released",
		     json_pack("{s:s s:s}", "device", path, "outcome", "released"));
}

static void release(struct world *w, const char *path, const char *driver)
{
	will_release(w, path, driver);
	assert_int_equal(sys_unbind(&w->fake->sys, "pci", driver, strrchr(path, '/') + 1), 0);
	is_released(w, path);
}

static void follow(struct world *w, const char *path, const char *bus, const char *driver)
{
	record_write(w->record, "follow",
		     json_pack("{s:s s:s s:s s:s}", "device", path, "bus", bus, "driver", driver,
			       "name", strrchr(path, '/') + 1));
}

static int roll_back(struct world *w)
{
	json_t *events;
	int code;

	json_decref(w->result.names);
	assert_int_equal(record_load(w->dir, false, &events, NULL), 0);
	code = rollback_run(&w->fake->sys, w->record, events, NULL, &w->result);
	json_decref(events);
	return code;
}

static bool is_needed(struct world *w)
{
	json_t *events;
	bool needed;

	assert_int_equal(record_load(w->dir, false, &events, NULL), 0);
	needed = rollback_is_needed(events);
	json_decref(events);
	return needed;
}

static bool is_bound(struct world *w, const char *path)
{
	char link[256];

	snprintf(link, sizeof(link), "/sys%s/driver", path);
	return sysroot_exists(w->fake->sys.root, link);
}

static const char *failure(struct world *w, size_t at)
{
	return json_string_value(json_array_get(w->result.names, at)) ?: "";
}

static void test_released_devices_are_bound_again(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	release(w, NIC, "e1000e");
	release(w, HBA, "ahci");
	assert_true(is_needed(w));
	assert_int_equal(roll_back(w), 0);
	assert_true(is_bound(w, NIC) && is_bound(w, HBA));
	assert_int_equal(w->result.devices, 2);
	assert_int_equal(w->result.failed, 0);
}

static void test_last_released_is_bound_first(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	release(w, NIC, "e1000e");
	release(w, HBA, "ahci");
	assert_int_equal(roll_back(w), 0);
	assert_true(fake_log_find(w->fake, "bind 0000:00:04.0 *") <
		    fake_log_find(w->fake, "bind 0000:00:03.0 *"));
}

static void test_bind_that_the_kernel_only_claims_is_named(void **state)
{
	static const struct fake_fault faults[] = {
		{ "bind", "0000:00:04.0", FAKE_PRETEND, 0 },
		{ 0 },
	};
	struct world *w = *state;

	build(w, faults);
	release(w, HBA, "ahci");
	assert_int_equal(roll_back(w), -EIO);
	assert_non_null(strstr(failure(w, 0), "the kernel said yes, but it is not bound"));
}

/* Both were released side by side, so neither waits for the other. */
static void test_hung_probe_is_abandoned_and_keeps_nothing(void **state)
{
	static const struct fake_fault faults[] = {
		{ "bind", "0000:00:04.0", FAKE_HANG, 0 },
		{ 0 },
	};
	struct world *w = *state;

	build(w, faults);
	will_release(w, NIC, "e1000e");
	record_write(w->record, "release",
		     json_pack("{s:s s:s s:s s:s s:i}", "device", HBA, "bus", "pci", "driver",
			       "ahci", "name", "0000:00:04.0", "probe_ms", 300));
	sys_unbind(&w->fake->sys, "pci", "e1000e", "0000:00:03.0");
	sys_unbind(&w->fake->sys, "pci", "ahci", "0000:00:04.0");
	is_released(w, NIC);
	is_released(w, HBA);
	assert_int_equal(roll_back(w), -EIO);
	assert_true(is_bound(w, NIC));
	assert_int_equal(w->result.failed, 1);
	assert_non_null(strstr(failure(w, 0), "0000:00:04.0: binding it to ahci did not end"));
}

static void test_second_rollback_has_nothing_to_do(void **state)
{
	struct world *w = *state;
	int before;

	build(w, NULL);
	release(w, NIC, "e1000e");
	assert_int_equal(roll_back(w), 0);
	assert_false(is_needed(w));
	before = fake_log_count(w->fake, "*");
	assert_int_equal(roll_back(w), 0);
	assert_int_equal(fake_log_count(w->fake, "*"), before);
}

static void test_failed_bind_is_named_and_may_be_tried_again(void **state)
{
	static const struct fake_fault faults[] = {
		{ "bind", "0000:00:03.0", FAKE_ERRNO, -EIO },
		{ 0 },
	};
	struct world *w = *state;

	build(w, faults);
	release(w, NIC, "e1000e");
	release(w, HBA, "ahci");
	assert_int_equal(roll_back(w), -EIO);
	assert_int_equal(w->result.failed, 1);
	assert_non_null(strstr(failure(w, 0), "0000:00:03.0: binding it to e1000e: EIO"));
	assert_true(is_bound(w, HBA));
	assert_true(is_needed(w));
	w->fake->faults = NULL;
	assert_int_equal(roll_back(w), 0);
	assert_true(is_bound(w, NIC));
}

/* kill -9 between the record and the unbind. */
static void test_device_that_was_not_unbound_yet_is_fine(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	will_release(w, NIC, "e1000e");
	assert_int_equal(roll_back(w), 0);
	assert_int_equal(fake_log_count(w->fake, "bind *"), 0);
}

static void test_device_with_another_driver_is_named(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	release(w, NIC, "e1000e");
	fake_device(w->fake, "/sys" ROOT "0000:00:09.0", "pci", "vfio-pci");
	assert_int_equal(sys_bind(&w->fake->sys, "pci", "vfio-pci", "0000:00:03.0"), 0);
	assert_int_equal(roll_back(w), -EIO);
	assert_string_equal(failure(w, 0),
			    "0000:00:03.0: it is bound to vfio-pci now, not to e1000e");
}

static void test_device_that_is_gone_is_named(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	will_release(w, ROOT "0000:00:08.0", "nvme");
	assert_int_equal(roll_back(w), -EIO);
	assert_string_equal(failure(w, 0), "0000:00:08.0: it is gone");
}

static void test_driver_that_was_unloaded_is_named(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	will_release(w, NIC, "r8169");
	sys_unbind(&w->fake->sys, "pci", "e1000e", "0000:00:03.0");
	assert_int_equal(roll_back(w), -EIO);
	assert_non_null(strstr(failure(w, 0), "driver r8169 is not loaded any more"));
}

static void test_autoprobe_is_back_before_the_first_bind(void **state)
{
	struct world *w = *state;
	char *value;

	build(w, NULL);
	assert_int_equal(
		change_attribute(&w->fake->sys, w->record, "/sys/bus/pci/drivers_autoprobe", "0"),
		0);
	release(w, NIC, "e1000e");
	assert_int_equal(roll_back(w), 0);
	value = fake_text(w->fake, "/sys/bus/pci/drivers_autoprobe");
	assert_string_equal(value, "1");
	free(value);
	assert_true(fake_log_find(w->fake, "write /sys/bus/pci/drivers_autoprobe 1 *") <
		    fake_log_find(w->fake, "bind *"));
}

static void test_other_attributes_come_after_their_devices(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	change_attribute(&w->fake->sys, w->record, "/sys" NIC "/power/control", "on");
	release(w, NIC, "e1000e");
	assert_int_equal(roll_back(w), 0);
	assert_true(fake_log_find(w->fake, "bind *") <
		    fake_log_find(w->fake, "write *power/control auto *"));
}

static void test_first_old_value_counts(void **state)
{
	struct world *w = *state;
	char *value;

	build(w, NULL);
	change_attribute(&w->fake->sys, w->record, "/sys" NIC "/power/control", "on");
	change_attribute(&w->fake->sys, w->record, "/sys" NIC "/power/control", "off");
	assert_int_equal(roll_back(w), 0);
	value = fake_text(w->fake, "/sys" NIC "/power/control");
	assert_string_equal(value, "auto");
	free(value);
}

static void test_attribute_that_cannot_be_written_is_named(void **state)
{
	static const struct fake_fault faults[] = {
		{ "write", "*/power/control", FAKE_ERRNO, -EACCES },
		{ 0 },
	};
	struct world *w = *state;

	build(w, NULL);
	change_attribute(&w->fake->sys, w->record, "/sys" NIC "/power/control", "on");
	w->fake->faults = faults;
	assert_int_equal(roll_back(w), -EIO);
	assert_non_null(strstr(failure(w, 0), "power/control: writing \"auto\" back: EACCES"));
}

static void test_attribute_that_went_with_its_object_is_no_failure(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	record_write(w->record, "attribute",
		     json_pack("{s:s s:s s:s}", "path",
			       "/sys/class/scsi_disk/0:0:0:0/manage_start_stop", "old", "1", "new",
			       "0"));
	assert_int_equal(roll_back(w), 0);
}

static void test_nothing_outside_sysfs_is_written(void **state)
{
	struct world *w = *state;
	char *text;

	build(w, NULL);
	fake_file(w->fake, "/etc/passwd", "as it was\n");
	record_write(
		w->record, "attribute",
		json_pack("{s:s s:s s:s}", "path", "/sys/../etc/passwd", "old", "x", "new", "y"));
	assert_int_equal(roll_back(w), 0);
	text = fake_text(w->fake, "/etc/passwd");
	assert_string_equal(text, "as it was");
	free(text);
}

static void test_unchanged_attribute_is_not_recorded(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	assert_int_equal(
		change_attribute(&w->fake->sys, w->record, "/sys" NIC "/power/control", "auto"), 0);
	assert_int_equal(
		change_attribute(&w->fake->sys, w->record, "/sys" NIC "/no_such_thing", "1"), 0);
	assert_false(is_needed(w));
	assert_int_equal(fake_log_count(w->fake, "write *"), 0);
}

static void test_followers_come_back_with_their_carrier(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	follow(w, VIRTIO "/virtio0", "virtio", "virtio_net");
	release(w, VIRTIO, "virtio-pci");
	assert_false(is_bound(w, VIRTIO "/virtio0"));
	assert_int_equal(roll_back(w), 0);
	assert_true(is_bound(w, VIRTIO "/virtio0"));
}

static void test_follower_under_another_name_is_known(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	follow(w, HBA "/ata1/host7/target7:0:0/7:0:0:0", "scsi", "sd");
	release(w, HBA, "ahci");
	assert_int_equal(roll_back(w), 0);
}

/* A rollback that was not whole, then another run in the same record. */
static void test_later_plan_does_not_count_followers_twice(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	record_write(w->record, "plan", NULL);
	follow(w, HBA "/ata1/host3/target3:0:0/3:0:0:0", "scsi", "sd");
	release(w, HBA, "ahci");
	assert_int_equal(sys_bind(&w->fake->sys, "pci", "ahci", "0000:00:04.0"), 0);
	record_write(w->record, "plan", NULL);
	follow(w, HBA "/ata1/host2/target2:0:0/2:0:0:0", "scsi", "sd");
	follow(w, VIRTIO "/virtio0", "virtio", "virtio_net");
	release(w, HBA, "ahci");
	release(w, VIRTIO, "virtio-pci");
	assert_int_equal(roll_back(w), 0);
}

static void test_missing_follower_is_named(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	follow(w, HBA "/ata1/host0/target0:0:0/0:0:0:0", "scsi", "sd");
	follow(w, HBA "/ata2/host1/target1:0:0/1:0:0:0", "scsi", "sd");
	release(w, HBA, "ahci");
	assert_int_equal(roll_back(w), -EIO);
	assert_int_equal(w->result.failed, 1);
	assert_string_equal(failure(w, 0),
			    "1:0:0:0 (scsi, sd): did not come back below 0000:00:04.0");
}

static void test_follower_without_driver_is_bound_by_hand(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	follow(w, VIRTIO "/virtio0", "virtio", "virtio_net");
	will_release(w, VIRTIO, "virtio-pci");
	sys_unbind(&w->fake->sys, "virtio", "virtio_net", "virtio0");
	assert_int_equal(roll_back(w), 0);
	assert_int_equal(fake_log_count(w->fake, "bind virtio0 virtio/virtio_net = 0"), 1);
}

static void test_followers_of_a_lost_carrier_are_counted_with_it(void **state)
{
	static const struct fake_fault faults[] = {
		{ "bind", "0000:00:05.0", FAKE_ERRNO, -EIO },
		{ 0 },
	};
	struct world *w = *state;

	build(w, faults);
	follow(w, VIRTIO "/virtio0", "virtio", "virtio_net");
	release(w, VIRTIO, "virtio-pci");
	assert_int_equal(roll_back(w), -EIO);
	assert_string_equal(failure(w, 1),
			    "0000:00:05.0: 1 device below it did not come back with it");
}

static void test_virtual_functions_are_made_again(void **state)
{
	struct world *w = *state;

	build(w, NULL);
	fake_file(w->fake, "/sys" NIC "/sriov_numvfs", "2\n");
	will_release(w, NIC, "e1000e");
	change_attribute(&w->fake->sys, w->record, "/sys" NIC "/sriov_numvfs", "0");
	sys_unbind(&w->fake->sys, "pci", "e1000e", "0000:00:03.0");
	is_released(w, NIC);
	assert_int_equal(roll_back(w), 0);
	assert_true(fake_log_find(w->fake, "bind *") <
		    fake_log_find(w->fake, "write *sriov_numvfs 2 *"));
}

static void test_bus_master_of_unowned_function_is_set_again(void **state)
{
	static const unsigned char config[64] = { [4] = 0x02 };
	struct world *w = *state;

	build(w, NULL);
	fake_device(w->fake, "/sys" ROOT "0000:00:1f.3", "pci", NULL);
	fake_bytes(w->fake, "/sys" ROOT "0000:00:1f.3/config", config, sizeof(config));
	record_write(w->record, "clear",
		     json_pack("{s:s s:i s:i}", "device", ROOT "0000:00:1f.3", "old", 6, "new", 2));
	assert_int_equal(roll_back(w), 0);
	assert_int_equal(fake_log_count(w->fake, "config */0000:00:1f.3 *"), 1);
}

/* Its engine may still run: only its driver may let it at the memory again. */
static void test_bus_master_of_released_function_is_not_set(void **state)
{
	static const struct fake_fault faults[] = {
		{ "bind", "*", FAKE_ERRNO, -EIO },
		{ 0 },
	};
	struct world *w = *state;

	build(w, faults);
	release(w, NIC, "e1000e");
	record_write(w->record, "clear",
		     json_pack("{s:s s:i s:i}", "device", NIC, "old", 6, "new", 2));
	assert_int_equal(roll_back(w), -EIO);
	assert_int_equal(fake_log_count(w->fake, "config *"), 0);
}

static void test_record_of_another_boot_changes_nothing(void **state)
{
	struct world *w = *state;
	json_t *events;

	build(w, NULL);
	release(w, NIC, "e1000e");
	assert_int_equal(record_load(w->dir, false, &events, NULL), 0);
	json_object_set_new(json_array_get(events, 0), "boot_id", json_string("another"));
	assert_false(rollback_is_needed(events));
	assert_int_equal(rollback_run(&w->fake->sys, w->record, events, NULL, &w->result), -EIO);
	json_decref(events);
	assert_non_null(strstr(failure(w, 0), "earlier boot"));
	assert_int_equal(fake_log_count(w->fake, "bind *"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_released_devices_are_bound_again),
		TEST(test_last_released_is_bound_first),
		TEST(test_bind_that_the_kernel_only_claims_is_named),
		TEST(test_hung_probe_is_abandoned_and_keeps_nothing),
		TEST(test_second_rollback_has_nothing_to_do),
		TEST(test_failed_bind_is_named_and_may_be_tried_again),
		TEST(test_device_that_was_not_unbound_yet_is_fine),
		TEST(test_device_with_another_driver_is_named),
		TEST(test_device_that_is_gone_is_named),
		TEST(test_driver_that_was_unloaded_is_named),
		TEST(test_autoprobe_is_back_before_the_first_bind),
		TEST(test_other_attributes_come_after_their_devices),
		TEST(test_first_old_value_counts),
		TEST(test_attribute_that_cannot_be_written_is_named),
		TEST(test_attribute_that_went_with_its_object_is_no_failure),
		TEST(test_nothing_outside_sysfs_is_written),
		TEST(test_unchanged_attribute_is_not_recorded),
		TEST(test_followers_come_back_with_their_carrier),
		TEST(test_follower_under_another_name_is_known),
		TEST(test_later_plan_does_not_count_followers_twice),
		TEST(test_missing_follower_is_named),
		TEST(test_follower_without_driver_is_bound_by_hand),
		TEST(test_followers_of_a_lost_carrier_are_counted_with_it),
		TEST(test_virtual_functions_are_made_again),
		TEST(test_bus_master_of_unowned_function_is_set_again),
		TEST(test_bus_master_of_released_function_is_not_set),
		TEST(test_record_of_another_boot_changes_nothing),
	};
	struct statfs fs;

	if (statfs("/dev/shm", &fs) || fs.f_type != TMPFS_MAGIC) {
		puts("skipped: /dev/shm is no tmpfs");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
