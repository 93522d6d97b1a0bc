// SPDX-License-Identifier: GPL-2.0-or-later
/* What a rule and what a person types match, and which of several rules wins. */
#include "unit/policy/test_policy_bench.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
