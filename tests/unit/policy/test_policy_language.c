// SPDX-License-Identifier: GPL-2.0-or-later
/* The rule language: what is taken, what is refused and with which words. */
#include "unit/policy/test_policy_bench.h"

/* ---- what is taken */

static void an_empty_text_holds_no_rule(void **state)
{
	assert_does_not_match(*state, "");
}

static void comments_and_blank_lines_are_passed_over(void **state)
{
	assert_does_not_match(*state, "# action=leave\n\n  \t# more\n");
}

static void a_rule_may_end_in_a_comment(void **state)
{
	assert_matches(*state, "driver=nvme action=leave reason=x # why not\n");
}

static void the_last_line_needs_no_newline(void **state)
{
	assert_matches(*state, "driver=nvme action=leave reason=x");
}

static void a_backslash_continues_a_rule(void **state)
{
	assert_matches(*state, "driver=nvme \\\n\taction=leave \\\n\treason=x\n");
}

static void a_continued_rule_is_named_by_its_first_line(void **state)
{
	struct bench *b = *state;

	assert_matches(b, "\n# one\ndriver=nvme \\\n\taction=leave reason=x\n");
	assert_string_equal(judge(b, b->disk).action_rule, "t.conf:3");
}

static void quotes_keep_blanks_and_hashes(void **state)
{
	struct bench *b = *state;

	assert_matches(b, "driver=nvme action=leave reason=\"slot #2 is ours\"");
	assert_string_equal(judge(b, b->disk).reason, "slot #2 is ours");
}

static void a_backslash_in_quotes_takes_the_next_character(void **state)
{
	struct bench *b = *state;

	assert_matches(b, "driver=nvme action=leave reason=\"a \\\"b\\\" \\\\ c\"");
	assert_string_equal(judge(b, b->disk).reason, "a \"b\" \\ c");
}

static void text_may_be_any_utf8(void **state)
{
	struct bench *b = *state;

	assert_matches(b, "driver=nvme action=leave reason=\"pr\xc3\xbc"
			  "fen\"");
	assert_string_equal(judge(b, b->disk).reason, "pr\xc3\xbc"
						      "fen");
}

static void each_unit_of_time_is_taken(void **state)
{
	static const struct {
		const char *text;
		unsigned int ms;
	} times[] = {
		{ "10s", 10000 }, { "500ms", 500 }, { "2min", 120000 }, { "60min", 3600000 }
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "bus=pci deadline=%s reason=x", times[i].text);
		assert_int_equal(parse(b, line, NULL), 0);
		assert_int_equal(judge(b, b->disk).deadline_ms, times[i].ms);
	}
}

/* ---- what is refused */

static void an_unknown_key_is_refused(void **state)
{
	assert_refused(*state, "\ndriver=nvme acton=leave reason=x\n",
		       "t.conf:2: unknown key \"acton\"");
}

static void the_line_of_a_continued_rule_is_the_line_of_the_word(void **state)
{
	assert_refused(*state, "driver=nvme \\\n action=leave \\\n colour=red reason=x\n",
		       "t.conf:3: unknown key \"colour\"");
}

static void a_missing_reason_is_refused(void **state)
{
	assert_refused(*state, "driver=nvme action=leave\n",
		       "t.conf:1: the rule has no reason=\"...\"");
}

static void a_deadline_too_needs_a_reason(void **state)
{
	assert_refused(*state, "driver=nvme deadline=1s\n",
		       "t.conf:1: the rule has no reason=\"...\"");
}

static void a_rule_that_matches_nothing_is_refused(void **state)
{
	assert_refused(*state, "action=leave reason=x\n",
		       "t.conf:1: the rule matches nothing: give bus, driver, class, path, "
		       "modalias or host");
}

static void a_rule_that_sets_nothing_is_refused(void **state)
{
	assert_refused(*state, "driver=nvme reason=x\n",
		       "t.conf:1: the rule sets nothing: give action, reset, deadline, phase, "
		       "verify or warn");
}

static void a_word_without_a_value_is_refused(void **state)
{
	assert_refused(*state, "driver=nvme leave\n",
		       "t.conf:1: expected key=value, found \"leave\"");
}

static void an_empty_value_is_refused(void **state)
{
	assert_refused(*state, "driver= action=leave reason=x\n",
		       "t.conf:1: \"driver\" has no value");
}

