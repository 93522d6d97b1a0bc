// SPDX-License-Identifier: GPL-2.0-or-later
/* What is released, what stays and for whom, and what goes along. */
#include "unit/plan/test_plan_bench.h"

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

	rules(b, bus_rules);
	make_plan(b);
	assert_fate(b, d, FATE_RELEASE);
	assert_string_equal(decision(b, d)->reason, "going");
	assert_string_equal(decision(b, d)->rule, "t:1");
}

/* Looked at on arrival, whatever else keeps it; what a person releases all the same is not. */
static void what_stays_by_evidence_says_so(void **state)
{
	static const char shutdown_rules[] =
		"bus=r action=release reason=going\n"
		"bus=r driver=ahci action=shutdown reason=\"stops all\" source=doc/LAB.md\n";
	struct bench *b = *state;
	struct device *left = add(b, "/devices/a", "r", "ahci");
	struct device *used = add(b, "/devices/b", "r", "ahci");
	struct device *released = add(b, "/devices/c", "r", "ahci");
	struct device *other = add(b, "/devices/d", "l", "drv");

	rules(b, shutdown_rules);
	rules(b, bus_rules + strlen("bus=r action=release reason=going\n"));
	graph_add_use(b->graph, used, USE_MOUNT, "ext4 on /");
	assert_int_equal(policy_add_choice(b->policy, ACTION_RELEASE, "c", "--release", &b->e), 0);
	make_plan(b);
	assert_fate(b, left, FATE_LEAVE);
	assert_string_equal(decision(b, left)->evidence, "doc/LAB.md");
	assert_fate(b, used, FATE_LEAVE);
	assert_string_equal(decision(b, used)->evidence, "doc/LAB.md");
	assert_fate(b, released, FATE_RELEASE);
	assert_null(decision(b, released)->evidence);
	assert_fate(b, other, FATE_LEAVE);
	assert_null(decision(b, other)->evidence);
}

/* ---- what stays */

static void a_device_in_use_is_left_with_the_words(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/a", "r", "drv");

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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
	rules(b, bus_rules);
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

	rules(b, bus_rules);
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
	rules(b, bus_rules);
	graph_link_parents(b->graph);
	make_plan(b);
	assert_fate(b, nic, FATE_RELEASE);
}

static void a_supplier_of_what_stays_stays(void **state)
{
	struct bench *b = *state;
	struct device *consumer = add(b, "/devices/c", "l", "drv");
	struct device *supplier = add(b, "/devices/s", "r", "drv");

	rules(b, bus_rules);
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

	rules(b, bus_rules);
	graph_add_edge(b->graph, gpu, audio, EDGE_LINK_SOFT);
	make_plan(b);
	assert_fate(b, audio, FATE_RELEASE);
}

static void what_a_disk_in_use_lives_on_stays(void **state)
{
	struct bench *b = *state;
	struct device *held = add(b, "/devices/h", "r", "drv");
	struct device *holder = add(b, "/devices/v", "l", "drv");

	rules(b, bus_rules);
	graph_add_edge(b->graph, holder, held, EDGE_HOLDER);
	make_plan(b);
	assert_fate(b, held, FATE_LEAVE);
}

static void a_vf_that_stays_keeps_its_pf(void **state)
{
	struct bench *b = *state;
	struct device *pf = add(b, "/devices/pf", "r", "drv");
	struct device *vf = add(b, "/devices/vf", "r", "vfio-pci");

	rules(b, bus_rules);
	graph_add_use(b->graph, vf, USE_VFIO, "process 812 (qemu) holds vfio group 12");
	graph_add_edge(b->graph, vf, pf, EDGE_VF);
	make_plan(b);
	assert_fate(b, pf, FATE_LEAVE);
	assert_string_equal(decision(b, pf)->reason,
			    "kept for vf: process 812 (qemu) holds vfio group 12");
}

