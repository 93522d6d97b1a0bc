// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs that meet a remove() that never returns, theirs or an earlier run's, with the late module and without. */
#include "unit/run/test_handover_bench.h"

/* What the record says of how the device was seen to be stuck. */
static void assert_stuck_is_proven(const struct run *run, const char *where)
{
	const json_t *event, *signs = NULL;
	json_t *events;
	size_t i;

	assert_int_equal(record_load(run->record_dir, false, &events, NULL), 0);
	json_array_foreach (events, i, event) {
		const char *outcome = json_string_value(json_object_get(event, "outcome"));

		if (outcome && !strcmp(outcome, "stuck"))
			signs = json_object_get(event, "signs");
	}
	assert_non_null(signs);
	assert_true(json_is_true(json_object_get(signs, "proven")));
	assert_string_equal(json_string_value(json_object_get(signs, "where")), where);
	assert_int_equal(json_array_size(json_object_get(signs, "seen")), 0);
	json_decref(events);
}

static void test_stuck_remove_leaves_by_firmware(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_HANG, 0 },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	run.deadline_ms = 200;
	assert_int_equal(run_wait(run_start(&run)), FAKE_REBOOTED);
	/* The others were released before: their data is safe. */
	assert_false(is_bound(&run, NVME));
	assert_int_equal(fake_log_count(run.fake, "sysrq b*"), 1);
	/* What file systems hold back by now is written before. */
	assert_int_equal(fake_log_count(run.fake, "sync*"), 2);
	assert_true(fake_log_find(run.fake, "sysrq b*") == fake_log_count(run.fake, "*") - 1);
	assert_record_order(&run, "flush", "sync", "firmware");
	assert_stuck_is_proven(&run, "wait_for_completion");
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

static void test_stuck_remove_with_abort_rolls_the_rest_back(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_HANG, 0 },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	run.options.on_stuck = ON_STUCK_ABORT;
	run.deadline_ms = 200;
	run_wait(run_start(&run));
	assert_true(is_bound(&run, NVME));
	assert_text(&run, "/sys/bus/pci/drivers_autoprobe", "1");
	assert_int_equal(fake_log_count(run.fake, "sysrq*"), 0);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

/* As the kernel shows a device while its remove() hangs: without a driver, and the lock taken. */
static void leave_stuck(struct run *run, bool is_locked)
{
	static const struct fake_fault locked[] = {
		{ "write", "*0000:00:02.0/power/control", FAKE_HANG, 0 },
		{ 0 },
	};
	static const char device[] = "/devices/pci0000:00/0000:00:02.0";
	char link[sizeof(run->fake->tree) + sizeof(NIC) + 16];
	struct error e = ERROR_NONE;
	struct record *record;

	assert_int_equal(record_create(run->record_dir, "exec", &record, &e), 0);
	record_write(record, "release",
		     json_pack("{s:s, s:s, s:s, s:s}", "device", device, "bus", "pci", "driver",
			       "e1000e", "name", "0000:00:02.0"));
	record_write(record, "released",
		     json_pack("{s:s, s:s, s:s}", "device", device, "outcome", "stuck", "reason",
			       "remove() of e1000e did not return within 10 s"));
	record_close(record);
	snprintf(link, sizeof(link), "%s" NIC "/driver", run->fake->tree);
	assert_int_equal(unlink(link), 0);
	/* The run that released it had it stay awake, and could not write that back. */
	fake_file(run->fake, NIC "/power/control", "on\n");
	if (is_locked)
		run->fake->faults = locked;
}

static void test_what_an_earlier_run_left_stuck_is_not_touched_with_abort(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	leave_stuck(&run, true);
	run.options.on_stuck = ON_STUCK_ABORT;
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_FAILED);
	assert_int_equal(fake_log_count(run.fake, "unbind*"), 0);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

static void test_what_an_earlier_run_left_stuck_is_left_by_firmware(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	leave_stuck(&run, true);
	assert_int_equal(run_wait(run_start(&run)), FAKE_REBOOTED);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

/* The bus below PORT was being reset, and NIC's lock is still taken: it is on that bus here. */
static void leave_reset_stuck(struct run *run, bool has_ended)
{
	struct error e = ERROR_NONE;
	struct record *record;

	assert_int_equal(record_create(run->record_dir, "exec", &record, &e), 0);
	record_write(record, "reset",
		     json_pack("{s:s, s:s, s:[s, s]}", "device", "/devices/pci0000:00/0000:00:01.0",
			       "kind", "bus", "functions",
			       "/devices/pci0000:00/0000:00:01.0/0000:01:00.0",
			       "/devices/pci0000:00/0000:00:02.0"));
	if (has_ended)
		record_write(record, "reset-ended",
			     json_pack("{s:s, s:s, s:s}", "device",
				       "/devices/pci0000:00/0000:00:01.0", "outcome", "stuck",
				       "reason", "its reset did not return within 70 s"));
	/* A reset is no change that a rollback takes back; an attribute is. */
	record_write(record, "attribute",
		     json_pack("{s:s, s:s, s:s}", "path", NIC "/power/control", "old", "auto",
			       "new", "on"));
	record_close(record);
}

static void test_a_reset_that_an_earlier_run_left_stuck_is_remembered(void **state)
{
	static const struct fake_fault locked[] = {
		{ "write", "*0000:00:02.0/power/control", FAKE_HANG, 0 },
		{ 0 },
	};

	(void)state;
	/* Also where kexit was killed before it could say so. */
	for (int has_ended = 0; has_ended <= 1; has_ended++) {
		struct run run;

		run_init(&run, locked);
		leave_reset_stuck(&run, has_ended);
		run.options.on_stuck = ON_STUCK_ABORT;
		assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_FAILED);
		assert_int_equal(fake_log_count(run.fake, "unbind*"), 0);
		assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
		run_done(&run);
	}
}