static void an_empty_key_is_refused(void **state)
{
	assert_refused(*state, "=nvme\n", "t.conf:1: a key is missing before \"=\"");
}

static void a_key_given_twice_is_refused(void **state)
{
	assert_refused(*state, "driver=a driver=b action=leave reason=x\n",
		       "t.conf:1: \"driver\" is given twice in one rule");
}

static void an_unknown_action_is_refused_with_those_there_are(void **state)
{
	assert_refused(
		*state, "driver=nvme action=unbind reason=x\n",
		"t.conf:1: action=unbind is unknown; there are release, leave, shutdown, follow");
}

static void a_symbol_names_its_module(void **state)
{
	static const char *const wrong[] = { "ahci_shutdown_one", "ahci:", ":f", "ahci:*",
					     "a:b:c" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[128], message[192];
		struct bench *fresh;

		snprintf(text, sizeof(text), "driver=a symbol=%s action=shutdown reason=x\n",
			 wrong[i]);
		snprintf(message, sizeof(message),
			 "t.conf:1: symbol=%s is none; write MODULE:FUNCTION, such as "
			 "ahci:ahci_shutdown_one",
			 wrong[i]);
		assert_int_equal(setup((void **)&fresh), 0);
		assert_refused(fresh, text, message);
		teardown((void **)&fresh);
	}
	assert_refused(*state, "driver=a symbol=a:b symbol=a:c action=shutdown reason=x\n",
		       "t.conf:1: \"symbol\" is given twice in one rule");
}

static void an_unknown_phase_is_refused(void **state)
{
	assert_refused(*state, "driver=nvme phase=6 reason=x\n",
		       "t.conf:1: phase=6 is unknown; there are net, bus, storage, engine, last");
}

static void a_deadline_without_a_unit_is_refused(void **state)
{
	assert_refused(*state, "driver=nvme deadline=10 reason=x\n",
		       "t.conf:1: deadline=10 is no time from 1ms to 60min; write 500ms, 10s or "
		       "2min");
}

static void a_deadline_of_nothing_is_refused(void **state)
{
	assert_refused(*state, "driver=nvme deadline=0s reason=x\n",
		       "t.conf:1: deadline=0s is no time from 1ms to 60min; write 500ms, 10s or "
		       "2min");
}

static void a_deadline_that_overflows_is_refused(void **state)
{
	assert_refused(*state, "driver=nvme deadline=99999999999999999999min reason=x\n",
		       "t.conf:1: deadline=99999999999999999999min is no time from 1ms to 60min; "
		       "write 500ms, 10s or 2min");
}

static void an_open_bracket_is_refused(void **state)
{
	assert_refused(*state, "driver=nv[me action=leave reason=x\n",
		       "t.conf:1: driver=nv[me is no glob: \"[\" without \"]\", or \"\\\" at its "
		       "end");
}

static void an_empty_alternative_is_refused(void **state)
{
	assert_refused(*state, "driver=a||b action=leave reason=x\n",
		       "t.conf:1: driver=a||b has an empty alternative");
}

static void an_open_quote_is_refused_at_its_line(void **state)
{
	assert_refused(*state, "# one\ndriver=nvme reason=\"x\naction=leave\n",
		       "t.conf:2: the value of \"reason\" has no closing quote");
}

static void text_behind_a_quote_is_refused(void **state)
{
	assert_refused(*state, "driver=\"nvme\"x action=leave reason=x\n",
		       "t.conf:1: no space after the closing quote of \"driver\"");
}

static void a_quote_inside_a_value_is_refused(void **state)
{
	assert_refused(*state, "driver=nv\"me\" action=leave reason=x\n",
		       "t.conf:1: a quote inside the value of \"driver\"");
}

static void a_control_character_is_refused(void **state)
{
	assert_refused(*state, "#\n#\ndriver=nvme\x01 action=leave\n",
		       "t.conf:3: control character 0x01");
}

static void dos_line_ends_are_refused_by_name(void **state)
{
	assert_refused(*state, "driver=nvme action=leave reason=x\r\n",
		       "t.conf:1: carriage return; lines end in a newline alone");
}

static void a_nul_byte_is_refused(void **state)
{
	struct bench *b = *state;
	struct error e = ERROR_NONE;

	assert_int_equal(policy_parse(b->policy, "t.conf", "#\n#\0\n", 5, &e), -EINVAL);
	assert_string_equal(e.text, "t.conf:2: control character 0x00");
}

