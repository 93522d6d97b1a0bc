// SPDX-License-Identifier: GPL-2.0-or-later
/* Kinds of links: what makes one again out of what the kernel tells of it, and what a rollback says of
 * those that it does not make. */
#include "unit/fake/fake_ops.h"

#include "links/kinds.h"
#include "links/links.h"
#include "links/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void start_nest(struct netlink_message *m)
{
	netlink_message_init(m, 0, 0, "", 0);
}

static void end_nest(struct netlink_message *outer, uint16_t type, const struct netlink_message *m)
{
	netlink_add(outer, type, m->bytes + NLMSG_HDRLEN, m->header.nlmsg_len - NLMSG_HDRLEN);
}

static const struct nlattr *nested(const struct netlink_message *m, uint16_t type)
{
	return netlink_find(m->bytes + NLMSG_HDRLEN, m->header.nlmsg_len - NLMSG_HDRLEN, type);
}

/* IFLA_LINKINFO of a link of @kind with @data, in @outer. */
static const struct nlattr *linkinfo(struct netlink_message *outer, const char *kind,
				     const struct netlink_message *data)
{
	struct netlink_message info;

	start_nest(&info);
	netlink_add_string(&info, IFLA_INFO_KIND, kind);
	end_nest(&info, IFLA_INFO_DATA, data);
	start_nest(outer);
	end_nest(outer, IFLA_LINKINFO, &info);
	return nested(outer, IFLA_LINKINFO);
}

static void add_byte(struct netlink_message *m, uint16_t type, unsigned char value)
{
	netlink_add(m, type, &value, 1);
}

/* The attribute @type of the data that makes a link of @kind with @data again; NULL: there is none. */
static const struct nlattr *asked_for(const char *kind, const struct netlink_message *data,
				      uint16_t type)
{
	static struct netlink_message out;
	struct netlink_message outer;
	const struct nlattr *a;

	assert_true(kind_linkinfo(kind, linkinfo(&outer, kind, data), &out));
	a = nested(&out, IFLA_INFO_DATA);
	assert_non_null(a);
	return netlink_find(netlink_data(a), netlink_length(a), type);
}

/* A flag that is off and is asked for is on; one with a value is refused. */
static void test_vxlan_flags_are_asked_for_only_when_on(void **state)
{
	struct netlink_message data;

	start_nest(&data);
	add_byte(&data, IFLA_VXLAN_TTL_INHERIT, 0);
	add_byte(&data, IFLA_VXLAN_REMCSUM_RX, 0);
	assert_null(asked_for("vxlan", &data, IFLA_VXLAN_TTL_INHERIT));
	assert_null(asked_for("vxlan", &data, IFLA_VXLAN_REMCSUM_RX));
	start_nest(&data);
	add_byte(&data, IFLA_VXLAN_TTL_INHERIT, 1);
	assert_int_equal(netlink_length(asked_for("vxlan", &data, IFLA_VXLAN_TTL_INHERIT)), 0);
}

static void test_vxlan_keeps_off_what_is_on_in_a_new_one(void **state)
{
	struct netlink_message data;

	start_nest(&data);
	add_byte(&data, IFLA_VXLAN_LEARNING, 0);
	add_byte(&data, IFLA_VXLAN_UDP_CSUM, 0);
	assert_non_null(asked_for("vxlan", &data, IFLA_VXLAN_LEARNING));
	assert_non_null(asked_for("vxlan", &data, IFLA_VXLAN_UDP_CSUM));
}

static void test_vxlan_lies_on_what_its_data_says(void **state)
{
	struct netlink_message data, outer, out;
	const struct nlattr *info;

	start_nest(&data);
	netlink_add_u32(&data, IFLA_VXLAN_LINK, 5);
	info = linkinfo(&outer, "vxlan", &data);
	assert_int_equal(kind_lower("vxlan", info), 5);
	assert_int_equal(kind_lower("vlan", info), 0);
	assert_true(kind_linkinfo("vxlan", info, &out));
	assert_true(kind_set_lower("vxlan", out.bytes + NLMSG_HDRLEN,
				   out.header.nlmsg_len - NLMSG_HDRLEN, 9));
	info = nested(&out, IFLA_INFO_DATA);
	assert_int_equal(netlink_u32(netlink_find(netlink_data(info), netlink_length(info),
						  IFLA_VXLAN_LINK)),
			 9);
	assert_false(kind_set_lower("vlan", out.bytes, 0, 9));
}

static void test_vxlan_with_a_table_of_vnis_is_not_made_again(void **state)
{
	struct netlink_message data, outer, out;

	start_nest(&data);
	add_byte(&data, IFLA_VXLAN_VNIFILTER, 1);
	assert_false(kind_linkinfo("vxlan", linkinfo(&outer, "vxlan", &data), &out));
}

