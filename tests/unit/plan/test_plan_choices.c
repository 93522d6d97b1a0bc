// SPDX-License-Identifier: GPL-2.0-or-later
/* What a person chooses, what unbound functions need, and what a plan warns of. */
#include "unit/plan/test_plan_bench.h"

/* ---- choices */

static void leave_on_a_child_keeps_what_is_above(void **state)
{
	struct bench *b = *state;
	struct device *hba = add(b, "/devices/hba", "r", "drv");

	add_name(b, add(b, "/devices/hba/disk", "f", "sd"), "sda");
	rules(b, bus_rules);
	assert_int_equal(policy_add_choice(b->policy, ACTION_LEAVE, "sda", "--leave", &b->e), 0);
	make_plan(b);
	assert_fate(b, hba, FATE_LEAVE);
	assert_string_equal(decision(b, hba)->reason, "kept for disk: asked for");
	assert_string_equal(decision(b, hba)->rule, "--leave sda");
}

static void release_overrules_a_rule(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/gpu", "l", "drv");

	rules(b, bus_rules);
	assert_int_equal(policy_add_choice(b->policy, ACTION_RELEASE, "gpu", "--release", &b->e),
			 0);
	make_plan(b);
	assert_fate(b, d, FATE_RELEASE);
}

static void release_does_not_overrule_a_use_and_says_so(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/disk", "r", "drv");

	rules(b, bus_rules);
	graph_add_use(b->graph, d, USE_SWAP, "swap on sda2");
	assert_int_equal(policy_add_choice(b->policy, ACTION_RELEASE, "disk", "--release", &b->e),
			 0);
	make_plan(b);
	assert_fate(b, d, FATE_LEAVE);
	assert_int_equal(decision(b, d)->warning_count, 1);
	assert_string_equal(decision(b, d)->warnings[0],
			    "--release disk is not done: swap on sda2");
}

static void a_choice_that_matches_nothing_ends_the_plan(void **state)
{
	struct bench *b = *state;

	add(b, "/devices/a", "r", "drv");
	rules(b, bus_rules);
	assert_int_equal(policy_add_choice(b->policy, ACTION_LEAVE, "eth7", "--leave", &b->e), 0);
	assert_int_equal(try_plan(b), -EINVAL);
	assert_string_equal(b->e.text, "--leave eth7: no device has that name, address, driver or "
				       "class; 'kexit scan' lists them");
}

static void only_leaves_all_else(void **state)
{
	struct bench *b = *state;
	struct device *chosen = add(b, "/devices/a", "r", "drv");
	struct device *other = add(b, "/devices/b", "r", "drv");

	rules(b, bus_rules);
	assert_int_equal(policy_add_only(b->policy, "a", &b->e), 0);
	make_plan(b);
	assert_fate(b, chosen, FATE_RELEASE);
	assert_fate(b, other, FATE_LEAVE);
	assert_string_equal(decision(b, other)->rule, "--only");
}

static void only_takes_along_what_is_below(void **state)
{
	struct bench *b = *state;
	struct device *hba = add(b, "/devices/hba", "r", "drv");
	struct device *disk = add(b, "/devices/hba/disk", "f", "sd");

	rules(b, bus_rules);
	assert_int_equal(policy_add_only(b->policy, "hba", &b->e), 0);
	make_plan(b);
	assert_fate(b, hba, FATE_RELEASE);
	assert_fate(b, disk, FATE_FOLLOW);
}

static void only_of_what_follows_means_what_it_follows(void **state)
{
	struct bench *b = *state;
	struct device *transport = add(b, "/devices/virtio-pci", "r", "virtio-pci");
	struct device *nic = add(b, "/devices/virtio-pci/virtio0", "f", "virtio_net");

	add_name(b, nic, "eth0");
	rules(b, bus_rules);
	assert_int_equal(policy_add_only(b->policy, "eth0", &b->e), 0);
	make_plan(b);
	assert_fate(b, transport, FATE_RELEASE);
	assert_fate(b, nic, FATE_FOLLOW);
}

static void strict_refuses_a_use_and_names_it(void **state)
{
	struct bench *b = *state;

	graph_add_use(b->graph, add(b, "/devices/disk", "r", "nvme"), USE_MOUNT, "ext4 on /");
	rules(b, bus_rules);
	b->options.strict = true;
	assert_int_equal(try_plan(b), -EBUSY);
	assert_string_equal(b->e.text, "disk (nvme) is in use (ext4 on /): stop the use, or run "
				       "without --strict to leave it");
}

static void strict_does_not_mind_the_use_of_what_stays_anyway(void **state)
{
	struct bench *b = *state;

	graph_add_use(b->graph, add(b, "/devices/serial", "l", "serial"), USE_CONSOLE,
		      "console ttyS0");
	rules(b, bus_rules);
	b->options.strict = true;
	make_plan(b);
}