static void what_is_no_utf8_is_refused(void **state)
{
	assert_refused(*state, "# \xc3(\n", "t.conf:1: not UTF-8 (byte 0xc3)");
}

static void an_overlong_utf8_form_is_refused(void **state)
{
	assert_refused(*state, "# \xc0\xaf\n", "t.conf:1: not UTF-8 (byte 0xc0)");
}

static void a_cut_utf8_character_is_refused(void **state)
{
	assert_refused(*state, "# \xe2\x82", "t.conf:1: not UTF-8 (byte 0xe2)");
}

static void a_long_line_is_refused(void **state)
{
	char text[5000];

	memset(text, 'x', sizeof(text));
	text[0] = '#';
	text[sizeof(text) - 1] = '\0';
	assert_refused(*state, text, "t.conf:1: line is longer than 4096 bytes");
}

static void a_value_cannot_grow_over_continued_lines(void **state)
{
	char text[3 * 3000 + 32], *p = text;

	p += sprintf(p, "driver=\"");
	for (int i = 0; i < 3; i++) {
		memset(p, 'x', 2000);
		p += 2000;
		p += sprintf(p, "\\\n");
	}
	assert_refused(*state, text, "t.conf:3: the value of \"driver\" is longer than 4096 bytes");
}

static void a_long_key_is_refused(void **state)
{
	assert_refused(*state, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=b\n",
		       "t.conf:1: expected key=value, found "
		       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\"");
}

static void a_huge_text_is_refused(void **state)
{
	struct bench *b = *state;
	struct error e = ERROR_NONE;
	size_t size = 1024 * 1024 + 1;
	char *text = malloc(size);

	memset(text, '\n', size);
	assert_int_equal(policy_parse(b->policy, "t.conf", text, size, &e), -EINVAL);
	assert_string_equal(e.text, "t.conf: larger than 1048576 bytes");
	free(text);
}

static void the_built_in_rules_are_good(void **state)
{
	struct bench *b = *state;
	struct error e = ERROR_NONE;

	assert_int_equal(policy_add_builtin(b->policy, &e), 0);
	assert_string_equal(e.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_text_holds_no_rule),
		T(comments_and_blank_lines_are_passed_over),
		T(a_rule_may_end_in_a_comment),
		T(the_last_line_needs_no_newline),
		T(a_backslash_continues_a_rule),
		T(a_continued_rule_is_named_by_its_first_line),
		T(quotes_keep_blanks_and_hashes),
		T(a_backslash_in_quotes_takes_the_next_character),
		T(text_may_be_any_utf8),
		T(each_unit_of_time_is_taken),
		T(an_unknown_key_is_refused),
		T(the_line_of_a_continued_rule_is_the_line_of_the_word),
		T(a_missing_reason_is_refused),
		T(a_deadline_too_needs_a_reason),
		T(a_rule_that_matches_nothing_is_refused),
		T(a_rule_that_sets_nothing_is_refused),
		T(a_word_without_a_value_is_refused),
		T(an_empty_value_is_refused),
		T(an_empty_key_is_refused),
		T(a_key_given_twice_is_refused),
		T(an_unknown_action_is_refused_with_those_there_are),
		T(a_symbol_names_its_module),
		T(an_unknown_phase_is_refused),
		T(a_deadline_without_a_unit_is_refused),
		T(a_deadline_of_nothing_is_refused),
		T(a_deadline_that_overflows_is_refused),
		T(an_open_bracket_is_refused),
		T(an_empty_alternative_is_refused),
		T(an_open_quote_is_refused_at_its_line),
		T(text_behind_a_quote_is_refused),
		T(a_quote_inside_a_value_is_refused),
		T(a_control_character_is_refused),
		T(dos_line_ends_are_refused_by_name),
		T(a_nul_byte_is_refused),
		T(what_is_no_utf8_is_refused),
		T(an_overlong_utf8_form_is_refused),
		T(a_cut_utf8_character_is_refused),
		T(a_long_line_is_refused),
		T(a_value_cannot_grow_over_continued_lines),
		T(a_long_key_is_refused),
		T(a_huge_text_is_refused),
		T(the_built_in_rules_are_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
