// SPDX-License-Identifier: GPL-2.0-or-later
/* Which hooks are called, in which order, what they are told, and how each that fails is named. */
#include "unit/fake/fake_ops.h"

#include "hooks/hooks.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void put_hook(struct fake *fake, const char *name, mode_t mode)
{
	char path[200], full[300];

	snprintf(path, sizeof(path), HOOKS_DIR "/%s", name);
	fake_file(fake, path, "#!/bin/sh\n");
	snprintf(full, sizeof(full), "%s%s", fake->tree, path);
	assert_int_equal(chmod(full, mode), 0);
}

static int run(const struct fake *fake, enum hooks_moment moment, struct error *e)
{
	struct hooks_facts facts = { 0 };
	int r;

	hooks_facts_add(&facts, "VERB", "%s", "exec");
	hooks_facts_add(&facts, "WHY", "two\nlines");
	r = hooks_run(&fake->sys, moment, &facts, e);
	hooks_facts_done(&facts);
	return r;
}

static void without_a_folder_there_is_none(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct error e = ERROR_NONE;

	(void)state;
	assert_int_equal(run(fake, HOOKS_BEFORE_JUMP, &e), 0);
	assert_int_equal(fake_log_count(fake, "hook *"), 0);
	fake_free(fake);
}

static void programs_are_called_in_the_order_of_their_names(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct error e = ERROR_NONE;

	(void)state;
	put_hook(fake, "20-second", 0755);
	put_hook(fake, "10-first", 0755);
	put_hook(fake, "15-no-program", 0644);
	put_hook(fake, "10-first.dpkg-old", 0755);
	put_hook(fake, "30-editor~", 0755);
	fake_dir(fake, HOOKS_DIR "/40-folder");
	assert_int_equal(run(fake, HOOKS_BEFORE_RELEASE, &e), 0);
	assert_int_equal(fake_log_count(fake, "hook *"), 2);
	assert_true(fake_log_find(fake, "hook " HOOKS_DIR "/10-first *") <
		    fake_log_find(fake, "hook " HOOKS_DIR "/20-second *"));
	fake_free(fake);
}

static void a_hook_is_told_the_moment_and_the_facts(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct error e = ERROR_NONE;

	(void)state;
	put_hook(fake, "one", 0755);
	assert_int_equal(run(fake, HOOKS_BEFORE_JUMP, &e), 0);
	assert_true(fake_log_find(fake,
				  "hook " HOOKS_DIR "/one before-jump KEXIT_MOMENT=before-jump "
				  "KEXIT_VERB=exec KEXIT_WHY=two lines = 0") >= 0);
	fake_free(fake);
}

static void the_first_that_fails_is_the_last(void **state)
{
	static const struct fake_fault faults[] = { { "hook", "*/10-no *", FAKE_ERRNO, 3 }, { 0 } };
	struct fake *fake = fake_new(NULL, faults);
	struct error e = ERROR_NONE;

	(void)state;
	put_hook(fake, "10-no", 0755);
	put_hook(fake, "20-later", 0755);
	assert_int_equal(run(fake, HOOKS_BEFORE_RELEASE, &e), -ECANCELED);
	assert_string_equal(e.text, "hook /etc/kexit/hooks.d/10-no: status 3");
	assert_int_equal(fake_log_count(fake, "hook *"), 1);
	fake_free(fake);
}

static void after_a_failure_all_are_called(void **state)
{
	static const struct fake_fault faults[] = { { "hook", "*/10-no *", FAKE_ERRNO, 3 }, { 0 } };
	struct fake *fake = fake_new(NULL, faults);
	struct error e = ERROR_NONE;

	(void)state;
	put_hook(fake, "10-no", 0755);
	put_hook(fake, "20-later", 0755);
	assert_int_equal(run(fake, HOOKS_FAILED, &e), -ECANCELED);
	assert_int_equal(fake_log_count(fake, "hook * failed *"), 2);
	fake_free(fake);
}

