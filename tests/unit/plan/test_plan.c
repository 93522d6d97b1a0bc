// SPDX-License-Identifier: GPL-2.0-or-later
/* What stays and for whom, what goes along, and in which order the rest is released. */
#include "unit/plan/test_plan_bench.h"

/* Everything on the bus "r" is released, on "f" follows, on "l" is left. */
static const char kinds[] = "bus=r action=release reason=going\n"
			    "bus=f action=follow reason=following\n"
			    "bus=l action=leave reason=staying\n";

static void a_device_without_a_rule_is_left(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/a", "x", "drv");

	make_plan(b);
	assert_fate(b, d, FATE_LEAVE);
	assert_string_equal(decision(b, d)->reason, "no rule matches it");
}

static void a_device_is_released_by_its_rule(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/a", "r", "drv");

	rules(b, kinds);
	make_plan(b);
	assert_fate(b, d, FATE_RELEASE);
	assert_string_equal(decision(b, d)->reason, "going");
	assert_string_equal(decision(b, d)->rule, "t:1");
}

/* ---- what stays */

static void a_device_in_use_is_left_with_the_words(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/a", "r", "drv");

	rules(b, kinds);
	graph_add_use(b->graph, d, USE_MOUNT, "ext4 on / through nvme0n1p2");
	make_plan(b);
	assert_fate(b, d, FATE_LEAVE);
	assert_string_equal(decision(b, d)->reason, "ext4 on / through nvme0n1p2");
	assert_string_equal(decision(b, d)->rule, "in use");
	assert_int_equal(b->plan->summary.in_use, 1);
}

static void several_uses_are_counted(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/a", "r", "drv");

	rules(b, kinds);
	graph_add_use(b->graph, d, USE_MOUNT, "ext4 on /");
	graph_add_use(b->graph, d, USE_SWAP, "swap on sda2");
	make_plan(b);
	assert_string_equal(decision(b, d)->reason, "ext4 on /, and 1 more");
}

static void what_is_above_a_device_in_use_stays(void **state)
{
	struct bench *b = *state;
	struct device *hba = add(b, "/devices/hba", "r", "drv");
	struct device *disk = add(b, "/devices/hba/target/disk", "f", "sd");

	rules(b, kinds);
	graph_add_use(b->graph, disk, USE_MOUNT, "ext4 on /");
	make_plan(b);
	assert_fate(b, hba, FATE_LEAVE);
	assert_ptr_equal(decision(b, hba)->because, disk);
	assert_string_equal(decision(b, hba)->reason, "kept for disk: ext4 on /");
	assert_string_equal(decision(b, hba)->rule, "in use");
}

static void only_the_device_itself_counts_as_in_use(void **state)
{
	struct bench *b = *state;

	add(b, "/devices/hba", "r", "drv");
	graph_add_use(b->graph, add(b, "/devices/hba/disk", "f", "sd"), USE_MOUNT, "ext4 on /");
	rules(b, kinds);
	make_plan(b);
	assert_int_equal(b->plan->summary.leave, 2);
	assert_int_equal(b->plan->summary.in_use, 1);
}

static void a_neighbour_below_what_stays_stays_too(void **state)
{
	struct bench *b = *state;
	struct device *hba = add(b, "/devices/hba", "r", "drv");
	struct device *used = add(b, "/devices/hba/d0", "f", "sd");
	struct device *other = add(b, "/devices/hba/d1", "f", "sd");

	rules(b, kinds);
	graph_add_use(b->graph, used, USE_MOUNT, "ext4 on /");
	make_plan(b);
	assert_fate(b, other, FATE_LEAVE);
	assert_ptr_equal(decision(b, other)->because, hba);
	assert_string_equal(decision(b, other)->reason, "stays with hba");
}

static void a_release_of_its_own_below_what_stays_goes(void **state)
{
	struct bench *b = *state;
	struct device *nic = add(b, "/devices/port/nic", "r", "drv");

	add(b, "/devices/port", "l", "pcieport");
	rules(b, kinds);
	graph_link_parents(b->graph);
	make_plan(b);
	assert_fate(b, nic, FATE_RELEASE);
}

