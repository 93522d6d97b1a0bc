// SPDX-License-Identifier: GPL-2.0-or-later
/* What a rollback brings back along with a device: what follows it, virtual functions, Bus Master. */
#include "unit/undo/test_rollback_bench.h"

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

#define VF ROOT "0000:00:03.4"

/* Bound before, it would come up with another address, or to the host's driver. */
static void test_virtual_function_is_what_it_was_before_a_driver_has_it(void **state)
{
	/* IFLA_VF_TRUST (9) of function 0: on. */
	static const char trust[] = "0c000900"
				    "00000000"
				    "01000000";
	static const char *const lines[] = {
		"bind 0000:00:03.0 pci/e1000e *",
		"write *sriov_drivers_autoprobe 0 *",
		"write *sriov_numvfs 1 *",
		"netlink 16 *0c0009000000000001000000 = 0",
		"write *" VF "/driver_override vfio-pci *",
		"write *sriov_drivers_autoprobe 1 *",
		"bind 0000:00:03.4 pci/vfio-pci *",
	};
	struct world *w = *state;
	int last = -1;

	build(w, NULL);
	fake_file(w->fake, "/sys" NIC "/sriov_numvfs", "1\n");
	fake_file(w->fake, "/sys" NIC "/sriov_drivers_autoprobe", "1\n");
	fake_file(w->fake, "/sys" NIC "/net/eth0/ifindex", "9\n");
	fake_device(w->fake, "/sys" VF, "pci", "vfio-pci");
	fake_file(w->fake, "/sys" VF "/driver_override", "(null)\n");
	fake_link(w->fake, "/sys" NIC "/virtfn0", "../0000:00:03.4");
	record_write(w->record, "vfs",
		     json_pack("{s:s s:{s:s} s:[{s:i s:[s]}]}", "device", NIC, "overrides", "0",
			       "vfio-pci", "links", "dev_port", 0, "settings", trust));
	release(w, VF, "vfio-pci");
	will_release(w, NIC, "e1000e");
	change_attribute(&w->fake->sys, w->record, "/sys" NIC "/sriov_numvfs", "0");
	sys_unbind(&w->fake->sys, "pci", "e1000e", "0000:00:03.0");
	is_released(w, NIC);
	assert_int_equal(roll_back(w), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int at = fake_log_find(w->fake, lines[i]);

		if (at <= last)
			fail_msg("\"%s\" is line %d, after line %d", lines[i], at, last);
		last = at;
	}
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_followers_come_back_with_their_carrier),
		TEST(test_follower_under_another_name_is_known),
		TEST(test_later_plan_does_not_count_followers_twice),
		TEST(test_missing_follower_is_named),
		TEST(test_follower_without_driver_is_bound_by_hand),
		TEST(test_followers_of_a_lost_carrier_are_counted_with_it),
		TEST(test_virtual_functions_are_made_again),
		TEST(test_virtual_function_is_what_it_was_before_a_driver_has_it),
		TEST(test_bus_master_of_unowned_function_is_set_again),
		TEST(test_bus_master_of_released_function_is_not_set),
	};

	return run_rollback_tests(tests);
}
