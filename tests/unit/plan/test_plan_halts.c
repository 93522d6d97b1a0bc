// SPDX-License-Identifier: GPL-2.0-or-later
/* Which functions may be halted, and why not. */
#include "unit/plan/test_plan_bench.h"

#include "plan/halts.h"

static void plan_builtin(struct bench *b)
{
	builtin(b);
	graph_link_parents(b->graph);
	make_plan(b);
}

static const struct halt *halt_of(struct bench *b, const struct device *device)
{
	for (size_t i = 0; i < b->plan->halts.count; i++)
		if (b->plan->halts.list[i].device == device)
			return &b->plan->halts.list[i];
	return NULL;
}

static void assert_never(struct bench *b, const struct device *device, const char *rule)
{
	const struct halt *halt = halt_of(b, device);

	assert_non_null(halt);
	assert_false(halt->may);
	assert_string_equal(halt->rule, rule);
}

static void what_no_driver_holds_may_be_halted(void **state)
{
	struct bench *b = *state;
	struct device *disks = add_pci(b, "0000:00:1f.2", NULL, 0x010601);
	struct device *usb = add_pci(b, "0000:00:14.0", NULL, 0x0c0330);

	disks->pci->command = 0x0006;
	plan_builtin(b);
	assert_int_equal(b->plan->halts.count, 2);
	assert_int_equal(b->plan->halts.may, 2);
	assert_true(halt_of(b, disks)->may);
	assert_string_equal(halt_of(b, disks)->class->name, "ahci");
	assert_string_equal(halt_of(b, usb)->class->name, "xhci");
	/* It is an addition: Bus Master goes as ever. */
	assert_int_equal(b->plan->decisions[disks->id].fate, FATE_CLEAR);
	assert_int_equal(b->plan->decisions[usb->id].fate, FATE_NONE);
}

static void what_a_driver_holds_is_never_halted(void **state)
{
	struct bench *b = *state;

	add_pci(b, "0000:00:1f.2", "ahci", 0x010601);
	add_pci(b, "0000:00:14.0", "xhci_hcd", 0x0c0330);
	add_pci(b, "0000:00:15.0", "vfio-pci", 0x010802);
	plan_builtin(b);
	assert_int_equal(b->plan->halts.count, 0);
}

static void raid_and_networks_are_never_halted(void **state)
{
	struct bench *b = *state;

	add_pci(b, "0000:00:1f.2", NULL, 0x010400);
	add_pci(b, "0000:00:03.0", NULL, 0x010700);
	add_pci(b, "0000:00:04.0", NULL, 0x020000);
	add_pci(b, "0000:00:05.0", NULL, 0x028000);
	plan_builtin(b);
	assert_int_equal(b->plan->halts.count, 0);
}

static void a_virtual_function_is_its_physical_ones(void **state)
{
	struct bench *b = *state;
	struct device *vf = add_pci(b, "0000:01:00.1", NULL, 0x010802);

	vf->pci->is_vf = true;
	plan_builtin(b);
	assert_int_equal(b->plan->halts.count, 0);
}

static void what_a_process_uses_is_left(void **state)
{
	struct bench *b = *state;
	struct device *nvme = add_pci(b, "0000:00:05.0", NULL, 0x010802);

	graph_add_use(b->graph, nvme, USE_OPEN, "process 12 (spdk_tgt) has its registers");
	plan_builtin(b);
	assert_never(b, nvme, "in use");
	assert_int_equal(b->plan->halts.may, 0);
}

static void a_persons_word_is_about_the_device(void **state)
{
	static const char rules[] =
		"path=*/0000:00:14.0 reset=none reason=\"its BMC hangs on it\"\n";
	struct bench *b = *state;
	struct device *sound = add_pci(b, "0000:00:1b.0", NULL, 0x040300);
	struct device *usb = add_pci(b, "0000:00:14.0", NULL, 0x0c0330);
	struct device *disks = add_pci(b, "0000:00:1f.2", NULL, 0x010601);

	builtin(b);
	assert_int_equal(
		policy_add_choice(b->policy, ACTION_LEAVE, "0000:00:1b.0", "--leave", &b->e), 0);
	assert_int_equal(policy_parse(b->policy, "local.conf", rules, sizeof(rules) - 1, &b->e), 0);
	graph_link_parents(b->graph);
	make_plan(b);
	assert_never(b, sound, "--leave 0000:00:1b.0");
	assert_never(b, usb, "local.conf:1");
	assert_string_equal(halt_of(b, usb)->reason, "its BMC hangs on it");
	assert_true(halt_of(b, disks)->may);
}

static void only_names_what_may_be_touched(void **state)
{
	struct bench *b = *state;
	struct device *sound = add_pci(b, "0000:00:1b.0", NULL, 0x040300);
	struct device *disks = add_pci(b, "0000:00:1f.2", NULL, 0x010601);

	builtin(b);
	assert_int_equal(policy_add_only(b->policy, "0000:00:1f.2", &b->e), 0);
	graph_link_parents(b->graph);
	make_plan(b);
	assert_never(b, sound, "--only");
	assert_true(halt_of(b, disks)->may);
}

static void the_mode_is_told(void **state)
{
	struct bench *b = *state;
	enum halt_mode mode = HALT_MODE_AUTO;

	assert_int_equal(halt_mode_parse("none", &mode), 0);
	assert_int_equal(mode, HALT_MODE_NONE);
	assert_int_equal(halt_mode_parse("all", &mode), -EINVAL);
	assert_int_equal(mode, HALT_MODE_NONE);
	b->options.halt = mode;
	add_pci(b, "0000:00:1f.2", NULL, 0x010601);
	plan_builtin(b);
	assert_string_equal(halt_mode_name(b->plan->halts.mode), "none");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(what_no_driver_holds_may_be_halted), T(what_a_driver_holds_is_never_halted),
		T(raid_and_networks_are_never_halted), T(a_virtual_function_is_its_physical_ones),
		T(what_a_process_uses_is_left),	       T(a_persons_word_is_about_the_device),
		T(only_names_what_may_be_touched),     T(the_mode_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