static void test_macvlan_gets_its_sources_and_no_counters(void **state)
{
	struct netlink_message data, sources;
	const struct nlattr *mode;

	start_nest(&sources);
	netlink_add(&sources, IFLA_MACVLAN_MACADDR, "\2\0\0\0\0\1", 6);
	start_nest(&data);
	netlink_add_u32(&data, IFLA_MACVLAN_MODE, MACVLAN_MODE_SOURCE);
	netlink_add_u32(&data, IFLA_MACVLAN_MACADDR_COUNT, 1);
	netlink_add_u32(&data, IFLA_MACVLAN_BC_QUEUE_LEN_USED, 1000);
	assert_null(asked_for("macvlan", &data, IFLA_MACVLAN_MACADDR_MODE));
	end_nest(&data, IFLA_MACVLAN_MACADDR_DATA, &sources);
	assert_null(asked_for("macvlan", &data, IFLA_MACVLAN_MACADDR_COUNT));
	assert_null(asked_for("macvlan", &data, IFLA_MACVLAN_BC_QUEUE_LEN_USED));
	mode = asked_for("macvlan", &data, IFLA_MACVLAN_MACADDR_MODE);
	assert_int_equal(netlink_u32(mode), MACVLAN_MACADDR_SET);
}

static void test_macsec_goes_and_is_not_made_again(void **state)
{
	struct netlink_message data, outer, out;

	start_nest(&data);
	assert_true(kind_vanishes("macsec"));
	assert_false(kind_linkinfo("macsec", linkinfo(&outer, "macsec", &data), &out));
	assert_false(kind_vanishes("gre"));
	assert_false(kind_is_independent("gre"));
	assert_true(kind_is_independent("bridge"));
}

#define PF "/devices/pci0000:00/0000:00:03.0"

/* A card that came back as index 9. */
static struct fake *machine(void)
{
	struct fake *fake = fake_new(NULL, NULL);

	fake_file(fake, "/sys" PF "/net/eth0/ifindex", "9\n");
	fake_file(fake, "/sys" PF "/net/eth0/flags", "0x1002\n");
	fake_link(fake, "/sys/class/net/eth0", "../.." PF "/net/eth0");
	return fake;
}

/* What is said when the card's event, with what @more adds to it, and @other are restored. */
static void assert_said(struct fake *fake, const char *more, json_t *other, const char *said)
{
	json_t *card = json_pack("{s:s s:s s:i s:b s:s s:s}", "event", "link", "name", "eth0",
				 "ifindex", 2, "up", 0, "device", PF, "carrier", PF);
	json_t *events = json_array(), *failed = json_array();

	if (more)
		json_object_set_new(card, more,
				    strcmp(more, "qdisc") ? json_true() : json_string("htb"));
	json_array_append_new(events, card);
	if (other)
		json_array_append_new(events, other);
	assert_int_equal(links_restore(&fake->sys, events, 0, failed), said ? 1 : 0);
	if (said)
		assert_string_equal(json_string_value(json_array_get(failed, 0)), said);
	json_decref(events);
	json_decref(failed);
}

static json_t *tunnel(void)
{
	return json_pack("{s:s s:s s:i s:b s:s s:s s:i}", "event", "link", "name", "gre1",
			 "ifindex", 3, "watched", 1, "kind", "gre", "lower", "eth0",
			 "lower_ifindex", 2);
}

static void test_link_that_was_watched_and_is_gone_is_named(void **state)
{
	struct fake *fake = machine();

	assert_said(fake, NULL, tunnel(),
		    "gre1 (gre): it is gone; links of this kind are not made again");
	fake_free(fake);
}

static void test_tunnel_with_the_index_of_a_card_that_is_gone_is_named(void **state)
{
	struct fake *fake = machine();

	fake_file(fake, "/sys/class/net/gre1/ifindex", "3\n");
	fake_file(fake, "/sys/class/net/gre1/iflink", "2\n");
	assert_said(fake, NULL, tunnel(),
		    "gre1 (gre): it still goes through the eth0 that is gone; make it again, or "
		    "`ip link set gre1 type gre dev eth0`");
	fake_file(fake, "/sys/class/net/gre1/iflink", "9\n");
	assert_said(fake, NULL, tunnel(), NULL);
	fake_free(fake);
}

static void test_what_nobody_sets_up_again_is_named(void **state)
{
	struct fake *fake = machine();

	assert_said(fake, "xdp", NULL, "eth0: its XDP program is not attached again");
	assert_said(fake, "qdisc", NULL, "eth0: its queueing discipline htb is not set up again");
	assert_said(fake, "eswitch", NULL,
		    "eth0: its embedded switch is not in switchdev mode again; see devlink-dev(8)");
	fake_free(fake);
}

static void test_indices_are_found_in_any_order(void **state)
{
	struct link_index items[] = { { 7, 70 }, { 3, 0 }, { 5, 50 }, { 3, 30 } };
	struct link_indices indices = { .items = items, .count = 4 };

	link_indices_sort(&indices);
	assert_int_equal(indices.count, 3);
	assert_int_equal(items[0].was, 3);
	assert_int_equal(items[0].is, 30);
	assert_int_equal(items[2].is, 70);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vxlan_flags_are_asked_for_only_when_on),
		cmocka_unit_test(test_vxlan_keeps_off_what_is_on_in_a_new_one),
		cmocka_unit_test(test_vxlan_lies_on_what_its_data_says),
		cmocka_unit_test(test_vxlan_with_a_table_of_vnis_is_not_made_again),
		cmocka_unit_test(test_macvlan_gets_its_sources_and_no_counters),
		cmocka_unit_test(test_macsec_goes_and_is_not_made_again),
		cmocka_unit_test(test_link_that_was_watched_and_is_gone_is_named),
		cmocka_unit_test(test_tunnel_with_the_index_of_a_card_that_is_gone_is_named),
		cmocka_unit_test(test_what_nobody_sets_up_again_is_named),
		cmocka_unit_test(test_indices_are_found_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
