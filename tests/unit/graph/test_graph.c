// SPDX-License-Identifier: GPL-2.0-or-later
/* Look-ups and builders of the graph, without a machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph/graph.h"

#include <string.h>

static int setup_graph(void **state)
{
	*state = graph_new();
	return *state ? 0 : -1;
}

static int teardown_graph(void **state)
{
	graph_free(*state);
	return 0;
}

static void test_owner_is_the_nearest_device_above(void **state)
{
	struct graph *graph = *state;
	struct device *bridge = graph_add_device(graph, "/devices/pci0/0000:00:01.0", "pci");
	struct device *nic =
		graph_add_device(graph, "/devices/pci0/0000:00:01.0/0000:01:00.0", "pci");

	assert_ptr_equal(graph_owner(graph, "/devices/pci0/0000:00:01.0/0000:01:00.0/net/eth0"),
			 nic);
	assert_ptr_equal(graph_owner(graph, "/devices/pci0/0000:00:01.0/0000:01:00.00"), bridge);
	assert_ptr_equal(graph_owner(graph, "/devices/pci0/0000:00:01.0"), bridge);
	assert_null(graph_owner(graph, "/devices/virtual/net/lo"));
	assert_ptr_equal(nic->parent, bridge);
}

static void test_parents_may_come_later(void **state)
{
	struct graph *graph = *state;
	struct device *disk = graph_add_device(graph, "/devices/hba/host0/0:0:0:0", "scsi");
	struct device *hba = graph_add_device(graph, "/devices/hba", "pci");

	assert_null(disk->parent);
	graph_link_parents(graph);
	assert_ptr_equal(disk->parent, hba);
	assert_ptr_equal(hba->child, disk);
	assert_null(disk->sibling);
}

static void test_lookup_takes_what_a_person_types(void **state)
{
	struct graph *graph = *state;
	struct device *nic = graph_add_device(graph, "/devices/pci0/0000:00:1f.2", "pci");
	struct pci_facts facts = { 0 };

	nic->pci = &facts;
	graph_add_string(graph, &nic->provides, &nic->provide_count, &nic->provide_capacity,
			 "eth0");
	assert_ptr_equal(graph_lookup(graph, "0000:00:1f.2"), nic);
	assert_ptr_equal(graph_lookup(graph, "00:1f.2"), nic);
	assert_ptr_equal(graph_lookup(graph, "eth0"), nic);
	assert_ptr_equal(graph_lookup(graph, "/devices/pci0/0000:00:1f.2"), nic);
	assert_ptr_equal(graph_lookup(graph, "/sys/devices/pci0/0000:00:1f.2"), nic);
	assert_null(graph_lookup(graph, "1f.2"));
	assert_null(graph_lookup(graph, "eth1"));
}

static void test_use_is_added_once(void **state)
{
	struct graph *graph = *state;
	struct device *nic = graph_add_device(graph, "/devices/nic", "pci");

	assert_int_equal(graph_add_use(graph, nic, USE_MOUNT, "ext4 on /"), 0);
	assert_int_equal(graph_add_use(graph, nic, USE_SWAP, "swap on vda1"), 0);
	assert_int_equal(graph_add_use(graph, nic, USE_MOUNT, "ext4 on /"), 0);
	assert_string_equal(nic->uses->words, "ext4 on /");
	assert_string_equal(nic->uses->next->words, "swap on vda1");
	assert_null(nic->uses->next->next);
}

static void test_words_of_a_use_cannot_drive_a_terminal(void **state)
{
	struct graph *graph = *state;
	struct device *nic = graph_add_device(graph, "/devices/nic", "pci");

	assert_int_equal(graph_add_use(graph, nic, USE_OPEN, "process 1 (\033[2J)"), 0);
	assert_string_equal(nic->uses->words, "process 1 (?[2J)");
}

static void test_every_kind_has_a_name(void **state)
{
	for (enum use_kind kind = USE_MOUNT; kind <= USE_UNKNOWN; kind++)
		assert_non_null(use_kind_name(kind));
	for (enum edge_kind kind = EDGE_LINK_SOFT; kind <= EDGE_PARENT; kind++)
		assert_non_null(edge_kind_name(kind));
}

#define GRAPH_TEST(f) cmocka_unit_test_setup_teardown(f, setup_graph, teardown_graph)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GRAPH_TEST(test_owner_is_the_nearest_device_above),
		GRAPH_TEST(test_parents_may_come_later),
		GRAPH_TEST(test_lookup_takes_what_a_person_types),
		GRAPH_TEST(test_use_is_added_once),
		GRAPH_TEST(test_words_of_a_use_cannot_drive_a_terminal),
		GRAPH_TEST(test_every_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
