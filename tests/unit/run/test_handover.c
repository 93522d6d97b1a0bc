// SPDX-License-Identifier: GPL-2.0-or-later
/* The whole run, from its scan to the jump, and back where something fails. */
#include "unit/run/test_handover_bench.h"

static void test_jump(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_false(is_bound(&run, NVME));
	assert_false(is_bound(&run, NIC));
	assert_true(is_bound(&run, PORT));
	assert_text(&run, "/sys/bus/pci/drivers_autoprobe", "0");
	assert_text(&run, PORT "/power/control", "on");
	/* Bus Master: off where no driver ever held it, and where remove() left it on. */
	assert_int_equal(command_of(&run, BARE) & PCI_CMD_MASTER, 0);
	assert_int_equal(command_of(&run, NIC) & PCI_CMD_MASTER, 0);
	assert_int_equal(command_of(&run, PORT) & PCI_CMD_MASTER, PCI_CMD_MASTER);
	run_done(&run);
}

/* What stays does not come to harm by a driver that binds beside it. */
static void test_buses_of_which_all_stays_are_left_alone(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, "/sys/bus/i2c/drivers_autoprobe", "1\n");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_text(&run, "/sys/bus/pci/drivers_autoprobe", "0");
	assert_text(&run, "/sys/bus/i2c/drivers_autoprobe", "1");
	run_done(&run);
}

static void test_data_is_flushed_before_the_first_unbind(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(fake_log_find(run.fake, "flush nvme0n1 = 0") >= 0);
	assert_true(fake_log_find(run.fake, "flush nvme0n1 = 0") <
		    fake_log_find(run.fake, "unbind *"));
	assert_true(fake_log_find(run.fake, "write */drivers_autoprobe 0 = 0") <
		    fake_log_find(run.fake, "unbind *"));
	assert_true(fake_log_find(run.fake, "kmsg *") >= 0);
	assert_true(fake_log_find(run.fake, "jump*") > fake_log_find(run.fake, "kmsg *"));
	run_done(&run);
}

static void test_failed_flush_stops_before_anything_changed(void **state)
{
	static const struct fake_fault faults[] = { { "flush", "nvme0n1", FAKE_ERRNO, -EIO },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	fake_file(run.fake, "/proc/self/mountinfo", "25 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n");
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_FAILED);
	assert_all_back(&run);
	assert_int_equal(fake_log_count(run.fake, "unbind *"), 0);
	assert_int_equal(fake_log_count(run.fake, "write *"), 0);
	run_done(&run);
}

static void test_refused_unbind_leaves_the_device_and_goes_on(void **state)
{
	static const struct fake_fault faults[] = {
		{ "unbind", "0000:00:02.0", FAKE_ERRNO, -EPERM }, { 0 }
	};
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(is_bound(&run, NIC));
	assert_false(is_bound(&run, NVME));
	assert_int_equal(fake_log_count(run.fake, "kmsg kexit: 0000:00:02.0 e1000e: failed*EPERM*"),
			 1);
	run_done(&run);
}

static void test_link_goes_down_before_its_device(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, NIC "/net/eth0/ifindex", "9\n");
	fake_file(run.fake, NIC "/net/eth0/flags", "0x1003\n");
	fake_link(run.fake, "/sys/class/net/eth0",
		  "../../devices/pci0000:00/0000:00:02.0/net/eth0");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	/* RTM_NEWLINK of number 9: IFF_UP off. */
	assert_true(fake_log_find(run.fake, "netlink 16 *09000000"
					    "00000000"
					    "01000000* = 0") >= 0);
	assert_true(fake_log_find(run.fake, "netlink 16 *09000000*") <
		    fake_log_find(run.fake, "unbind 0000:00:02.0*"));
	run_done(&run);
}

/* As many as there are when it goes, whenever they were made. */
static void test_virtual_functions_go_before_their_physical_one(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, NIC "/sriov_numvfs", "2\n");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(fake_log_find(run.fake, "write *sriov_numvfs 0 = 0") >= 0);
	assert_true(fake_log_find(run.fake, "write *sriov_numvfs 0 = 0") <
		    fake_log_find(run.fake, "unbind 0000:00:02.0*"));
	run_done(&run);
}

static void test_unbind_without_effect_is_no_success(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_PRETEND, 0 },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "kmsg kexit: 0000:00:02.0 e1000e: failed*"), 1);
	run_done(&run);
}