static void a_supplier_of_what_stays_stays(void **state)
{
	struct bench *b = *state;
	struct device *consumer = add(b, "/devices/c", "l", "drv");
	struct device *supplier = add(b, "/devices/s", "r", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, consumer, supplier, EDGE_SUPPLIER);
	make_plan(b);
	assert_fate(b, supplier, FATE_LEAVE);
	assert_ptr_equal(decision(b, supplier)->because, consumer);
}

static void a_soft_link_keeps_nobody(void **state)
{
	struct bench *b = *state;
	struct device *gpu = add(b, "/devices/gpu", "l", "drv");
	struct device *audio = add(b, "/devices/audio", "r", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, gpu, audio, EDGE_LINK_SOFT);
	make_plan(b);
	assert_fate(b, audio, FATE_RELEASE);
}

static void what_a_disk_in_use_lives_on_stays(void **state)
{
	struct bench *b = *state;
	struct device *held = add(b, "/devices/h", "r", "drv");
	struct device *holder = add(b, "/devices/v", "l", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, holder, held, EDGE_HOLDER);
	make_plan(b);
	assert_fate(b, held, FATE_LEAVE);
}

static void a_vf_that_stays_keeps_its_pf(void **state)
{
	struct bench *b = *state;
	struct device *pf = add(b, "/devices/pf", "r", "drv");
	struct device *vf = add(b, "/devices/vf", "r", "vfio-pci");

	rules(b, kinds);
	graph_add_use(b->graph, vf, USE_VFIO, "process 812 (qemu) holds vfio group 12");
	graph_add_edge(b->graph, vf, pf, EDGE_VF);
	make_plan(b);
	assert_fate(b, pf, FATE_LEAVE);
	assert_string_equal(decision(b, pf)->reason,
			    "kept for vf: process 812 (qemu) holds vfio group 12");
}

/* disk in use -> hba -> its power supply -> all of that one's bus */
static void what_stays_is_followed_to_its_end(void **state)
{
	struct bench *b = *state;
	struct device *hba = add(b, "/devices/hba", "r", "drv");
	struct device *disk = add(b, "/devices/hba/disk", "f", "sd");
	struct device *bus = add(b, "/devices/bus", "r", "drv");
	struct device *power = add(b, "/devices/bus/power", "f", "drv");
	struct device *other = add(b, "/devices/bus/other", "f", "drv");

	rules(b, kinds);
	graph_add_use(b->graph, disk, USE_MOUNT, "ext4 on /");
	graph_add_edge(b->graph, hba, power, EDGE_SUPPLIER);
	make_plan(b);
	assert_fate(b, power, FATE_LEAVE);
	assert_fate(b, bus, FATE_LEAVE);
	assert_fate(b, other, FATE_LEAVE);
	assert_ptr_equal(decision(b, bus)->because, disk);
}

static void a_driver_that_cannot_be_unbound_stays(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/a", "r", "drv");

	d->can_unbind = false;
	rules(b, kinds);
	make_plan(b);
	assert_fate(b, d, FATE_LEAVE);
	assert_string_equal(decision(b, d)->reason, "driver drv cannot be unbound by itself");
}

static void a_driver_that_cannot_be_unbound_goes_with_its_parent(void **state)
{
	struct bench *b = *state;
	struct device *parent = add(b, "/devices/p", "r", "drv");
	struct device *child = add(b, "/devices/p/c", "r", "drv");

	child->can_unbind = false;
	rules(b, kinds);
	make_plan(b);
	assert_fate(b, child, FATE_FOLLOW);
	assert_ptr_equal(decision(b, child)->because, parent);
}

static void what_could_only_follow_and_has_nothing_above_stays(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/a", "f", "drv");

	rules(b, kinds);
	make_plan(b);
	assert_fate(b, d, FATE_LEAVE);
	assert_string_equal(decision(b, d)->reason, "nothing that it sits on can go");
}

