// SPDX-License-Identifier: GPL-2.0-or-later
/* The rule language: what is taken, what is refused and with which words, what a rule matches. */
#include "policy/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- help */

struct bench {
	struct graph *graph;
	struct policy *policy;
	struct device *disk; /* an NVMe controller */
	struct device *nic;  /* unbound */
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->graph = graph_new();
	b->policy = policy_new();
	b->disk = graph_add_device(b->graph, "/devices/pci0000:00/0000:00:04.0", "pci");
	b->disk->driver = "nvme";
	b->disk->modalias = "pci:v00008086d00005845sv00001AF4sd00001100bc01sc08i02";
	b->disk->pci = arena_alloc(b->graph->arena, sizeof(*b->disk->pci));
	graph_add_string(b->graph, &b->disk->classes, &b->disk->class_count,
			 &b->disk->class_capacity, "pci:010802");
	graph_add_string(b->graph, &b->disk->classes, &b->disk->class_count,
			 &b->disk->class_capacity, "nvme");
	graph_add_string(b->graph, &b->disk->provides, &b->disk->provide_count,
			 &b->disk->provide_capacity, "nvme0n1");
	b->nic = graph_add_device(b->graph, "/devices/pci0000:00/0000:00:05.0", "pci");
	graph_add_string(b->graph, &b->graph->host, &b->graph->host_count, &b->graph->host_capacity,
			 "bmc");
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	policy_free(b->policy);
	graph_free(b->graph);
	free(b);
	return 0;
}

static int parse(struct bench *b, const char *text, struct error *e)
{
	return policy_parse(b->policy, "t.conf", text, strlen(text), e);
}

static struct ruling judge(struct bench *b, const struct device *device)
{
	struct ruling ruling;

	assert_int_equal(policy_judge(b->policy, b->graph, device, b->graph->arena, &ruling), 0);
	return ruling;
}

/* The rule is good, and says `leave` of the disk. */
static void assert_matches(struct bench *b, const char *text)
{
	struct error e = ERROR_NONE;

	assert_int_equal(parse(b, text, &e), 0);
	assert_int_equal(judge(b, b->disk).action, ACTION_LEAVE);
}

static void assert_does_not_match(struct bench *b, const char *text)
{
	struct error e = ERROR_NONE;

	assert_int_equal(parse(b, text, &e), 0);
	assert_int_equal(judge(b, b->disk).action, ACTION_UNSET);
}

static void assert_refused(struct bench *b, const char *text, const char *message)
{
	struct error e = ERROR_NONE;

	assert_int_equal(parse(b, text, &e), -EINVAL);
	assert_string_equal(e.text, message);
}

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

/* ---- what it matches */

static void bus_matches(void **state)
{
	assert_matches(*state, "bus=pci action=leave reason=x");
}

static void driver_matches_a_glob(void **state)
{
	assert_matches(*state, "driver=nv?e action=leave reason=x");
}

static void an_unbound_function_has_no_driver_to_match(void **state)
{
	struct bench *b = *state;

	assert_int_equal(parse(b, "driver=* action=leave reason=x", NULL), 0);
	assert_int_equal(judge(b, b->nic).action, ACTION_UNSET);
}

static void class_matches_any_of_them(void **state)
{
	assert_matches(*state, "class=nvme action=leave reason=x");
}

static void class_matches_a_pci_class_code(void **state)
{
	assert_matches(*state, "class=pci:0108* action=leave reason=x");
}

static void path_matches_the_name(void **state)
{
	assert_matches(*state, "path=0000:00:04.0 action=leave reason=x");
}

static void path_matches_the_whole_path(void **state)
{
	assert_matches(*state, "path=/devices/pci*/0000:00:04.0 action=leave reason=x");
}

static void modalias_matches(void **state)
{
	assert_matches(*state, "modalias=pci:v00008086d00005845* action=leave reason=x");
}

static void host_matches_what_the_machine_is(void **state)
{
	assert_matches(*state, "host=bmc driver=nvme action=leave reason=x");
}

static void all_that_is_given_must_match(void **state)
{
	assert_does_not_match(*state, "driver=nvme bus=usb action=leave reason=x");
}

static void one_alternative_is_enough(void **state)
{
	assert_matches(*state, "driver=ahci|nvme|sd action=leave reason=x");
}

static void a_prefix_is_no_match(void **state)
{
	assert_does_not_match(*state, "driver=nvm action=leave reason=x");
}

static void a_set_of_characters_matches(void **state)
{
	assert_matches(*state, "driver=[mn]vme action=leave reason=x");
}

/* ---- later wins */

static void a_later_rule_wins(void **state)
{
	struct bench *b = *state;

	assert_matches(b, "bus=pci action=release reason=a\nbus=pci action=leave reason=b\n");
	assert_string_equal(judge(b, b->disk).reason, "b");
	assert_string_equal(judge(b, b->disk).action_rule, "t.conf:2");
}