/* A process drives it by its BARs. */
static void an_unbound_function_in_use_is_left_and_not_cleared(void **state)
{
	struct bench *b = *state;
	struct device *fpga = add_pci(b, "0000:00:05.0", NULL, 0x120000);

	rules(b, bus_rules);
	fpga->pci->command = 0x0006;
	graph_add_use(b->graph, fpga, USE_OPEN, "process 42 (tool) holds resource4");
	make_plan(b);
	assert_fate(b, fpga, FATE_LEAVE);
	assert_string_equal(decision(b, fpga)->reason, "process 42 (tool) holds resource4");
	assert_string_equal(decision(b, fpga)->rule, "in use");
	assert_int_equal(b->plan->clear_count, 0);
	assert_int_equal(b->plan->summary.in_use, 1);
}

static void an_unbound_vf_in_use_keeps_its_pf(void **state)
{
	struct bench *b = *state;
	struct device *pf = add(b, "/devices/pf", "r", "drv");
	struct device *vf = add_pci(b, "0000:00:10.1", NULL, 0x020000);

	rules(b, bus_rules);
	graph_add_use(b->graph, vf, USE_OPEN, "process 42 (dpdk) holds resource0");
	graph_add_edge(b->graph, vf, pf, EDGE_VF);
	make_plan(b);
	assert_fate(b, pf, FATE_LEAVE);
}

static void an_unbound_vf_without_a_user_keeps_nobody(void **state)
{
	struct bench *b = *state;
	struct device *pf = add(b, "/devices/pf", "r", "drv");
	struct device *vf = add_pci(b, "0000:00:10.1", NULL, 0x020000);

	rules(b, bus_rules);
	graph_add_edge(b->graph, vf, pf, EDGE_VF);
	make_plan(b);
	assert_fate(b, pf, FATE_RELEASE);
}

/* Nothing of it is in use, and a run would never end. */
static void a_suspended_device_is_a_warning_for_what_carries_it(void **state)
{
	struct bench *b = *state;
	struct device *hba = add(b, "/devices/hba", "r", "drv");
	struct disk *sda = graph_add_disk(b->graph, "sda");
	struct disk *map = graph_add_disk(b->graph, "dm-0");

	rules(b, bus_rules);
	sda->owners = &hba;
	sda->owner_count = 1;
	map->slaves = &sda;
	map->slave_count = 1;
	map->title = "dm-0 (vg-root)";
	map->is_suspended = true;
	make_plan(b);
	assert_int_equal(decision(b, hba)->warning_count, 1);
	assert_string_equal(decision(b, hba)->warnings[0],
			    "dm-0 (vg-root) is suspended: a run is refused until 'dmsetup resume "
			    "/dev/dm-0'");
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

	rules(b, bus_rules);
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
	rules(b, bus_rules);
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
	rules(b, bus_rules);
	make_plan(b);
	assert_fate(b, child, FATE_FOLLOW);
	assert_ptr_equal(decision(b, child)->because, parent);
}

static void what_could_only_follow_and_has_nothing_above_stays(void **state)
{
	struct bench *b = *state;
	struct device *d = add(b, "/devices/a", "f", "drv");

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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
	rules(b, bus_rules);
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
	rules(b, bus_rules);
	rules(b, "bus=r deadline=5s reason=x\ndriver=sd deadline=180s reason=x\n");
	make_plan(b);
	assert_int_equal(decision(b, hba)->deadline_ms, 180000);
	assert_int_equal(b->plan->longest_deadline_ms, 180000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_without_a_rule_is_left),
		T(a_device_is_released_by_its_rule),
		T(what_stays_by_evidence_says_so),
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
		T(an_unbound_function_in_use_is_left_and_not_cleared),
		T(an_unbound_vf_in_use_keeps_its_pf),
		T(an_unbound_vf_without_a_user_keeps_nobody),
		T(a_suspended_device_is_a_warning_for_what_carries_it),
		T(what_stays_is_followed_to_its_end),
		T(a_driver_that_cannot_be_unbound_stays),
		T(a_driver_that_cannot_be_unbound_goes_with_its_parent),
		T(what_could_only_follow_and_has_nothing_above_stays),
		T(what_is_below_a_release_goes_along),
		T(a_child_with_a_release_of_its_own_goes_first),
		T(a_release_waits_as_long_as_the_slowest_that_goes_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
