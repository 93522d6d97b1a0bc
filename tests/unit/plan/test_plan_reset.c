// SPDX-License-Identifier: GPL-2.0-or-later
/* Which domains may be reset, by which method, and why not. */
#include "unit/plan/test_plan_bench.h"

#include "plan/reset.h"

/* A function below @path's bridge that has a method of its own. */
static struct device *add_resettable(struct bench *b, const char *path, const char *driver,
				     uint32_t class_code)
{
	struct device *device = add_pci(b, path, driver, class_code);

	device->pci->resets = PCI_RESET_FUNCTION;
	device->pci->reset_methods = "flr bus";
	return device;
}

static struct device *add_port(struct bench *b, const char *path)
{
	struct device *device = add_pci(b, path, "pcieport", 0x060400);

	device->pci->resets = PCI_RESET_FUNCTION | PCI_RESET_SUBORDINATE;
	return device;
}

static struct device *add_service(struct bench *b, const char *path, const char *driver)
{
	char text[256];

	snprintf(text, sizeof(text), "/devices/pci0000:00/%s", path);
	return add(b, text, "pci_express", driver);
}

static void plan_builtin(struct bench *b)
{
	builtin(b);
	graph_link_parents(b->graph);
	make_plan(b);
}

static const struct reset_domain *domain_of(struct bench *b, const struct device *device)
{
	for (size_t i = 0; i < b->plan->resets.count; i++)
		if (b->plan->resets.domains[i].device == device)
			return &b->plan->resets.domains[i];
	fail_msg("%s has no domain", device->name);
	return NULL;
}

static void assert_domain(struct bench *b, const struct device *device, enum reset_fate fate,
			  const char *rule)
{
	const struct reset_domain *domain = domain_of(b, device);

	assert_string_equal(reset_fate_name(domain->fate), reset_fate_name(fate));
	assert_string_equal(domain->rule, rule);
}

static void a_released_function_and_its_bus_may_be_reset(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *nic = add_resettable(b, "0000:00:01.0/0000:01:00.0", "e1000e", 0x020000);

	plan_builtin(b);
	assert_domain(b, nic, RESET_MAY, "unbound");
	assert_string_equal(domain_of(b, nic)->method, "flr");
	assert_domain(b, port, RESET_MAY, "unbound");
	assert_string_equal(domain_of(b, port)->method, "subordinate");
	assert_ptr_equal(domain_of(b, nic)->outer, domain_of(b, port));
	assert_true(reset_domain_has(domain_of(b, port), nic));
	assert_int_equal(b->plan->resets.may, 2);
	assert_int_equal(b->plan->resets.late_count, 0);
}

static void a_port_without_anything_below_is_no_domain(void **state)
{
	struct bench *b = *state;

	add_port(b, "0000:00:01.0");
	plan_builtin(b);
	assert_int_equal(b->plan->resets.count, 0);
}

static void a_function_without_a_method_says_so(void **state)
{
	struct bench *b = *state;
	struct device *nic = add_pci(b, "0000:00:02.0", "8139cp", 0x020000);

	plan_builtin(b);
	assert_domain(b, nic, RESET_NEVER, "no method");
	assert_null(domain_of(b, nic)->method);
	assert_int_equal(b->plan->resets.never, 0);
}

static void what_stays_bound_leaves_its_bus_to_the_late_module(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *used = add_resettable(b, "0000:00:01.0/0000:01:00.0", "nvme", 0x010802);
	struct device *other = add_resettable(b, "0000:00:01.0/0000:01:00.1", "nvme", 0x010802);

	used->pci->command = 0x0006;
	graph_add_use(b->graph, used, USE_MOUNT, "ext4 on /");
	plan_builtin(b);
	assert_domain(b, used, RESET_NEVER, "bound");
	assert_domain(b, other, RESET_MAY, "unbound");
	assert_domain(b, port, RESET_LATE, "bound");
	assert_ptr_equal(domain_of(b, port)->because, used);
	assert_int_equal(b->plan->resets.late_count, 1);
	assert_ptr_equal(b->plan->resets.late[0], domain_of(b, port));
}

static void an_unbound_function_in_use_is_not_reset_before_the_jump(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *used = add_resettable(b, "0000:00:01.0/0000:01:00.0", NULL, 0x120000);

	used->pci->command = 0x0006;
	graph_add_use(b->graph, used, USE_OPEN, "process 42 (tool) holds resource4");
	plan_builtin(b);
	assert_domain(b, used, RESET_NEVER, "in use");
	assert_domain(b, port, RESET_LATE, "in use");
	assert_int_equal(b->plan->resets.late_count, 1);
}

