// SPDX-License-Identifier: GPL-2.0-or-later
/* What of arbitrary bytes may be shown. */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void characters_are_measured(void **state)
{
	static const struct {
		const char *text;
		size_t length, shown;
	} cases[] = {
		{ "", 0, 0 },
		{ "a", 1, 1 },
		{ "\x1b[", 1, 0 },
		{ "\n", 1, 0 },
		{ "\x7f", 1, 0 },
		{ "\x80", 0, 0 },
		{ "\x9b"
		  "31m",
		  0, 0 },
		{ "\xc2\x9b"
		  "31m",
		  2, 0 }, /* CSI, as a character of C1 */
		{ "\xc2\xa0", 2, 2 },
		{ "\xc3\xa4", 2, 2 },
		{ "\xe2\x82\xac", 3, 3 },
		{ "\xf0\x9f\x92\xbe", 4, 4 },
		{ "\xc0\x9b", 0, 0 },	      /* an overlong ESC */
		{ "\xe0\x82\x9b", 0, 0 },     /* an overlong CSI */
		{ "\xed\xa0\x80", 0, 0 },     /* a surrogate */
		{ "\xf4\x90\x80\x80", 0, 0 }, /* beyond the last */
		{ "\xf8\x88\x80\x80\x80", 0, 0 },
		{ "\xe2\x82", 0, 0 },
		{ "\xff", 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(utf8_length(cases[i].text), cases[i].length);
		assert_int_equal(utf8_shown_length(cases[i].text), cases[i].shown);
	}
}

static void bytes_that_are_no_text_become_question_marks(void **state)
{
	char text[] = "a\xff\xc3\xa4\xc2z\x1b";

	utf8_make_valid(text);
	assert_string_equal(text, "a?\xc3\xa4?z\x1b");
}

static void what_a_terminal_obeys_becomes_question_marks(void **state)
{
	char text[] = "a\x1b[2J\xc2\x9b"
		      "31m\x9b\xc3\xa4\r\n";

	utf8_make_printable(text);
	assert_string_equal(text, "a?[2J?31m?\xc3\xa4??");
}

/* Whatever goes in: what comes out has nothing to obey, and doing it again changes nothing. */
static void any_bytes_become_printable(void **state)
{
	uint32_t random = 7;

	for (int round = 0; round < 20000; round++) {
		char text[24], again[24];
		size_t length = 0;

		while (length < sizeof(text) - 1) {
			random = random * 1664525u + 1013904223u;
			text[length++] = (char)((random >> 24) ?: 1);
		}
		text[length] = '\0';
		utf8_make_printable(text);
		strcpy(again, text);
		utf8_make_printable(again);
		assert_string_equal(again, text);
		for (const char *at = text; *at; at += utf8_length(at))
			assert_int_not_equal(utf8_shown_length(at), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_measured),
		cmocka_unit_test(bytes_that_are_no_text_become_question_marks),
		cmocka_unit_test(what_a_terminal_obeys_becomes_question_marks),
		cmocka_unit_test(any_bytes_become_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