/* ---- what goes along */

static void what_is_below_a_release_goes_along(void **state)
{
	struct bench *b = *state;
	struct device *hcd = add(b, "/devices/hcd", "r", "xhci_hcd");
	struct device *hub = add(b, "/devices/hcd/usb1", "f", "usb");
	struct device *key = add(b, "/devices/hcd/usb1/1-1/1-1:1.0", "f", "usbhid");

	rules(b, kinds);
	make_plan(b);
	assert_fate(b, hub, FATE_FOLLOW);
	assert_fate(b, key, FATE_FOLLOW);
	assert_ptr_equal(decision(b, key)->because, hcd);
	assert_int_equal(b->plan->order_count, 1);
}

static void a_child_with_a_release_of_its_own_goes_first(void **state)
{
	struct bench *b = *state;
	struct device *parent = add(b, "/devices/p", "r", "drv");
	struct device *child = add(b, "/devices/p/f/c", "r", "drv");

	add(b, "/devices/p/f", "f", "drv");
	graph_link_parents(b->graph);
	rules(b, kinds);
	make_plan(b);
	assert_fate(b, child, FATE_RELEASE);
	assert_true(waits(b, parent, child));
	assert_true(place(b, child) < place(b, parent));
}

static void a_release_waits_as_long_as_the_slowest_that_goes_along(void **state)
{
	struct bench *b = *state;
	struct device *hba = add(b, "/devices/hba", "r", "drv");

	add(b, "/devices/hba/disk", "f", "sd");
	rules(b, kinds);
	rules(b, "bus=r deadline=5s reason=x\ndriver=sd deadline=180s reason=x\n");
	make_plan(b);
	assert_int_equal(decision(b, hba)->deadline_ms, 180000);
	assert_int_equal(b->plan->longest_deadline_ms, 180000);
}

/* ---- choices */

static void leave_on_a_child_keeps_what_is_above(void **state)
{
	struct bench *b = *state;
	struct device *hba = add(b, "/devices/hba", "r", "drv");

	add_name(b, add(b, "/devices/hba/disk", "f", "sd"), "sda");
	rules(b, kinds);
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

	rules(b, kinds);
	assert_int_equal(policy_add_choice(b->policy, ACTION_RELEASE, "gpu", "--release", &b->e),
			 0);
	make_plan(b);
	assert_fate(b, d, FATE_RELEASE);
}

static void release_does_not_overrule_a_use_and_says_so(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/disk", "r", "drv");

	rules(b, kinds);
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
	rules(b, kinds);
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

	rules(b, kinds);
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

	rules(b, kinds);
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
	rules(b, kinds);
	assert_int_equal(policy_add_only(b->policy, "eth0", &b->e), 0);
	make_plan(b);
	assert_fate(b, transport, FATE_RELEASE);
	assert_fate(b, nic, FATE_FOLLOW);
}