/* Once it has shut down nobody can show that its engine runs on: unknown is no reason. */
static void a_raid_controller_that_stays_bound_is_not_reset_late(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *raid = add_resettable(b, "0000:00:01.0/0000:01:00.0", "hpsa", 0x010400);

	raid->pci->command = 0x0006;
	graph_add_use(b->graph, raid, USE_MOUNT, "ext4 on /");
	plan_builtin(b);
	assert_int_equal(domain_of(b, port)->fate, RESET_NEVER);
	assert_ptr_equal(domain_of(b, port)->because, raid);
	assert_int_equal(b->plan->resets.late_count, 0);
}

static void a_raid_controller_that_goes_may_be_reset_if_it_runs(void **state)
{
	struct bench *b = *state;
	struct device *raid = add_resettable(b, "0000:00:02.0", "megaraid_sas", 0x010400);
	struct device *sas = add_resettable(b, "0000:00:03.0", "mpt3sas", 0x010700);
	struct device *disk = add_resettable(b, "0000:00:04.0", "nvme", 0x010802);

	plan_builtin(b);
	assert_int_equal(domain_of(b, raid)->fate, RESET_MAY);
	assert_string_equal(domain_of(b, raid)->reason,
			    "only if its registers show its engine at work");
	assert_int_equal(b->plan->decisions[raid->id].reset, RESET_LIVE);
	assert_int_equal(b->plan->decisions[sas->id].reset, RESET_LIVE);
	assert_int_equal(b->plan->decisions[disk->id].reset, RESET_AUTO);
}

static void the_late_module_gets_nothing_with_reset_none(void **state)
{
	struct bench *b = *state;
	struct device *used;

	add_port(b, "0000:00:01.0");
	used = add_resettable(b, "0000:00:01.0/0000:01:00.0", "nvme", 0x010802);
	used->pci->command = 0x0006;
	graph_add_use(b->graph, used, USE_MOUNT, "ext4 on /");
	b->options.reset = RESET_MODE_NONE;
	plan_builtin(b);
	assert_int_equal(b->plan->resets.late_count, 0);
}

static void the_late_module_gets_the_smallest_bus(void **state)
{
	struct bench *b = *state;
	struct device *down;
	struct device *used;

	add_port(b, "0000:00:01.0");
	add_port(b, "0000:00:01.0/0000:01:00.0");
	down = add_port(b, "0000:00:01.0/0000:01:00.0/0000:02:00.0");
	used = add_resettable(b, "0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0", "nvme",
			      0x010802);
	used->pci->command = 0x0006;
	graph_add_use(b->graph, used, USE_MOUNT, "ext4 on /");
	plan_builtin(b);
	assert_int_equal(b->plan->resets.late_count, 1);
	assert_ptr_equal(b->plan->resets.late[0]->device, down);
	assert_int_equal(domain_of(b, used)->depth, 3);
}

static void ports_of_a_switch_are_reset_with_it(void **state)
{
	struct bench *b = *state;
	struct device *root = add_port(b, "0000:00:01.0");
	struct device *up = add_port(b, "0000:00:01.0/0000:01:00.0");
	struct device *nic;

	add_port(b, "0000:00:01.0/0000:01:00.0/0000:02:00.0");
	nic = add_resettable(b, "0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0", "e1000e",
			     0x020000);
	plan_builtin(b);
	assert_domain(b, root, RESET_MAY, "unbound");
	assert_domain(b, up, RESET_MAY, "unbound");
	assert_int_equal(domain_of(b, root)->function_count, 3);
	assert_true(reset_domain_has(domain_of(b, root), nic));
}

static void the_consoles_display_keeps_its_bus_from_a_reset(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *gpu = add_resettable(b, "0000:00:01.0/0000:01:00.0", NULL, 0x030000);

	gpu->pci->is_boot_display = true;
	plan_builtin(b);
	assert_domain(b, gpu, RESET_NEVER, "console");
	assert_domain(b, port, RESET_NEVER, "console");
}

static void a_bridge_to_another_bus_is_not_reset(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");

	add_resettable(b, "0000:00:01.0/0000:01:00.0", NULL, 0x060100);
	plan_builtin(b);
	assert_domain(b, port, RESET_NEVER, "machine");
}

