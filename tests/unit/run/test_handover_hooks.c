// SPDX-License-Identifier: GPL-2.0-or-later
/* A whole run with an administrator's hooks: when they are called, and what one that fails stops. */
#include "unit/run/test_handover_bench.h"

#include "hooks/hooks.h"

#include <sys/stat.h>

#define HOOK	HOOKS_DIR "/10-site"
#define RELEASE "hook " HOOK " before-release *"
#define JUMP	"hook " HOOK " before-jump *"
#define FAILED	"hook " HOOK " failed *"

static void begin(struct run *run, const struct fake_fault *faults)
{
	char path[300];

	run_init(run, faults);
	fake_file(run->fake, HOOK, "#!/bin/sh\n");
	snprintf(path, sizeof(path), "%s" HOOK, run->fake->tree);
	assert_int_equal(chmod(path, 0755), 0);
}

static void they_come_before_the_first_release_and_right_before_the_jump(void **state)
{
	struct run run;

	(void)state;
	begin(&run, NULL);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "hook *"), 2);
	assert_true(fake_log_find(run.fake, RELEASE) >= 0);
	assert_true(fake_log_find(run.fake, RELEASE) < fake_log_find(run.fake, "flush *"));
	assert_true(fake_log_find(run.fake, RELEASE) < fake_log_find(run.fake, "unbind *"));
	assert_true(fake_log_find(run.fake, JUMP) > fake_log_find(run.fake, "unbind *e1000e*"));
	assert_true(fake_log_find(run.fake, JUMP) < fake_log_find(run.fake, "jump*"));
	run_done(&run);
}

static void they_are_told_what_the_record_has_by_then(void **state)
{
	struct run run;

	(void)state;
	begin(&run, NULL);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, RELEASE "KEXIT_VERB=exec KEXIT_PLACE=system *"
							  "KEXIT_RELEASED=0 *"),
			 1);
	assert_int_equal(fake_log_count(run.fake, JUMP "KEXIT_RELEASED=2 *KEXIT_STUCK=0*"), 1);
	run_done(&run);
}

static void a_no_before_the_first_release_changes_nothing(void **state)
{
	static const struct fake_fault faults[] = { { "hook", "*", FAKE_ERRNO, 1 }, { 0 } };
	struct run run;

	(void)state;
	begin(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_FAILED);
	assert_all_back(&run);
	assert_int_equal(fake_log_count(run.fake, "unbind *"), 0);
	assert_int_equal(fake_log_count(run.fake, "write *"), 0);
	assert_int_equal(fake_log_count(run.fake, FAILED "KEXIT_END=nothing-changed "
							 "KEXIT_WHY=hook * status 1*"),
			 1);
	run_done(&run);
}

static void a_no_before_the_jump_is_rolled_back(void **state)
{
	static const struct fake_fault faults[] = {
		{ "hook", "* before-jump", FAKE_ERRNO, -ETIMEDOUT }, { 0 }
	};
	struct run run;

	(void)state;
	begin(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_all_back(&run);
	assert_int_equal(fake_log_count(run.fake, "unbind *e1000e*"), 1);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	assert_int_equal(fake_log_count(run.fake, FAILED "KEXIT_END=rolled-back "
							 "KEXIT_WHY=hook *did not end*"),
			 1);
	run_done(&run);
}

static void after_a_jump_that_failed_they_hear_that_all_is_back(void **state)
{
	static const struct fake_fault faults[] = { { "jump", "*", FAKE_ERRNO, -EINVAL }, { 0 } };
	struct run run;

	(void)state;
	begin(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_int_equal(fake_log_count(run.fake, FAILED "KEXIT_END=rolled-back KEXIT_WHY=*"), 1);
	assert_true(fake_log_find(run.fake, FAILED) > fake_log_find(run.fake, "bind *"));
	run_done(&run);
}

static void without_a_jump_there_is_no_moment_before_it(void **state)
{
	struct run run;

	(void)state;
	begin(&run, NULL);
	run.options.jump = false;
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_DONE);
	assert_int_equal(fake_log_count(run.fake, RELEASE), 1);
	assert_int_equal(fake_log_count(run.fake, "hook *"), 1);
	run_done(&run);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_before_the_first_release_and_right_before_the_jump),
		cmocka_unit_test(they_are_told_what_the_record_has_by_then),
		cmocka_unit_test(a_no_before_the_first_release_changes_nothing),
		cmocka_unit_test(a_no_before_the_jump_is_rolled_back),
		cmocka_unit_test(after_a_jump_that_failed_they_hear_that_all_is_back),
		cmocka_unit_test(without_a_jump_there_is_no_moment_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