static void strict_refuses_a_use_and_names_it(void **state)
{
	struct bench *b = *state;

	graph_add_use(b->graph, add(b, "/devices/disk", "r", "nvme"), USE_MOUNT, "ext4 on /");
	rules(b, kinds);
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
	rules(b, kinds);
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

/* ---- order */

static void consumers_go_before_suppliers(void **state)
{
	struct bench *b = *state;
	struct device *supplier = add(b, "/devices/s", "r", "drv");
	struct device *consumer = add(b, "/devices/c", "r", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, consumer, supplier, EDGE_SUPPLIER);
	make_plan(b);
	assert_true(waits(b, supplier, consumer));
	assert_true(place(b, consumer) < place(b, supplier));
}

static void vfs_go_before_their_pf(void **state)
{
	struct bench *b = *state;
	struct device *pf = add(b, "/devices/pf", "r", "drv");
	struct device *vf = add(b, "/devices/vf", "r", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, vf, pf, EDGE_VF);
	make_plan(b);
	assert_true(waits(b, pf, vf));
}

static void an_edge_of_what_follows_is_one_of_the_release_that_takes_it(void **state)
{
	struct bench *b = *state;
	struct device *supplier = add(b, "/devices/s", "r", "drv");
	struct device *hcd = add(b, "/devices/hcd", "r", "drv");
	struct device *child = add(b, "/devices/hcd/child", "f", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, child, supplier, EDGE_SUPPLIER);
	make_plan(b);
	assert_true(waits(b, supplier, hcd));
}

static void an_edge_within_one_release_is_none(void **state)
{
	struct bench *b = *state;
	struct device *hcd = add(b, "/devices/hcd", "r", "drv");
	struct device *a = add(b, "/devices/hcd/a", "f", "drv");
	struct device *c = add(b, "/devices/hcd/c", "f", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, a, c, EDGE_SUPPLIER);
	graph_add_edge(b->graph, c, a, EDGE_SUPPLIER);
	make_plan(b);
	assert_int_equal(decision(b, hcd)->wait_count, 0);
	assert_int_equal(b->plan->cycle_count, 0);
}

static void two_edges_between_the_same_releases_are_one_wait(void **state)
{
	struct bench *b = *state;
	struct device *s = add(b, "/devices/s", "r", "drv");
	struct device *c = add(b, "/devices/c", "r", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, c, s, EDGE_SUPPLIER);
	graph_add_edge(b->graph, c, s, EDGE_LINK_SOFT);
	make_plan(b);
	assert_int_equal(decision(b, s)->wait_count, 1);
}

static void independent_releases_wait_for_nothing(void **state)
{
	struct bench *b = *state;
	struct device *a = add(b, "/devices/a", "r", "drv");
	struct device *c = add(b, "/devices/c", "r", "drv");

	rules(b, kinds);
	rules(b, "path=a phase=net reason=x\npath=c phase=storage reason=x\n");
	make_plan(b);
	assert_int_equal(decision(b, a)->wait_count, 0);
	assert_int_equal(decision(b, c)->wait_count, 0);
}

static void what_is_independent_is_ordered_by_phase(void **state)
{
	struct bench *b = *state;
	struct device *last = add(b, "/devices/a", "r", "drv");
	struct device *middle = add(b, "/devices/b", "r", "drv");
	struct device *first = add(b, "/devices/c", "r", "drv");

	rules(b, kinds);
	rules(b, "path=a phase=engine reason=x\npath=b phase=storage reason=x\n"
		 "path=c phase=net reason=x\n");
	make_plan(b);
	assert_int_equal(place(b, first), 0);
	assert_int_equal(place(b, middle), 1);
	assert_int_equal(place(b, last), 2);
}

static void an_edge_outranks_a_phase(void **state)
{
	struct bench *b = *state;
	struct device *nic = add(b, "/devices/nic", "r", "drv");
	struct device *disk = add(b, "/devices/disk", "r", "drv");

	rules(b, kinds);
	rules(b, "path=nic phase=net reason=x\npath=disk phase=engine reason=x\n");
	graph_add_edge(b->graph, disk, nic, EDGE_HOLDER);
	make_plan(b);
	assert_true(place(b, disk) < place(b, nic));
	/* Else the barrier before PHASE_ENGINE would wait for what waits behind it. */
	assert_int_equal(decision(b, disk)->phase, PHASE_NET);
}

/* ---- cycles */

static void a_cycle_is_broken_at_its_weakest_edge(void **state)
{
	struct bench *b = *state;
	struct device *x = add(b, "/devices/x", "r", "drv");
	struct device *y = add(b, "/devices/y", "r", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, x, y, EDGE_SUPPLIER);
	graph_add_edge(b->graph, y, x, EDGE_LINK_SOFT);
	make_plan(b);
	assert_int_equal(b->plan->order_count, 2);
	assert_true(waits(b, y, x));
	assert_false(waits(b, x, y));
	assert_int_equal(b->plan->cycle_count, 1);
	assert_int_equal(b->plan->cycles[0].edge->kind, EDGE_LINK_SOFT);
	assert_true(b->plan->cycles[0].edge->broken);
	assert_string_equal(b->plan->cycles[0].text,
			    "x after y after x; broken: y before x (link-soft)");
}

static void the_tree_outlives_a_cycle(void **state)
{
	struct bench *b = *state;
	struct device *parent = add(b, "/devices/p", "r", "drv");
	struct device *child = add(b, "/devices/p/c", "r", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, parent, child, EDGE_VF);
	make_plan(b);
	assert_true(place(b, child) < place(b, parent));
	assert_int_equal(b->plan->cycle_count, 1);
}

static void every_cycle_is_broken(void **state)
{
	struct bench *b = *state;
	struct device *d[30];

	for (int i = 0; i < 30; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/devices/d%d", i);
		d[i] = add(b, path, "r", "drv");
	}
	for (int i = 0; i < 30; i++)
		for (int j = 0; j < 30; j++)
			if (i != j)
				graph_add_edge(b->graph, d[i], d[j], EDGE_SUPPLIER);
	rules(b, kinds);
	make_plan(b);
	assert_int_equal(b->plan->order_count, 30);
	for (size_t i = 0; i < b->plan->order_count; i++)
		for (size_t j = 0; j < b->plan->order[i]->wait_count; j++)
			assert_true(place(b, b->plan->order[i]->waits_for[j]->device) < i);
}

static void a_plan_can_be_made_twice(void **state)
{
	struct bench *b = *state;
	struct device *x = add(b, "/devices/x", "r", "drv");
	struct device *y = add(b, "/devices/y", "r", "drv");

	rules(b, kinds);
	graph_add_edge(b->graph, x, y, EDGE_SUPPLIER);
	graph_add_edge(b->graph, y, x, EDGE_LINK_SOFT);
	make_plan(b);
	make_plan(b);
	assert_int_equal(b->plan->cycle_count, 1);
}

/* ---- warnings, ends */

static void a_warning_is_for_what_goes(void **state)
{
	struct bench *b = *state;
	struct device *goes = add(b, "/devices/a", "r", "drv");
	struct device *stays = add(b, "/devices/b", "l", "drv");

	rules(b, kinds);
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

	rules(b, kinds);
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
		T(a_device_without_a_rule_is_left),
		T(a_device_is_released_by_its_rule),
		T(a_device_in_use_is_left_with_the_words),
		T(several_uses_are_counted),
		T(what_is_above_a_device_in_use_stays),
		T(only_the_device_itself_counts_as_in_use),
		T(a_neighbour_below_what_stays_stays_too),
		T(a_release_of_its_own_below_what_stays_goes),
		T(a_supplier_of_what_stays_stays),
		T(a_soft_link_keeps_nobody),
		T(what_a_disk_in_use_lives_on_stays),
		T(a_vf_that_stays_keeps_its_pf),
		T(what_stays_is_followed_to_its_end),
		T(a_driver_that_cannot_be_unbound_stays),
		T(a_driver_that_cannot_be_unbound_goes_with_its_parent),
		T(what_could_only_follow_and_has_nothing_above_stays),
		T(what_is_below_a_release_goes_along),
		T(a_child_with_a_release_of_its_own_goes_first),
		T(a_release_waits_as_long_as_the_slowest_that_goes_along),
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
		T(consumers_go_before_suppliers),
		T(vfs_go_before_their_pf),
		T(an_edge_of_what_follows_is_one_of_the_release_that_takes_it),
		T(an_edge_within_one_release_is_none),
		T(two_edges_between_the_same_releases_are_one_wait),
		T(independent_releases_wait_for_nothing),
		T(what_is_independent_is_ordered_by_phase),
		T(an_edge_outranks_a_phase),
		T(a_cycle_is_broken_at_its_weakest_edge),
		T(the_tree_outlives_a_cycle),
		T(every_cycle_is_broken),
		T(a_plan_can_be_made_twice),
		T(a_warning_is_for_what_goes),
		T(a_running_watchdog_is_warned_of),
		T(a_console_display_that_stays_alive_is_warned_of),
		T(an_empty_machine_has_an_empty_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
