// SPDX-License-Identifier: GPL-2.0-or-later
/* In which order what is released goes, also where edges make a cycle. */
#include "unit/plan/test_plan_bench.h"

/* ---- order */

static void consumers_go_before_suppliers(void **state)
{
	struct bench *b = *state;
	struct device *supplier = add(b, "/devices/s", "r", "drv");
	struct device *consumer = add(b, "/devices/c", "r", "drv");

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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

	rules(b, bus_rules);
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
	rules(b, bus_rules);
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

	rules(b, bus_rules);
	graph_add_edge(b->graph, x, y, EDGE_SUPPLIER);
	graph_add_edge(b->graph, y, x, EDGE_LINK_SOFT);
	make_plan(b);
	make_plan(b);
	assert_int_equal(b->plan->cycle_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