static void settings_win_one_by_one(void **state)
{
	struct bench *b = *state;
	struct ruling ruling;

	assert_int_equal(parse(b,
			       "bus=pci action=leave deadline=7s phase=net reason=a\n"
			       "bus=pci reset=none verify=waive reason=b\n",
			       NULL),
			 0);
	ruling = judge(b, b->disk);
	assert_int_equal(ruling.action, ACTION_LEAVE);
	assert_string_equal(ruling.reason, "a");
	assert_int_equal(ruling.deadline_ms, 7000);
	assert_int_equal(ruling.phase, PHASE_NET);
	assert_int_equal(ruling.reset, RESET_NONE);
	assert_true(ruling.waive_verify);
	assert_string_equal(ruling.waive_rule, "t.conf:2");
}

static void verify_check_takes_a_waiver_back(void **state)
{
	struct bench *b = *state;

	assert_int_equal(
		parse(b, "bus=pci verify=waive reason=a\nbus=pci verify=check reason=b\n", NULL),
		0);
	assert_false(judge(b, b->disk).waive_verify);
}

static void every_warning_is_kept(void **state)
{
	struct bench *b = *state;

	assert_int_equal(parse(b, "bus=pci warn=one\nbus=pci warn=two\n", NULL), 0);
	assert_int_equal(judge(b, b->disk).warning_count, 2);
	assert_string_equal(judge(b, b->disk).warnings[1], "two");
}

static void the_command_line_outranks_every_rule(void **state)
{
	struct bench *b = *state;
	struct error e = ERROR_NONE;

	/* Given before the rules are read, as a verb does. */
	assert_int_equal(policy_add_choice(b->policy, ACTION_RELEASE, "nvme0n1", "--release", &e),
			 0);
	assert_int_equal(parse(b, "bus=pci action=leave reason=x", &e), 0);
	assert_int_equal(judge(b, b->disk).action, ACTION_RELEASE);
	assert_string_equal(judge(b, b->disk).action_rule, "--release nvme0n1");
}

/* ---- what a person types */

static void assert_choice(struct bench *b, const char *match)
{
	struct error e = ERROR_NONE;

	assert_int_equal(policy_add_choice(b->policy, ACTION_LEAVE, match, "--leave", &e), 0);
	assert_int_equal(judge(b, b->disk).action, ACTION_LEAVE);
	assert_null(policy_unmatched(b->policy));
}

static void a_choice_by_address(void **state)
{
	assert_choice(*state, "0000:00:04.0");
}

static void a_choice_by_short_address(void **state)
{
	assert_choice(*state, "00:04.0");
}

static void a_choice_by_sysfs_path(void **state)
{
	assert_choice(*state, "/sys/devices/pci0000:00/0000:00:04.0");
}

static void a_choice_by_disk(void **state)
{
	assert_choice(*state, "/dev/nvme0n1");
}

static void a_choice_by_driver_and_by_class(void **state)
{
	assert_choice(*state, "nvme");
}

static void a_choice_by_glob(void **state)
{
	assert_choice(*state, "nvme0*");
}

static void a_choice_by_partition(void **state)
{
	struct bench *b = *state;
	struct disk *whole = graph_add_disk(b->graph, "nvme0n1");
	struct disk *partition = graph_add_disk(b->graph, "nvme0n1p2");
	struct device *owners[] = { b->disk };

	whole->owners = owners;
	whole->owner_count = 1;
	partition->whole = whole;
	assert_choice(b, "nvme0n1p2");
}

static void a_choice_that_matches_nothing_is_named(void **state)
{
	struct bench *b = *state;
	struct error e = ERROR_NONE;

	assert_int_equal(policy_add_choice(b->policy, ACTION_LEAVE, "eth9", "--leave", &e), 0);
	judge(b, b->disk);
	judge(b, b->nic);
	assert_string_equal(policy_unmatched(b->policy), "--leave eth9");
}

static void an_empty_choice_is_refused(void **state)
{
	struct bench *b = *state;
	struct error e = ERROR_NONE;

	assert_int_equal(policy_add_choice(b->policy, ACTION_LEAVE, "", "--leave", &e), -EINVAL);
	assert_string_equal(e.text, "--leave needs a device, a driver or a class");
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
	assert_refused(*state, "driver=nvme action=unbind reason=x\n",
		       "t.conf:1: action=unbind is unknown; there are release, leave, follow");
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

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
		T(bus_matches),
		T(driver_matches_a_glob),
		T(an_unbound_function_has_no_driver_to_match),
		T(class_matches_any_of_them),
		T(class_matches_a_pci_class_code),
		T(path_matches_the_name),
		T(path_matches_the_whole_path),
		T(modalias_matches),
		T(host_matches_what_the_machine_is),
		T(all_that_is_given_must_match),
		T(one_alternative_is_enough),
		T(a_prefix_is_no_match),
		T(a_set_of_characters_matches),
		T(a_later_rule_wins),
		T(settings_win_one_by_one),
		T(verify_check_takes_a_waiver_back),
		T(every_warning_is_kept),
		T(the_command_line_outranks_every_rule),
		T(a_choice_by_address),
		T(a_choice_by_short_address),
		T(a_choice_by_sysfs_path),
		T(a_choice_by_disk),
		T(a_choice_by_driver_and_by_class),
		T(a_choice_by_glob),
		T(a_choice_by_partition),
		T(a_choice_that_matches_nothing_is_named),
		T(an_empty_choice_is_refused),
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