static void test_a_reset_that_ended_after_all_is_no_obstacle(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	leave_reset_stuck(&run, true);
	run.options.on_stuck = ON_STUCK_ABORT;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	run_done(&run);
}

static void test_late_module_takes_what_an_earlier_run_left_stuck(void **state)
{
	struct run run;
	char *list;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, LATE_DEVICE, "");
	leave_stuck(&run, true);
	run.options.on_stuck = ON_STUCK_AUTO;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	list = fake_text(run.fake, LATE_DEVICE);
	assert_non_null(strstr(list, "\nstuck /devices/pci0000:00/0000:00:02.0\n"));
	free(list);
	run_done(&run);
}

static void test_a_remove_that_returned_after_all_is_no_obstacle(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	leave_stuck(&run, false);
	run.options.on_stuck = ON_STUCK_ABORT;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	run_done(&run);
}

static void test_late_module_gets_what_is_left_before_the_jump(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, LATE_DEVICE, "");
	run.options.on_stuck = ON_STUCK_AUTO;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	/* The bound is a disk's patience; nothing below the port stayed. */
	assert_text(&run, LATE_DEVICE, "kexit-late 1\ntimeout 180\nclear 0000:00:03.0");
	assert_true(fake_log_find(run.fake, "submit *") < fake_log_find(run.fake, "jump*"));
	assert_true(fake_log_find(run.fake, "submit *") > fake_log_find(run.fake, "config *"));
	run_done(&run);
}

/* One wrong line would refuse the list. */
static void test_late_module_is_not_told_of_what_is_gone(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, LATE_DEVICE, "");
	/* As a virtual function that goes with its physical function's driver. */
	fake_pci(run.fake, NIC "/made/0000:00:04.0", NULL, 0x020000, 0x0002, 0);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_text(&run, LATE_DEVICE, "kexit-late 1\ntimeout 180\nclear 0000:00:03.0");
	run_done(&run);
}

static const struct fake_fault disk_hangs[] = { { "unbind", "0000:01:00.0", FAKE_HANG, 0 }, { 0 } };

static void test_late_module_takes_a_stuck_device_and_the_jump_goes_on(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, disk_hangs);
	fake_file(run.fake, LATE_DEVICE, "");
	run.options.on_stuck = ON_STUCK_AUTO;
	run.options.shutdown_deadline_ms = 20500;
	run.deadline_ms = 200;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_text(
		&run, LATE_DEVICE,
		"kexit-late 1\ntimeout 21\nstuck /devices/pci0000:00/0000:00:01.0/0000:01:00.0\n"
		"clear 0000:00:03.0\nreset 0000:00:01.0");
	assert_int_equal(fake_log_count(run.fake, "sysrq*"), 0);
	run_done(&run);
}

/* Without the module, where it refuses the list, and where firmware was asked for. */
static void test_stuck_device_is_left_by_firmware_without_the_late_module(void **state)
{
	static const struct fake_fault refuses[] = {
		{ "unbind", "0000:01:00.0", FAKE_HANG, 0 },
		{ "submit", LATE_DEVICE, FAKE_ERRNO, -EINVAL },
		{ 0 },
	};
	static const struct {
		const struct fake_fault *faults;
		bool has_module;
		enum on_stuck on_stuck;
	} cases[] = {
		{ disk_hangs, false, ON_STUCK_AUTO },
		{ refuses, true, ON_STUCK_AUTO },
		{ disk_hangs, true, ON_STUCK_FIRMWARE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run run;

		run_init(&run, cases[i].faults);
		if (cases[i].has_module)
			fake_file(run.fake, LATE_DEVICE, "");
		run.options.on_stuck = cases[i].on_stuck;
		run.deadline_ms = 200;
		assert_int_equal(run_wait(run_start(&run)), FAKE_REBOOTED);
		assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
		run_done(&run);
	}
}

static void test_rollback_disarms_the_late_module(void **state)
{
	static const struct fake_fault faults[] = { { "jump", "*", FAKE_ERRNO, -EINVAL }, { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	fake_file(run.fake, LATE_DEVICE, "");
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_all_back(&run);
	assert_text(&run, LATE_DEVICE, "disarm");
	run_done(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stuck_remove_leaves_by_firmware),
		cmocka_unit_test(test_stuck_remove_with_abort_rolls_the_rest_back),
		cmocka_unit_test(test_what_an_earlier_run_left_stuck_is_not_touched_with_abort),
		cmocka_unit_test(test_what_an_earlier_run_left_stuck_is_left_by_firmware),
		cmocka_unit_test(test_a_reset_that_an_earlier_run_left_stuck_is_remembered),
		cmocka_unit_test(test_a_reset_that_ended_after_all_is_no_obstacle),
		cmocka_unit_test(test_late_module_takes_what_an_earlier_run_left_stuck),
		cmocka_unit_test(test_a_remove_that_returned_after_all_is_no_obstacle),
		cmocka_unit_test(test_late_module_gets_what_is_left_before_the_jump),
		cmocka_unit_test(test_late_module_is_not_told_of_what_is_gone),
		cmocka_unit_test(test_late_module_takes_a_stuck_device_and_the_jump_goes_on),
		cmocka_unit_test(test_stuck_device_is_left_by_firmware_without_the_late_module),
		cmocka_unit_test(test_rollback_disarms_the_late_module),
	};

	/* Nothing of a process that hangs is seen to stand still there before the run's deadline. */
	if (*(getenv("KEXIT_EMULATOR") ?: "")) {
		puts("skipped: under qemu's user mode nothing is proven stuck in time");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
