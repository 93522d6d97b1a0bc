// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bus Master that remove() leaves on and that cannot be cleared, as under lockdown, where the kernel
 * answers EPERM to a write of config space: bound again, or somebody's who clears it; never unsaid.
 */
#include "unit/run/test_handover_bench.h"

#define NOT_VERIFIED "kmsg kexit: 0000:00:02.0 e1000e: not verified, masters the bus: *"

static const struct fake_fault eperm[] = { { "config", "*", FAKE_ERRNO, -EPERM }, { 0 } };

static int lock_down(struct run *run, const struct fake_fault *faults)
{
	run_init(run, faults);
	fake_file(run->fake, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	return 0;
}

static unsigned int is_master(const struct run *run, const char *path)
{
	return command_of(run, path) & PCI_CMD_MASTER;
}

/* The event of the record about @device, with @field in it; the caller puts it. */
static json_t *event_about(const struct run *run, const char *name, const char *device)
{
	json_t *events, *event, *found = NULL;
	size_t i;

	assert_int_equal(record_load(run->record_dir, false, &events, NULL), 0);
	json_array_foreach (events, i, event)
		if (!strcmp(json_string_value(json_object_get(event, "event")), name) &&
		    !strcmp(json_string_value(json_object_get(event, "device")) ?: "", device))
			found = json_incref(event);
	json_decref(events);
	return found;
}

/* Its kernel forgets the power state with the driver: power_state says "unknown", or is not there. */
static void it_is_bound_again_where_nobody_else_clears_it(void **state)
{
	struct run run;
	json_t *event;

	(void)state;
	lock_down(&run, eperm);
	fake_file(run.fake, NIC "/power_state", "unknown\n");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(is_bound(&run, NIC));
	assert_true(is_bound(&run, NVME));
	assert_int_equal(fake_log_count(run.fake, "bind 0000:00:02.0 pci/e1000e = 0"), 1);
	assert_int_equal(fake_log_count(run.fake, "kmsg kexit: 0000:00:02.0 e1000e: left, masters "
						  "the bus: bound again*EPERM*"),
			 1);
	event = event_about(&run, "not-cleared", &NIC[strlen("/sys")]);
	assert_string_equal(json_string_value(json_object_get(event, "errno")), "EPERM");
	json_decref(event);
	event = event_about(&run, "released", &NIC[strlen("/sys")]);
	assert_string_equal(json_string_value(json_object_get(event, "outcome")), "left");
	json_decref(event);
	run_done(&run);
}

static void it_stays_released_where_the_kernel_clears_it(void **state)
{
	struct run run;

	(void)state;
	lock_down(&run, eperm);
	fake_file(run.fake, NIC "/power_state", "D0\n");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_false(is_bound(&run, NIC));
	assert_int_equal(fake_log_count(run.fake, NOT_VERIFIED), 1);
	run_done(&run);
}

/* What is released as well as what was never bound; nothing is bound again then. */
static void the_late_module_gets_all_that_master_the_bus(void **state)
{
	struct run run;

	(void)state;
	lock_down(&run, eperm);
	fake_file(run.fake, LATE_DEVICE, "");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_false(is_bound(&run, NIC));
	assert_int_equal(fake_log_count(run.fake, "submit " LATE_DEVICE
						  " kexit-late 1;*clear 0000:00:02.0;*"),
			 1);
	assert_int_equal(fake_log_count(run.fake, "submit " LATE_DEVICE
						  " kexit-late 1;*clear 0000:01:00.0;*"),
			 1);
	assert_int_equal(fake_log_count(run.fake, "submit " LATE_DEVICE
						  " kexit-late 1;*clear 0000:00:03.0;*"),
			 1);
	assert_int_equal(fake_log_count(run.fake, NOT_VERIFIED), 1);
	run_done(&run);
}

/* Without a lockdown there is no need: what was cleared stays out of the module's list. */
static void what_was_cleared_is_not_the_late_modules(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, LATE_DEVICE, "");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(is_master(&run, NIC), 0);
	assert_int_equal(fake_log_count(run.fake, "submit *clear 0000:00:02.0;*"), 0);
	run_done(&run);
}

static void one_that_cannot_be_bound_again_is_named(void **state)
{
	static const struct fake_fault faults[] = {
		{ "config", "*", FAKE_ERRNO, -EPERM },
		{ "bind", "0000:00:02.0", FAKE_ERRNO, -ENODEV },
		{ 0 },
	};
	struct run run;

	(void)state;
	lock_down(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_false(is_bound(&run, NIC));
	assert_true(is_master(&run, NIC));
	assert_int_equal(fake_log_count(run.fake, NOT_VERIFIED), 1);
	run_done(&run);
}

/* The kernel says yes, and the bit stays: no better than a refusal. */
static void a_write_without_effect_is_no_success(void **state)
{
	static const struct fake_fault faults[] = { { "config", "*", FAKE_PRETEND, 0 }, { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(is_bound(&run, NIC));
	assert_int_equal(fake_log_count(run.fake, "kmsg kexit: 0000:00:02.0 *bound again*EIO*"), 1);
	run_done(&run);
}

static void what_was_never_bound_is_named(void **state)
{
	struct run run;

	(void)state;
	lock_down(&run, eperm);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(is_master(&run, BARE));
	assert_int_equal(
		fake_log_count(
			run.fake,
			"kmsg kexit: 0000:00:03.0: not verified, masters the bus: *; Bus Master: the next kernel finds it so*"),
		1);
	run_done(&run);
}

/* It was bound again on the way: a rollback finds it as it was. */
static void a_rollback_finds_it_bound(void **state)
{
	static const struct fake_fault faults[] = {
		{ "config", "*", FAKE_ERRNO, -EPERM },
		{ "jump", "*", FAKE_ERRNO, -EINVAL },
		{ 0 },
	};
	struct run run;

	(void)state;
	lock_down(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_all_back(&run);
	run_done(&run);
}

/* Nobody may read registers then: as little known as without a decoder, and reset for that. */
static void the_unreadable_is_unknown_under_lockdown_alone(void **state)
{
	struct run run;

	(void)state;
	lock_down(&run, NULL);
	fake_file(run.fake, NVME "/reset", "");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "write " NVME "/reset 1 *"), 1);
	run_done(&run);

	run_init(&run, NULL);
	fake_file(run.fake, NVME "/reset", "");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "write " NVME "/reset 1 *"), 0);
	run_done(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_bound_again_where_nobody_else_clears_it),
		cmocka_unit_test(it_stays_released_where_the_kernel_clears_it),
		cmocka_unit_test(the_late_module_gets_all_that_master_the_bus),
		cmocka_unit_test(what_was_cleared_is_not_the_late_modules),
		cmocka_unit_test(one_that_cannot_be_bound_again_is_named),
		cmocka_unit_test(a_write_without_effect_is_no_success),
		cmocka_unit_test(what_was_never_bound_is_named),
		cmocka_unit_test(a_rollback_finds_it_bound),
		cmocka_unit_test(the_unreadable_is_unknown_under_lockdown_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
