// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links of a real kernel saved, changed and restored. Skipped (77) where that is not permitted; a
 * kind of link that this kernel lacks is left out, and named.
 */
#include "unit/links/test_links_bench.h"

static void test_addresses_and_routes_come_back(void **state)
{
	static const char *const names[] = { "k0", "k1", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:11");
	assert_int_equal(ip("link set k0 mtu 1400 up && ip link set k1 up"), 0);
	assert_int_equal(ip("addr add 192.0.2.1/24 dev k0 && ip addr add 192.0.2.9/24 dev k0"), 0);
	assert_int_equal(ip("addr add 203.0.113.1/24 dev k1"), 0);
	assert_int_equal(ip("route add 10.0.0.1 dev k0 scope link"), 0);
	assert_int_equal(ip("route add default via 10.0.0.1 dev k0 metric 50"), 0);
	assert_int_equal(ip("route add 10.1.0.0/16 via 192.0.2.254 table 100 src 192.0.2.9"), 0);
	assert_int_equal(ip("route add 10.2.0.0/16 nexthop via 192.0.2.254 weight 2 nexthop via "
			    "203.0.113.254"),
			 0);
	assert_int_equal(ip("-6 addr add 2001:db8::1/64 dev k0 nodad"), 0);
	assert_int_equal(ip("-6 route add 2001:db8:1::/48 via 2001:db8::2"), 0);
	before = save(names);
	assert_words(before, "k0", "addresses", "address 192.0.2.9/24");
	assert_words(before, "k0", "routes", "route default via 10.0.0.1");
	assert_words(before, "k0", "routes", "route 10.2.0.0/16");
	assert_int_equal(ip("link del k0 && ip link del k1"), 0);
	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:99"); /* its address had been set by hand */
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	assert_same(before, after, "k1");
	json_decref(before);
	json_decref(after);
}

static void test_renamed_links_get_their_names_back(void **state)
{
	static const char *const names[] = { "k0", "k1", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:11");
	before = save(names);
	assert_int_equal(ip("link del k0 && ip link del k1"), 0);
	add_card("k1", "52:54:00:00:00:10");
	add_card("k0", "52:54:00:00:00:11");
	assert_int_equal(ip("link set k0 up"), 0); /* a network manager was faster */
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	assert_same(before, after, "k1");
	json_decref(before);
	json_decref(after);
}

static void test_bridge_gets_its_port_back(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link add kbr0 type bridge && ip link set k0 master kbr0 up"), 0);
	before = save(names);
	assert_int_equal(ip("link del k0"), 0);
	add_card("k0", "52:54:00:00:00:10");
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	json_decref(before);
	json_decref(after);
}

static void test_bond_gets_its_ports_and_its_address_back(void **state)
{
	static const char *const names[] = { "k0", "k1", NULL };
	json_t *before, *after;

	if (ip("link add kbond0 type bond mode active-backup miimon 100")) {
		puts("left out: this kernel has no bonding");
		skip();
	}
	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:11");
	assert_int_equal(ip("link set k1 master kbond0 && ip link set k0 master kbond0"), 0);
	assert_int_equal(ip("link set kbond0 up && ip addr add 192.0.2.1/24 dev kbond0"), 0);
	before = save(names);
	assert_int_equal(ip("link del k0 && ip link del k1"), 0);
	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:11");
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	assert_same(before, after, "k1");
	assert_true(json_equal(json_object_get(event_of(before, "k0"), "master_address"),
			       json_object_get(event_of(after, "k0"), "master_address")));
	json_decref(before);
	json_decref(after);
}

/* @events and what is wrong once they are restored; the caller owns it. */
static json_t *wrong_after(const json_t *events)
{
	json_t *failed = json_array();
	int code = links_restore(&machine, events, 60000, failed);

	assert_int_equal(code, json_array_size(failed));
	return failed;
}

static void assert_named(const json_t *failed, const char *words)
{
	const json_t *text;
	size_t i;

	json_array_foreach (failed, i, text)
		if (strstr(json_string_value(text), words))
			return;
	fail_msg("\"%s\" is not in %s", words, json_dumps(failed, 0));
}

/* And is no more when somebody has set it up again meanwhile. */
static void test_queueing_discipline_and_filters_are_named(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *failed;

	leave_out_under_an_emulator();
	add_card("k0", "52:54:00:00:00:10");
	if (system("tc qdisc add dev k0 root htb && tc qdisc add dev k0 clsact")) {
		puts("left out: this kernel, or tc(8), has no htb or clsact");
		skip();
	}
	before = save(names);
	assert_int_equal(ip("link del k0"), 0);
	add_card("k0", "52:54:00:00:00:10");
	failed = wrong_after(before);
	assert_int_equal(json_array_size(failed), 2);
	assert_named(failed, "k0: its queueing discipline htb is not set up again");
	assert_named(failed, "k0: its clsact filters are not set up again");
	json_decref(failed);
	assert_int_equal(system("tc qdisc add dev k0 root htb && tc qdisc add dev k0 clsact"), 0);
	restore(before);
	json_decref(before);
}

/* As when a run was killed before the releases: links down, nothing gone. */
static void test_link_that_was_only_taken_down_is_whole_again(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link set k0 up && ip addr add 192.0.2.1/24 dev k0"), 0);
	assert_int_equal(ip("route add default via 192.0.2.254"), 0);
	assert_int_equal(ip("-6 addr add 2001:db8::1/64 dev k0 nodad"), 0);
	before = save(names);
	assert_int_equal(ip("link set k0 down"), 0);
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	restore(before); /* and once more changes nothing */
	json_decref(after);
	after = save(names);
	assert_same(before, after, "k0");
	json_decref(before);
	json_decref(after);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_addresses_and_routes_come_back),
		TEST(test_renamed_links_get_their_names_back),
		TEST(test_bridge_gets_its_port_back),
		TEST(test_bond_gets_its_ports_and_its_address_back),
		TEST(test_queueing_discipline_and_filters_are_named),
		TEST(test_link_that_was_only_taken_down_is_whole_again),
	};

	if (!may_run())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
