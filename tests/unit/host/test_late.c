// SPDX-License-Identifier: GPL-2.0-or-later
/* What the late module is told, and what is told of its answer. */
#include "unit/fake/fake_ops.h"

#include "host/late.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const clears[] = { "0000:00:1f.3" };
static const char *const resets[] = { "0000:00:01.0", "0000:00:02.0" };
static const char *const functions[] = { "0000:03:00.0" };
static const char *const stuck[] = { "/devices/pci0000:00/0000:00:05.0" };

static void test_one_line_a_name(void **state)
{
	const struct late_request request = {
		.timeout_s = 60,
		.clears = { clears, 1 },
		.resets = { resets, 2 },
		.function_resets = { functions, 1 },
		.stuck = { stuck, 1 },
	};
	struct fake *fake = fake_new(NULL, NULL);
	struct error e = ERROR_NONE;
	char skipped[256] = "?";
	char *text;

	(void)state;
	assert_int_equal(late_arm(&fake->sys, &request, skipped, sizeof(skipped), &e), 0);
	assert_string_equal(skipped, "");
	text = fake_text(fake, LATE_DEVICE);
	assert_string_equal(text, "kexit-late 1\n"
				  "timeout 60\n"
				  "stuck /devices/pci0000:00/0000:00:05.0\n"
				  "clear 0000:00:1f.3\n"
				  "reset-function 0000:03:00.0\n"
				  "reset 0000:00:01.0\n"
				  "reset 0000:00:02.0");
	free(text);
	fake_free(fake);
}

static void test_refusal_has_the_modules_own_words(void **state)
{
	static const struct fake_fault faults[] = { { "submit", LATE_DEVICE, FAKE_ERRNO, -EINVAL },
						    { 0 } };
	const struct late_request request = { .resets = { resets, 2 } };
	struct fake *fake = fake_new(NULL, faults);
	struct error e = ERROR_NONE;
	char skipped[256];

	(void)state;
	assert_int_equal(late_arm(&fake->sys, &request, skipped, sizeof(skipped), &e), -EINVAL);
	assert_non_null(strstr(e.text, "line 2: as the test wants it"));
	assert_non_null(strstr(e.text, "EINVAL"));
	fake_free(fake);
}

/* A function was pulled out between the last look and the write. */
static void test_lines_that_were_left_out_are_told(void **state)
{
	static const struct fake_fault faults[] = { { "submit", LATE_DEVICE, FAKE_ERRNO, 0 },
						    { 0 } };
	const struct late_request request = { .resets = { resets, 2 } };
	struct fake *fake = fake_new(NULL, faults);
	struct error e = ERROR_NONE;
	char skipped[256] = "";

	(void)state;
	assert_int_equal(late_arm(&fake->sys, &request, skipped, sizeof(skipped), &e), 0);
	assert_string_equal(skipped, "skipped 1 of 3 lines; line 2: as the test wants it");
	fake_free(fake);
}

static void test_without_the_module_there_is_nothing_to_disarm(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct error e = ERROR_NONE;

	(void)state;
	assert_false(late_is_present(fake->sys.root));
	assert_int_equal(late_disarm(&fake->sys, &e), 0);
	assert_int_equal(fake_log_count(fake, "submit*"), 0);
	fake_file(fake, LATE_DEVICE, "");
	assert_true(late_is_present(fake->sys.root));
	assert_int_equal(late_disarm(&fake->sys, &e), 0);
	assert_int_equal(fake_log_count(fake, "submit " LATE_DEVICE " disarm; = 0"), 1);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_line_a_name),
		cmocka_unit_test(test_refusal_has_the_modules_own_words),
		cmocka_unit_test(test_lines_that_were_left_out_are_told),
		cmocka_unit_test(test_without_the_module_there_is_nothing_to_disarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
