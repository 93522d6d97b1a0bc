// SPDX-License-Identifier: GPL-2.0-or-later
/* A watchdog over a whole run: when it is armed, fed and stopped. */
#include "unit/run/test_handover_bench.h"

static const struct watchdog_choice choice = { "watchdog0", "i6300esb", 300 };

static void init(struct run *run, const struct fake_fault *faults)
{
	run_init(run, faults);
	run->options.watchdog = &choice;
	fake_file(run->fake, "/sys/class/watchdog/watchdog0/nowayout", "0\n");
}

/* The number of the last line of the log that begins with @line, or -1. */
static int find_last(const struct run *run, const char *line)
{
	char *log = fake_log(run->fake), *at = log;
	const char *next;
	int number = 0, found = -1;

	while ((next = strsep(&at, "\n"))) {
		if (!strncmp(next, line, strlen(line)))
			found = number;
		number++;
	}
	free(log);
	return found;
}

static void it_is_armed_before_the_first_release_and_fed_last_before_the_jump(void **unused)
{
	struct run run;
	int start, jump;

	init(&run, NULL);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	start = fake_log_find(run.fake, "watchdog-start /dev/watchdog0 300 = 0");
	jump = fake_log_find(run.fake, "jump*");
	assert_true(start >= 0);
	assert_true(start < fake_log_find(run.fake, "unbind *"));
	assert_int_equal(find_last(&run, "watchdog-feed"), jump - 1);
	assert_int_equal(fake_log_count(run.fake, "watchdog-stop*"), 0);
	assert_int_equal(
		fake_log_count(run.fake, "kmsg kexit: watchdog0 restarts the machine in 300 s*"),
		1);
	run_done(&run);
}

static void it_is_stopped_where_the_kernel_does_not_jump(void **unused)
{
	static const struct fake_fault faults[] = { { "jump", "*", FAKE_ERRNO, -EINVAL }, { 0 } };
	struct run run;

	init(&run, faults);
	fake_file(run.fake, "/sys/kernel/kexec_loaded", "0\n");
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_int_equal(fake_log_count(run.fake, "watchdog-start*"), 1);
	assert_int_equal(fake_log_count(run.fake, "watchdog-stop*"), 1);
	run_done(&run);
}

static void one_that_cannot_be_armed_is_no_reason_to_stay(void **unused)
{
	static const struct fake_fault faults[] = {
		{ "watchdog-start", "/dev/watchdog0", FAKE_ERRNO, -EBUSY }, { 0 }
	};
	struct run run;

	init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "watchdog-feed*"), 0);
	run_done(&run);
}

static void a_quiesce_arms_none(void **unused)
{
	struct run run;

	init(&run, NULL);
	run.options.jump = false;
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_DONE);
	assert_int_equal(fake_log_count(run.fake, "watchdog*"), 0);
	run_done(&run);
}

static void without_one_none_is_touched(void **unused)
{
	struct run run;

	run_init(&run, NULL);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "watchdog*"), 0);
	run_done(&run);
}

/* The record names it before it is armed: who finds the record after a kill knows what counts. */
static void the_record_names_it(void **unused)
{
	struct run run;
	const json_t *event;
	json_t *events;
	bool found = false;
	size_t i;

	init(&run, NULL);
	fake_file(run.fake, "/sys/class/watchdog/watchdog0/nowayout", "1\n");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(record_load(run.record_dir, false, &events, NULL), 0);
	json_array_foreach (events, i, event) {
		if (strcmp(json_string_value(json_object_get(event, "event")), "watchdog") != 0)
			continue;
		found = true;
		assert_string_equal(json_string_value(json_object_get(event, "name")), "watchdog0");
		assert_int_equal(json_integer_value(json_object_get(event, "timeout_s")), 300);
		assert_true(json_is_true(json_object_get(event, "nowayout")));
	}
	assert_true(found);
	json_decref(events);
	run_done(&run);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_armed_before_the_first_release_and_fed_last_before_the_jump),
		cmocka_unit_test(it_is_stopped_where_the_kernel_does_not_jump),
		cmocka_unit_test(one_that_cannot_be_armed_is_no_reason_to_stay),
		cmocka_unit_test(a_quiesce_arms_none),
		cmocka_unit_test(without_one_none_is_touched),
		cmocka_unit_test(the_record_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
