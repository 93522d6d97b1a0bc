// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links of a real kernel that are gone and made again, with all that was in them. Skipped (77) where
 * that is not permitted; a kind of link that this kernel lacks is left out, and named.
 */
#include "unit/links/test_links_bench.h"

static void test_vlans_are_made_again(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link set k0 up"), 0);
	if (ip("link add link k0 name k0.5 type vlan id 5 reorder_hdr off ingress 1:2")) {
		puts("left out: this kernel has no VLANs");
		skip();
	}
	assert_int_equal(ip("link add link k0.5 name kqinq type vlan id 7"), 0);
	assert_int_equal(ip("link add kbr0 type bridge && ip link set kqinq master kbr0"), 0);
	assert_int_equal(ip("link set k0.5 mtu 1300 up && ip addr add 192.0.2.1/24 dev k0.5"), 0);
	assert_int_equal(ip("route add default via 192.0.2.254"), 0);
	before = save(names);
	assert_int_equal(json_array_size(before), 3);
	assert_int_equal(ip("link del k0"), 0);
	assert_int_equal(index_of("k0.5"), 0);
	add_card("k0", "52:54:00:00:00:10");
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	assert_same(before, after, "k0.5");
	assert_same(before, after, "kqinq");
	json_decref(before);
	json_decref(after);
}

/* The kernel tells no IFLA_LINK of it, and takes it away with what it goes through all the same. */
static void test_vxlan_is_made_again_with_its_tables(void **state)
{
	static const char *const names[] = { "k0", NULL };
	unsigned int index;
	json_t *before, *after;

	leave_out_under_an_emulator();
	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link set k0 up"), 0);
	if (ip("link add kvx type vxlan id 42 dev k0 dstport 4789 ttl 9 nolearning local 192.0.2.1")) {
		puts("left out: this kernel has no VXLAN");
		skip();
	}
	assert_int_equal(ip("link add kvi type vxlan id 43 dev k0 dstport 4790 ttl inherit"), 0);
	assert_int_equal(ip("link set kvx up && ip addr add 198.51.100.1/24 dev kvx"), 0);
	assert_int_equal(ip("neigh add 198.51.100.7 lladdr 02:00:00:00:00:07 dev kvx"), 0);
	assert_int_equal(system("bridge fdb append 00:00:00:00:00:00 dev kvx dst 203.0.113.8 &&"
				"bridge fdb append 00:00:00:00:00:00 dev kvx dst 203.0.113.9 &&"
				"bridge fdb add 02:00:00:00:00:07 dev kvx dst 203.0.113.9"),
			 0);
	sleep(1);
	before = save(names);
	assert_int_equal(json_array_size(before), 3);
	assert_words(before, "kvx", "neighbours", "forwarding entry 203.0.113.8 00:00:00:00:00:00");
	assert_words(before, "kvx", "neighbours", "forwarding entry 203.0.113.9 02:00:00:00:00:07");
	assert_words(before, "kvx", "neighbours", "neighbour 198.51.100.7 02:00:00:00:00:07");
	index = index_of("kvx");
	assert_int_equal(ip("link del k0"), 0);
	assert_int_equal(index_of("kvx"), 0);
	add_card("k0", "52:54:00:00:00:10");
	restore(before);
	restore(before); /* and once more changes nothing */
	after = save(names);
	assert_same(before, after, "kvx");
	assert_same(before, after, "kvi");
	assert_same_list(event_of(before, "kvx"), event_of(after, "kvx"), "neighbours");
	assert_int_equal(index_of("kvx"), index);
	json_decref(before);
	json_decref(after);
}

static void test_macvlan_is_made_again_with_its_address(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link set k0 up"), 0);
	if (ip("link add link k0 name kmv type macvlan mode private")) {
		puts("left out: this kernel has no macvlan");
		skip();
	}
	assert_int_equal(ip("link add link k0 name kms type macvlan mode source"), 0);
	assert_int_equal(ip("link set kms type macvlan macaddr add 02:00:00:00:00:01"), 0);
	assert_int_equal(ip("link set kmv up && ip addr add 192.0.2.1/24 dev kmv"), 0);
	sleep(1);
	before = save(names);
	assert_int_equal(json_array_size(before), 3);
	assert_int_equal(ip("link del k0"), 0);
	assert_int_equal(index_of("kmv"), 0);
	add_card("k0", "52:54:00:00:00:10");
	restore(before);
	sleep(1);
	after = save(names);
	assert_same(before, after, "kmv");
	assert_same(before, after, "kms");
	json_decref(before);
	json_decref(after);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_vlans_are_made_again),
		TEST(test_vxlan_is_made_again_with_its_tables),
		TEST(test_macvlan_is_made_again_with_its_address),
	};

	if (!may_run())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