static void assert_named(int answer, const char *words)
{
	const struct fake_fault faults[] = { { "hook", "*", FAKE_ERRNO, answer }, { 0 } };
	struct fake *fake = fake_new(NULL, faults);
	struct error e = ERROR_NONE;

	put_hook(fake, "one", 0755);
	assert_int_equal(run(fake, HOOKS_BEFORE_JUMP, &e), -ECANCELED);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
	fake_free(fake);
}

static void each_way_to_fail_is_named(void **state)
{
	(void)state;
	assert_named(1, "status 1");
	assert_named(-ETIMEDOUT, "did not end within 30 s and was killed");
	assert_named(-ENOMEM, "cannot be run: ");
	assert_named(127, "its interpreter is missing");
}

/* ---- the live operation */

static int sh(const char *script, unsigned int limit_ms)
{
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, strdup(script), NULL };
	char *environment[] = { (char[]){ "PATH=/usr/bin:/bin" }, (char[]){ "KEXIT_A=b" }, NULL };
	int r = sys_ops_live.hook(NULL, argv, environment, limit_ms);

	free(argv[2]);
	return r;
}

#define LONG_MS 60000

static void its_status_comes_back(void **state)
{
	(void)state;
	assert_int_equal(sh("exit 0", LONG_MS), 0);
	assert_int_equal(sh("exit 7", LONG_MS), 7);
	assert_int_equal(sh("kill -9 $$", LONG_MS), 128 + 9);
}

static void it_finds_its_own_environment_and_nothing_else(void **state)
{
	(void)state;
	setenv("KEXIT_OF_THE_CALLER", "x", 1);
	assert_int_equal(sh("[ \"$KEXIT_A\" = b ] && [ -z \"$KEXIT_OF_THE_CALLER\" ]", LONG_MS), 0);
}

static void a_program_that_is_not_there_is_one_that_failed(void **state)
{
	char *argv[] = { (char[]){ "/nowhere/hook" }, NULL };
	char *environment[] = { NULL };

	(void)state;
	assert_int_equal(sys_ops_live.hook(NULL, argv, environment, LONG_MS), 127);
}

/* True once nobody has the file of @path, which a hook's child holds locked, open any more. */
static void assert_let_go(const char *path)
{
	char command[200];

	snprintf(command, sizeof(command), "exec flock --wait 60 %s true", path);
	assert_int_equal(system(command), 0);
}

static void one_without_end_is_killed_with_what_it_started(void **state)
{
	char path[] = "/tmp/kexit-hook.XXXXXX", script[200];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(script, sizeof(script), "exec 9>%s; flock 9; sleep 1000 & wait", path);
	assert_int_equal(sh(script, 200), -ETIMEDOUT);
	assert_let_go(path);
	close(fd);
	unlink(path);
}

static void what_it_left_running_is_killed(void **state)
{
	char path[] = "/tmp/kexit-hook.XXXXXX", script[200];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(script, sizeof(script), "exec 9>%s; flock 9; sleep 1000 & exit 0", path);
	assert_int_equal(sh(script, LONG_MS), 0);
	assert_let_go(path);
	close(fd);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_folder_there_is_none),
		cmocka_unit_test(programs_are_called_in_the_order_of_their_names),
		cmocka_unit_test(a_hook_is_told_the_moment_and_the_facts),
		cmocka_unit_test(the_first_that_fails_is_the_last),
		cmocka_unit_test(after_a_failure_all_are_called),
		cmocka_unit_test(each_way_to_fail_is_named),
		cmocka_unit_test(its_status_comes_back),
		cmocka_unit_test(it_finds_its_own_environment_and_nothing_else),
		cmocka_unit_test(a_program_that_is_not_there_is_one_that_failed),
		cmocka_unit_test(one_without_end_is_killed_with_what_it_started),
		cmocka_unit_test(what_it_left_running_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
