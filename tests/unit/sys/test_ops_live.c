// SPDX-License-Identifier: GPL-2.0-or-later
/* The live table, as far as it can be run without touching the machine. */
#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct sys live = { .ops = &sys_ops_live };

static int run_shell(const char *script, char *output, size_t size)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, strdupa(script), NULL };

	return sys_run(&live, argv, output, size);
}

static void test_run_gives_status_and_words(void **state)
{
	char output[64];

	assert_int_equal(run_shell("echo out; echo err >&2; exit 3", output, sizeof(output)), 3);
	assert_string_equal(output, "out\nerr");
	assert_int_equal(run_shell("kill -TERM $$", output, sizeof(output)), 128 + SIGTERM);
	assert_string_equal(output, "");
}

static void test_run_cuts_long_output(void **state)
{
	char output[8];

	/* More than a pipe holds: the child must not block on it. */
	assert_int_equal(run_shell("head -c 200000 /dev/zero | tr '\\0' x", output, 8), 0);
	assert_string_equal(output, "xxxxxxx");
}

static void test_run_without_the_program(void **state)
{
	char *const argv[] = { (char[]){ "kexit-no-such-program" }, NULL };
	char output[8];

	assert_int_equal(sys_run(&live, argv, output, sizeof(output)), -ENOENT);
}

static void test_run_does_not_pass_blocked_signals_on(void **state)
{
	sigset_t all, old;
	char output[64];

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	assert_int_equal(run_shell("grep SigBlk /proc/self/status", output, sizeof(output)), 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	assert_string_equal(output, "SigBlk:\t0000000000000000");
}

static void test_write_answers_the_errno(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	char path[PATH_MAX], *text;

	fake_file(fake, "/a", "");
	snprintf(path, sizeof(path), "%s/a", fake->tree);
	assert_int_equal(sys_write(&live, path, "0000:00:02.0"), 0);
	text = fake_text(fake, "/a");
	assert_string_equal(text, "0000:00:02.0");
	free(text);
	assert_int_equal(sys_write(&live, "/nonexistent/attribute", "1"), -ENOENT);
	assert_int_equal(sys_write(&live, "/dev/full", "1"), -ENOSPC);
	fake_free(fake);
}

static void test_config_changes_only_the_mask(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	char path[PATH_MAX], *text;

	fake_bytes(fake, "/dev0/config", "ABCD\x47\x04yz", 8);
	fake_bytes(fake, "/gone/config", "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	snprintf(path, sizeof(path), "%s/dev0", fake->tree);
	assert_int_equal(sys_config_write16(&live, path, 4, 0x0004, 0), 0);
	text = fake_text(fake, "/dev0/config");
	assert_memory_equal(text, "ABCD\x43\x04yz", 8);
	free(text);
	snprintf(path, sizeof(path), "%s/gone", fake->tree);
	assert_int_equal(sys_config_write16(&live, path, 4, 0x0004, 0), -ENODEV);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run_gives_status_and_words),
		cmocka_unit_test(test_run_cuts_long_output),
		cmocka_unit_test(test_run_without_the_program),
		cmocka_unit_test(test_run_does_not_pass_blocked_signals_on),
		cmocka_unit_test(test_write_answers_the_errno),
		cmocka_unit_test(test_config_changes_only_the_mask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