static void test_jump_that_returns_is_rolled_back(void **state)
{
	static const struct fake_fault faults[] = { { "jump", "*", FAKE_ERRNO, -EINVAL }, { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_all_back(&run);
	run_done(&run);
}

/* Waits until the hanging unbind is in the log, so that the signal finds the run half way. */
static void wait_for_log(const struct run *run, const char *line)
{
	for (int i = 0; i < 1000 && fake_log_find(run->fake, line) < 0; i++)
		usleep(10000);
	assert_true(fake_log_find(run->fake, line) >= 0);
}

static void test_kill_in_the_middle_is_rolled_back_from_the_record(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_HANG, 0 },
						    { 0 } };
	struct rollback_result result = { 0 };
	struct record *record;
	struct run run;
	json_t *events;
	pid_t pid;

	(void)state;
	run_init(&run, faults);
	pid = run_start(&run);
	wait_for_log(&run, "unbind 0000:01:00.0*");
	wait_for_log(&run, "unbind 0000:00:02.0*HANG");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(is_bound(&run, NVME));
	assert_int_equal(record_reopen(run.record_dir, &record, NULL), 0);
	assert_int_equal(record_load(run.record_dir, false, &events, NULL), 0);
	assert_true(rollback_is_needed(events));
	assert_int_equal(rollback_run(&run.fake->sys, record, events, NULL, &result), 0);
	assert_all_back(&run);
	json_decref(events);
	json_decref(result.names);
	assert_int_equal(record_load(run.record_dir, false, &events, NULL), 0);
	assert_false(rollback_is_needed(events));
	json_decref(events);
	record_close(record);
	run_done(&run);
}

static void test_quiesce_then_exec_keeps_what_was_before(void **state)
{
	static const struct fake_fault faults[] = { { "jump", "*", FAKE_ERRNO, -EINVAL }, { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	run.options.jump = false;
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_DONE);
	assert_false(is_bound(&run, NIC));
	run.options.jump = true;
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	/* Back to before the quiesce, not to before the exec. */
	assert_all_back(&run);
	run_done(&run);
}

static void test_second_run_is_refused(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_HANG, 0 },
						    { 0 } };
	struct run run;
	pid_t pid;

	(void)state;
	run_init(&run, faults);
	pid = run_start(&run);
	wait_for_log(&run, "unbind 0000:00:02.0*HANG");
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_REFUSED);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	run_done(&run);
}

static int reset_kills(struct fake *fake, const char *path)
{
	char config[128];

	snprintf(config, sizeof(config), "%s/config", path);
	fake_bytes(fake, config, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	return 0;
}

/* BARE masters the bus without a driver, and no decoder knows it: so it is reset. */
static void run_init_with_a_deadly_reset(struct run *run)
{
	run_init(run, NULL);
	fake_file(run->fake, BARE "/reset", "");
	run->fake->reset = reset_kills;
}

static void test_what_a_reset_killed_does_not_stop_the_jump(void **state)
{
	struct run run;

	(void)state;
	run_init_with_a_deadly_reset(&run);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "write " BARE "/reset 1 = 0"), 1);
	assert_int_equal(fake_log_count(run.fake, "kmsg kexit: 0000:00:03.0: dead*"), 1);
	run_done(&run);
}

static void test_what_a_reset_killed_restarts_through_firmware_where_asked(void **state)
{
	struct run run;

	(void)state;
	run_init_with_a_deadly_reset(&run);
	run.options.on_dead = ON_DEAD_FIRMWARE;
	/* The fake's reboot(2) comes back: what then is left is the way back. */
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_int_equal(fake_log_count(run.fake, "power restart = 0"), 1);
	assert_record_order(&run, "flush", "sync", "firmware");
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	/* Nothing is stuck: the drivers that are left have a shutdown(). */
	assert_int_equal(fake_log_count(run.fake, "sysrq*"), 0);
	run_done(&run);
}

static void test_resets_come_after_the_releases_and_the_clears(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, BARE "/reset", "");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(fake_log_find(run.fake, "write " BARE "/reset 1 = 0") >
		    fake_log_find(run.fake, "unbind 0000:01:00.0*"));
	assert_true(fake_log_find(run.fake, "write " BARE "/reset 1 = 0") >
		    fake_log_find(run.fake, "config " BARE " *"));
	assert_int_equal(fake_log_count(run.fake, "kmsg kexit: 1 reset, *"), 1);
	run_done(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_buses_of_which_all_stays_are_left_alone),
		cmocka_unit_test(test_data_is_flushed_before_the_first_unbind),
		cmocka_unit_test(test_failed_flush_stops_before_anything_changed),
		cmocka_unit_test(test_refused_unbind_leaves_the_device_and_goes_on),
		cmocka_unit_test(test_link_goes_down_before_its_device),
		cmocka_unit_test(test_virtual_functions_go_before_their_physical_one),
		cmocka_unit_test(test_unbind_without_effect_is_no_success),
		cmocka_unit_test(test_jump_that_returns_is_rolled_back),
		cmocka_unit_test(test_kill_in_the_middle_is_rolled_back_from_the_record),
		cmocka_unit_test(test_quiesce_then_exec_keeps_what_was_before),
		cmocka_unit_test(test_second_run_is_refused),
		cmocka_unit_test(test_what_a_reset_killed_does_not_stop_the_jump),
		cmocka_unit_test(test_what_a_reset_killed_restarts_through_firmware_where_asked),
		cmocka_unit_test(test_resets_come_after_the_releases_and_the_clears),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
