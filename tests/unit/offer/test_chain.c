// SPDX-License-Identifier: GPL-2.0-or-later
/* The count that one kexit-boot hands to the next on the command line. */
#include "offer/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_chain(const char *options, unsigned int count, const char *machine,
			 const char *expected)
{
	char *text = chain_add(options, count, machine);

	assert_string_equal(text, expected);
	free(text);
}

static void the_count_comes_first(void **state)
{
	assert_chain("root=/dev/sda1  ro", 1, "x86_64", "kexit.chain=1 root=/dev/sda1  ro");
	/* What stands behind "--" is init's. */
	assert_chain("ro -- single", 2, "aarch64", "kexit.chain=2 ro -- single");
}

/* kernel-install(8) copies /proc/cmdline into an entry. */
static void an_old_count_goes(void **state)
{
	assert_chain("kexit.chain=1 ro", 1, "x86_64", "kexit.chain=1 ro");
	assert_chain("ro kexit.chain=7 quiet kexit.chain=8", 2, "x86_64",
		     "kexit.chain=2 ro quiet ");
	assert_chain("x=\"a kexit.chain=7 b\" ro", 1, "x86_64",
		     "kexit.chain=1 x=\"a kexit.chain=7 b\" ro");
}

/* The kernel has one of its own, which an argument would replace. */
static void an_empty_command_line_stays_empty_but_on_x86(void **state)
{
	assert_chain("", 1, "aarch64", "");
	assert_chain("", 1, "ppc64le", "");
	assert_chain("", 1, "x86_64", "kexit.chain=1");
}

static void one_that_is_full_stays_as_it_is(void **state)
{
	char options[2048];

	memset(options, 'x', sizeof(options) - 1);
	options[sizeof(options) - 1] = '\0';
	assert_chain(options, 1, "x86_64", options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_count_comes_first),
		cmocka_unit_test(an_old_count_goes),
		cmocka_unit_test(an_empty_command_line_stays_empty_but_on_x86),
		cmocka_unit_test(one_that_is_full_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