static void a_rule_forbids_the_function_and_its_bus(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *nic = add_resettable(b, "0000:00:01.0/0000:01:00.0", "e1000e", 0x020000);

	builtin(b);
	rules(b, "driver=e1000e reset=none reason=\"its firmware does not survive\"\n");
	graph_link_parents(b->graph);
	make_plan(b);
	assert_domain(b, nic, RESET_NEVER, "t:1");
	assert_domain(b, port, RESET_NEVER, "t:1");
	assert_string_equal(domain_of(b, port)->reason, "its firmware does not survive");
}

static void services_go_before_the_link_drops(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *hotplug = add_service(b, "0000:00:01.0/0000:00:01.0:pcie004", "pciehp");
	struct device *aer = add_service(b, "0000:00:01.0/0000:00:01.0:pcie002", "aer");

	add_service(b, "0000:00:01.0/0000:00:01.0:pcie001", "pcie_pme");
	add_resettable(b, "0000:00:01.0/0000:01:00.0", "e1000e", 0x020000);
	plan_builtin(b);
	assert_domain(b, port, RESET_MAY, "unbound");
	assert_int_equal(domain_of(b, port)->service_count, 2);
	assert_ptr_equal(domain_of(b, port)->services[0], hotplug);
	assert_ptr_equal(domain_of(b, port)->services[1], aer);
	assert_fate(b, hotplug, FATE_LEAVE);
}

static void a_pciehp_that_a_person_leaves_keeps_the_bus(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *hotplug = add_service(b, "0000:00:01.0/0000:00:01.0:pcie004", "pciehp");

	add_resettable(b, "0000:00:01.0/0000:01:00.0", "e1000e", 0x020000);
	assert_int_equal(policy_add_choice(b->policy, ACTION_LEAVE, "pciehp", "--leave", &b->e), 0);
	plan_builtin(b);
	assert_domain(b, port, RESET_NEVER, "--leave pciehp");
	assert_ptr_equal(domain_of(b, port)->because, hotplug);
}

static void a_pciehp_without_unbind_keeps_the_bus(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");
	struct device *hotplug = add_service(b, "0000:00:01.0/0000:00:01.0:pcie004", "pciehp");

	hotplug->can_unbind = false;
	add_resettable(b, "0000:00:01.0/0000:01:00.0", "e1000e", 0x020000);
	plan_builtin(b);
	assert_domain(b, port, RESET_NEVER, "no unbind");
}

static void only_one_device_resets_nothing_else(void **state)
{
	struct bench *b = *state;
	struct device *mine, *bare;

	add_port(b, "0000:00:01.0");
	mine = add_resettable(b, "0000:00:01.0/0000:01:00.0", "e1000e", 0x020000);
	add_service(b, "0000:00:01.0/0000:00:01.0:pcie004", "pciehp");
	bare = add_resettable(b, "0000:00:02.0", NULL, 0x020000);
	assert_int_equal(policy_add_only(b->policy, "0000:01:00.0", &b->e), 0);
	plan_builtin(b);
	assert_domain(b, mine, RESET_MAY, "unbound");
	assert_domain(b, bare, RESET_NEVER, "--only");
	assert_int_equal(b->plan->resets.may, 2);
}

static void a_kernel_without_reset_subordinate_leaves_it_to_the_module(void **state)
{
	struct bench *b = *state;
	struct device *port = add_port(b, "0000:00:01.0");

	port->pci->resets = 0;
	add_resettable(b, "0000:00:01.0/0000:01:00.0", "e1000e", 0x020000);
	plan_builtin(b);
	assert_domain(b, port, RESET_LATE, "no method");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(a_released_function_and_its_bus_may_be_reset),
		T(a_port_without_anything_below_is_no_domain),
		T(a_function_without_a_method_says_so),
		T(what_stays_bound_leaves_its_bus_to_the_late_module),
		T(an_unbound_function_in_use_is_not_reset_before_the_jump),
		T(a_raid_controller_that_stays_bound_is_not_reset_late),
		T(a_raid_controller_that_goes_may_be_reset_if_it_runs),
		T(the_late_module_gets_nothing_with_reset_none),
		T(the_late_module_gets_the_smallest_bus),
		T(ports_of_a_switch_are_reset_with_it),
		T(the_consoles_display_keeps_its_bus_from_a_reset),
		T(a_bridge_to_another_bus_is_not_reset),
		T(a_rule_forbids_the_function_and_its_bus),
		T(services_go_before_the_link_drops),
		T(a_pciehp_that_a_person_leaves_keeps_the_bus),
		T(a_pciehp_without_unbind_keeps_the_bus),
		T(only_one_device_resets_nothing_else),
		T(a_kernel_without_reset_subordinate_leaves_it_to_the_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
