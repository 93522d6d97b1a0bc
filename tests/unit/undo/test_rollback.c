// SPDX-License-Identifier: GPL-2.0-or-later
/* Rollbacks of releases and attributes: whole ones, half-done ones, and with things in the way. */
#include "unit/undo/test_rollback_bench.h"

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
		TEST(test_record_of_another_boot_changes_nothing),
	};

	return run_rollback_tests(tests);
}