/* ---- unbound functions */

static void an_unbound_function_that_masters_is_cleared(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:05.0", NULL, 0x020000);

	builtin(b);
	d->pci->command = 0x0006;
	make_plan(b);
	assert_fate(b, d, FATE_CLEAR);
	assert_int_equal(b->plan->clear_count, 1);
	assert_int_equal(decision(b, d)->phase, PHASE_LAST);
}

static void an_unbound_function_that_does_not_master_is_none(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:05.0", NULL, 0x020000);

	builtin(b);
	d->pci->command = 0x0002;
	make_plan(b);
	assert_fate(b, d, FATE_NONE);
}

static void an_unbound_bridge_is_never_cleared(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:1f.0", NULL, 0x060100);

	builtin(b);
	d->pci->command = 0x0007;
	make_plan(b);
	assert_fate(b, d, FATE_NONE);
}

static void an_unbound_system_peripheral_is_never_cleared(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:1f.0", NULL, 0x080600);

	builtin(b);
	d->pci->command = 0x0007;
	make_plan(b);
	assert_fate(b, d, FATE_NONE);
}

static void the_consoles_display_is_never_cleared(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:01.0", NULL, 0x030000);

	builtin(b);
	d->pci->command = 0x0007;
	d->pci->is_boot_display = true;
	make_plan(b);
	assert_fate(b, d, FATE_NONE);
}

static void another_display_is_cleared(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:01.0", NULL, 0x030000);

	builtin(b);
	d->pci->command = 0x0007;
	make_plan(b);
	assert_fate(b, d, FATE_CLEAR);
}

static void leave_keeps_an_unbound_function_from_being_cleared(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:05.0", NULL, 0x020000);

	builtin(b);
	d->pci->command = 0x0006;
	assert_int_equal(policy_add_choice(b->policy, ACTION_LEAVE, "00:05.0", "--leave", &b->e),
			 0);
	make_plan(b);
	assert_fate(b, d, FATE_NONE);
}

/* ---- warnings, ends */

static void a_warning_is_for_what_goes(void **state)
{
	struct bench *b = *state;
	struct device *goes = add(b, "/devices/a", "r", "drv");
	struct device *stays = add(b, "/devices/b", "l", "drv");

	rules(b, bus_rules);
	rules(b, "driver=drv warn=careful");
	make_plan(b);
	assert_int_equal(decision(b, goes)->warning_count, 1);
	assert_int_equal(decision(b, stays)->warning_count, 0);
	assert_int_equal(b->plan->summary.warnings, 1);
}

static void a_running_watchdog_is_warned_of(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/wdt", "l", "drv");
	struct watchdog dog = {
		.name = "watchdog0", .owner = d, .is_running = true, .timeout = 60
	};

	rules(b, bus_rules);
	b->graph->watchdogs = &dog;
	b->graph->watchdog_count = 1;
	make_plan(b);
	assert_string_equal(decision(b, d)->warnings[0],
			    "watchdog0 runs and resets the machine in 60 s unless the next "
			    "kernel feeds it");
}

static void a_console_display_that_stays_alive_is_warned_of(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:01.0", "bochs-drm", 0x030000);

	builtin(b);
	d->pci->command = 0x0007;
	d->pci->is_boot_display = true;
	make_plan(b);
	assert_fate(b, d, FATE_LEAVE);
	assert_int_equal(decision(b, d)->warning_count, 1);
}

static void an_empty_machine_has_an_empty_plan(void **state)
{
	struct bench *b = *state;

	builtin(b);
	make_plan(b);
	assert_int_equal(b->plan->order_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(leave_on_a_child_keeps_what_is_above),
		T(release_overrules_a_rule),
		T(release_does_not_overrule_a_use_and_says_so),
		T(a_choice_that_matches_nothing_ends_the_plan),
		T(only_leaves_all_else),
		T(only_takes_along_what_is_below),
		T(only_of_what_follows_means_what_it_follows),
		T(strict_refuses_a_use_and_names_it),
		T(strict_does_not_mind_the_use_of_what_stays_anyway),
		T(an_unbound_function_that_masters_is_cleared),
		T(an_unbound_function_that_does_not_master_is_none),
		T(an_unbound_bridge_is_never_cleared),
		T(an_unbound_system_peripheral_is_never_cleared),
		T(the_consoles_display_is_never_cleared),
		T(another_display_is_cleared),
		T(leave_keeps_an_unbound_function_from_being_cleared),
		T(a_warning_is_for_what_goes),
		T(a_running_watchdog_is_warned_of),
		T(a_console_display_that_stays_alive_is_warned_of),
		T(an_empty_machine_has_an_empty_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
