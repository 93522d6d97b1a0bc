// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses and routes replayed from what the kernel said, and links found and restored on a fake
 * machine. test_links_live.c does the same to a kernel. */
#include "unit/fake/fake_ops.h"

#include "graph/graph.h"
#include "links/hex.h"
#include "links/kinds.h"
#include "links/links.h"
#include "links/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct link_index eth0[] = { { .was = 2, .is = 9 } };
static const struct link_indices moved = { .items = eth0, .count = 1 };

static void add_ip(struct netlink_message *m, uint16_t type, const char *text)
{
	unsigned char bytes[16];
	bool is_v6 = strchr(text, ':') != NULL;

	assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, bytes), 1);
	netlink_add(m, type, bytes, is_v6 ? 16 : 4);
}

static void make_address(struct netlink_message *m, const char *text, uint32_t flags)
{
	struct ifaddrmsg body = {
		.ifa_family = strchr(text, ':') ? AF_INET6 : AF_INET,
		.ifa_prefixlen = 24,
		.ifa_flags = (unsigned char)flags,
		.ifa_index = 2,
	};

	netlink_message_init(m, RTM_NEWADDR, NLM_F_MULTI, &body, sizeof(body));
	add_ip(m, IFA_ADDRESS, text);
	netlink_add_u32(m, IFA_FLAGS, flags);
}

static void start_route(struct netlink_message *m, unsigned char family, unsigned char protocol,
			unsigned int flags)
{
	struct rtmsg body = {
		.rtm_family = family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = protocol,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = flags,
	};

	netlink_message_init(m, RTM_NEWROUTE, NLM_F_MULTI, &body, sizeof(body));
}

static void make_route(struct netlink_message *m, const char *gateway)
{
	start_route(m, AF_INET, RTPROT_STATIC, RTNH_F_LINKDOWN | RTNH_F_ONLINK);
	netlink_add_u32(m, RTA_OIF, 2);
	if (gateway)
		add_ip(m, RTA_GATEWAY, gateway);
}

static const struct rtmsg *route_of(const struct netlink_message *m)
{
	return (const void *)(m->bytes + NLMSG_HDRLEN);
}

static const struct nlattr *route_attribute(const struct netlink_message *m, uint16_t type)
{
	size_t length;
	const void *attributes = netlink_attributes(&m->header, sizeof(struct rtmsg), &length);

	return netlink_find(attributes, length, type);
}

static void test_address_moves_to_the_new_index(void **state)
{
	struct netlink_message was, request;
	const struct ifaddrmsg *body = (const void *)(request.bytes + NLMSG_HDRLEN);
	uint32_t index;

	make_address(&was, "192.0.2.1", IFA_F_PERMANENT);
	assert_true(address_is_kept(&was.header, &index));
	assert_int_equal(index, 2);
	assert_int_equal(message_replay(&was.header, &moved, &request), 0);
	assert_int_equal(request.header.nlmsg_type, RTM_NEWADDR);
	assert_int_equal(body->ifa_index, 9);
}

static void test_state_of_an_address_is_not_replayed(void **state)
{
	uint32_t flags = IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_NOPREFIXROUTE;
	struct netlink_message was, request;
	const void *attributes;
	size_t length;

	make_address(&was, "2001:db8::1", flags);
	assert_int_equal(message_replay(&was.header, &moved, &request), 0);
	attributes = netlink_attributes(&request.header, sizeof(struct ifaddrmsg), &length);
	assert_int_equal(netlink_u32(netlink_find(attributes, length, IFA_FLAGS)),
			 IFA_F_NOPREFIXROUTE);
}

/* The bit is IFA_F_SECONDARY for IPv4, and such an address is somebody's. */
static void test_privacy_address_is_left_to_the_kernel(void **state)
{
	struct netlink_message m;
	uint32_t index;

	make_address(&m, "2001:db8::1", IFA_F_TEMPORARY);
	assert_false(address_is_kept(&m.header, &index));
	make_address(&m, "192.0.2.2", IFA_F_SECONDARY);
	assert_true(address_is_kept(&m.header, &index));
}

static void test_address_whose_life_is_over_is_dropped(void **state)
{
	struct ifa_cacheinfo life = { .ifa_prefered = 0, .ifa_valid = 0 };
	struct netlink_message m;
	uint32_t index;

	make_address(&m, "192.0.2.1", 0);
	netlink_add(&m, IFA_CACHEINFO, &life, sizeof(life));
	assert_false(address_is_kept(&m.header, &index));
}

static void test_route_moves_to_the_new_index(void **state)
{
	struct netlink_message was, request;

	make_route(&was, "192.0.2.254");
	assert_true(route_is_kept(&was.header));
	assert_true(route_uses(&was.header, 2));
	assert_false(route_uses(&was.header, 3));
	assert_int_equal(message_replay(&was.header, &moved, &request), 0);
	assert_int_equal(netlink_u32(route_attribute(&request, RTA_OIF)), 9);
	assert_non_null(route_attribute(&request, RTA_GATEWAY));
	/* The kernel refuses a route that says its link is down. */
	assert_int_equal(route_of(&request)->rtm_flags, RTNH_F_ONLINK);
}

static void test_each_next_hop_moves(void **state)
{
	struct rtnexthop hops[2] = {
		{ .rtnh_len = sizeof(hops[0]), .rtnh_ifindex = 2, .rtnh_flags = RTNH_F_DEAD },
		{ .rtnh_len = sizeof(hops[0]), .rtnh_ifindex = 5, .rtnh_hops = 3 },
	};
	struct netlink_message was, request;
	const struct nlattr *a;

	start_route(&was, AF_INET, RTPROT_STATIC, 0);
	netlink_add(&was, RTA_MULTIPATH, hops, sizeof(hops));
	assert_true(route_uses(&was.header, 2) && route_uses(&was.header, 5));
	assert_int_equal(message_replay(&was.header, &moved, &request), 0);
	a = route_attribute(&request, RTA_MULTIPATH);
	assert_int_equal(netlink_length(a), sizeof(hops));
	memcpy(hops, netlink_data(a), sizeof(hops));
	assert_int_equal(hops[0].rtnh_ifindex, 9);
	assert_int_equal(hops[0].rtnh_flags, 0);
	assert_int_equal(hops[1].rtnh_ifindex, 5);
	assert_int_equal(hops[1].rtnh_hops, 3);
}

static void test_next_hop_that_claims_too_much_ends_the_list(void **state)
{
	for (unsigned int claimed = 0; claimed < 64; claimed++) {
		struct rtnexthop hop = {
			.rtnh_len = (unsigned short)claimed,
			.rtnh_ifindex = 2,
		};
		struct netlink_message was, request;

		start_route(&was, AF_INET, RTPROT_STATIC, 0);
		netlink_add(&was, RTA_MULTIPATH, &hop, sizeof(hop));
		assert_int_equal(route_uses(&was.header, 2), claimed == sizeof(hop));
		assert_int_equal(message_replay(&was.header, &moved, &request), 0);
	}
}

static void test_route_of_a_link_that_is_not_back_is_refused(void **state)
{
	struct link_index gone[] = { { .was = 2, .is = 0 } };
	const struct link_indices indices = { .items = gone, .count = 1 };
	struct netlink_message was, request;

	make_route(&was, NULL);
	assert_int_equal(message_replay(&was.header, &indices, &request), -ENODEV);
}

static void test_kernels_own_routes_are_not_kept(void **state)
{
	struct netlink_message m;

	start_route(&m, AF_INET, RTPROT_KERNEL, 0);
	assert_false(route_is_kept(&m.header));
	start_route(&m, AF_INET6, RTPROT_STATIC, RTM_F_CLONED);
	assert_false(route_is_kept(&m.header));
	start_route(&m, AF_INET, RTPROT_STATIC, 0);
	netlink_add_u32(&m, RTA_TABLE, RT_TABLE_LOCAL);
	assert_false(route_is_kept(&m.header));
	start_route(&m, AF_BRIDGE, RTPROT_STATIC, 0);
	assert_false(route_is_kept(&m.header));
	/* Seen on 6.1: "RA: ndisc_router_discovery failed to add default route". */
	start_route(&m, AF_INET6, RTPROT_RA, 0);
	assert_false(route_is_kept(&m.header));
}

/* Told in clock ticks of what is left, asked for in seconds. */
static void test_life_of_a_route_goes_on(void **state)
{
	struct rta_cacheinfo info = { .rta_expires = 100 * 60 };
	struct netlink_message was, request;

	start_route(&was, AF_INET6, RTPROT_STATIC, 0);
	netlink_add_u32(&was, RTA_OIF, 2);
	netlink_add(&was, RTA_CACHEINFO, &info, sizeof(info));
	assert_int_equal(message_replay(&was.header, &moved, &request), 0);
	assert_null(route_attribute(&request, RTA_CACHEINFO));
	assert_in_range(netlink_u32(route_attribute(&request, RTA_EXPIRES)), 60, 61);
}

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

/* What is asked for when the kernel told @flags (NULL: none) of a VLAN. */
static struct ifla_vlan_flags flags_asked_for(const struct ifla_vlan_flags *flags)
{
	struct netlink_message settings, info, outer, out;
	struct ifla_vlan_flags asked;
	const struct nlattr *data, *a;

	start_nest(&settings);
	netlink_add(&settings, IFLA_VLAN_ID, "\5", 2);
	if (flags)
		netlink_add(&settings, IFLA_VLAN_FLAGS, flags, sizeof(*flags));
	start_nest(&info);
	netlink_add_string(&info, IFLA_INFO_KIND, "vlan");
	netlink_add_string(&info, IFLA_INFO_SLAVE_KIND, "bridge");
	end_nest(&info, IFLA_INFO_DATA, &settings);
	start_nest(&outer);
	end_nest(&outer, IFLA_LINKINFO, &info);
	assert_true(kind_linkinfo("vlan", nested(&outer, IFLA_LINKINFO), &out));
	assert_null(nested(&out, IFLA_INFO_SLAVE_KIND));
	data = nested(&out, IFLA_INFO_DATA);
	assert_non_null(netlink_find(netlink_data(data), netlink_length(data), IFLA_VLAN_ID));
	a = netlink_find(netlink_data(data), netlink_length(data), IFLA_VLAN_FLAGS);
	assert_non_null(a);
	memcpy(&asked, netlink_data(a), sizeof(asked));
	return asked;
}

/* The kernel tells a mask of all ones, which it refuses; and nothing for a VLAN without flags,
 * though a new one has some. */
static void test_flags_of_a_vlan_can_be_set_again(void **state)
{
	struct ifla_vlan_flags told = { .flags = VLAN_FLAG_REORDER_HDR, .mask = ~0U };

	assert_int_equal(flags_asked_for(&told).flags, VLAN_FLAG_REORDER_HDR);
	assert_int_equal(flags_asked_for(&told).mask, 15);
	assert_int_equal(flags_asked_for(NULL).flags, 0);
	assert_int_equal(flags_asked_for(NULL).mask, 15);
}

static void test_cut_message_is_refused(void **state)
{
	struct netlink_message was, request;

	make_route(&was, NULL);
	was.header.nlmsg_len = NLMSG_HDRLEN + 4;
	assert_int_equal(message_replay(&was.header, &moved, &request), -EBADMSG);
	assert_false(route_is_kept(&was.header));
}

static void test_messages_have_words(void **state)
{
	struct netlink_message m;
	char text[128];

	make_address(&m, "192.0.2.1", 0);
	message_describe(&m.header, text, sizeof(text));
	assert_string_equal(text, "address 192.0.2.1/24");
	make_route(&m, "192.0.2.254");
	netlink_add_u32(&m, RTA_TABLE, 100);
	message_describe(&m.header, text, sizeof(text));
	assert_string_equal(text, "route default via 192.0.2.254 in table 100");
}

static void test_hex_comes_back_the_same(void **state)
{
	struct netlink_message was, again;
	char *hex;

	make_route(&was, "192.0.2.254");
	hex = hex_encode(&was.header, was.header.nlmsg_len);
	assert_int_equal(hex_message(hex, &again), 0);
	assert_memory_equal(was.bytes, again.bytes, was.header.nlmsg_len);
	free(hex);
}

static void test_damaged_hex_is_refused(void **state)
{
	static const char *const damaged[] = {
		"",
		"0",
		"zz",
		"ff000000",
		"00000000000000000000000000000000",
		"ff00000018000000000000000000000000000000",
	};
	struct netlink_message m;

	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++)
		assert_int_equal(hex_message(damaged[i], &m), -EBADMSG);
}

/* --- on a fake machine --- */

#define NIC "/devices/pci0000:00/0000:00:03.0"

static void fake_netif(struct fake *fake, const char *device, const char *name, unsigned int index,
		       const char *address, unsigned int flags)
{
	char path[256], target[256], text[32];

	snprintf(path, sizeof(path), "/sys/class/net/%s", name);
	snprintf(target, sizeof(target), "../..%s/net/%s", device, name);
	fake_link(fake, path, target);
	snprintf(path, sizeof(path), "/sys%s/net/%s/ifindex", device, name);
	snprintf(text, sizeof(text), "%u\n", index);
	fake_file(fake, path, text);
	snprintf(path, sizeof(path), "/sys%s/net/%s/address", device, name);
	fake_file(fake, path, address);
	snprintf(path, sizeof(path), "/sys%s/net/%s/flags", device, name);
	snprintf(text, sizeof(text), "0x%x\n", flags);
	fake_file(fake, path, text);
	snprintf(path, sizeof(path), "/sys%s/net/%s/mtu", device, name);
	fake_file(fake, path, "1500\n");
}

static json_t *link_event(const char *name, const char *device)
{
	return json_pack("{s:s s:s s:i s:b s:i s:s s:s s:s s:[] s:[]}", "event", "link", "name",
			 name, "ifindex", 2, "up", 1, "mtu", 1500, "address", "52:54:00:00:00:01",
			 "device", device, "carrier", NIC, "addresses", "routes");
}

static int restore(struct fake *fake, json_t *events, json_t **ret_failed)
{
	int code;

	*ret_failed = json_array();
	code = links_restore(&fake->sys, events, 0, *ret_failed);
	json_decref(events);
	return code;
}

static void test_link_is_taken_up_and_its_address_replayed(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	json_t *event = link_event("eth0", NIC), *failed;
	struct netlink_message address;
	char *hex;

	fake_netif(fake, NIC, "eth0", 9, "52:54:00:00:00:01\n", 0);
	make_address(&address, "192.0.2.1", 0);
	hex = hex_encode(&address.header, address.header.nlmsg_len);
	json_array_append_new(json_object_get(event, "addresses"), json_string(hex));
	free(hex);
	assert_int_equal(restore(fake, json_pack("[o]", event), &failed), 0);
	assert_int_equal(fake_log_count(fake, "netlink *"), 2);
	json_decref(failed);
	fake_free(fake);
}

static void test_link_of_a_renumbered_device_is_found_by_its_address(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	json_t *failed;

	fake_netif(fake, NIC "/virtio7", "eth1", 8, "52:54:00:00:00:07\n", 0);
	fake_netif(fake, NIC "/virtio8", "eth0", 9, "52:54:00:00:00:01\n", 1);
	assert_int_equal(
		restore(fake, json_pack("[o]", link_event("eth0", NIC "/virtio0")), &failed), 0);
	/* It has its name, and is up: nothing to do. */
	assert_int_equal(fake_log_count(fake, "netlink *"), 0);
	json_decref(failed);
	fake_free(fake);
}

static void test_link_that_is_not_back_is_named(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	json_t *failed;

	fake_netif(fake, "/devices/virtual", "lo", 1, "00:00:00:00:00:00\n", 0);
	assert_int_equal(restore(fake, json_pack("[o]", link_event("eth0", NIC)), &failed), 1);
	assert_non_null(strstr(json_string_value(json_array_get(failed, 0)), "eth0: its device"));
	json_decref(failed);
	fake_free(fake);
}

static void test_master_that_is_gone_is_named(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	json_t *event = link_event("eth0", NIC), *failed;

	json_object_set_new(event, "master", json_string("br0"));
	fake_netif(fake, NIC, "eth0", 9, "52:54:00:00:00:01\n", 1);
	assert_int_equal(restore(fake, json_pack("[o]", event), &failed), 1);
	assert_string_equal(json_string_value(json_array_get(failed, 0)),
			    "eth0: not put back below br0, which is gone");
	json_decref(failed);
	fake_free(fake);
}

static void test_refused_change_is_named_with_the_errno(void **state)
{
	static const struct fake_fault faults[] = {
		{ "netlink", "*", FAKE_ERRNO, -EBUSY },
		{ 0 },
	};
	struct fake *fake = fake_new(NULL, faults);
	json_t *failed;

	fake_netif(fake, NIC, "eth0", 9, "52:54:00:00:00:01\n", 0);
	assert_int_equal(restore(fake, json_pack("[o]", link_event("eth0", NIC)), &failed), 1);
	assert_non_null(
		strstr(json_string_value(json_array_get(failed, 0)), "eth0: not taken up: EBUSY"));
	json_decref(failed);
	fake_free(fake);
}

static void test_upper_of_another_kind_is_named(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	json_t *upper = json_pack("{s:s s:s s:i s:b s:b s:s s:s s:i}", "event", "link", "name",
				  "mv0", "ifindex", 3, "upper", 1, "lost", 1, "kind", "macvlan",
				  "lower", "eth0", "lower_ifindex", 2);
	json_t *failed;

	fake_netif(fake, NIC, "eth0", 9, "52:54:00:00:00:01\n", 1);
	assert_int_equal(restore(fake, json_pack("[o o]", link_event("eth0", NIC), upper), &failed),
			 1);
	assert_string_equal(json_string_value(json_array_get(failed, 0)),
			    "mv0 (macvlan on eth0): links of this kind are not made again");
	json_decref(failed);
	fake_free(fake);
}

static void test_links_below_a_device_are_taken_down(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct graph *graph = graph_new();
	struct device *nic = graph_add_device(graph, NIC, "pci");
	struct device *virtio = graph_add_device(graph, NIC "/virtio0", "virtio");
	struct device *other = graph_add_device(graph, "/devices/pci0000:00/0000:00:04.0", "pci");

	graph_link_parents(graph);
	graph_add_link(graph, "eth0")->owner = virtio;
	graph_add_link(graph, "eth1")->owner = other;
	graph_add_link(graph, "br0");
	assert_int_equal(links_down(&fake->sys, graph, nic), 0);
	assert_int_equal(fake_log_count(fake, "netlink *"), 1);
	graph_free(graph);
	fake_free(fake);
}

/* Of what stays there is nothing to save, nor of what cannot have a link. */
static void test_links_go_with_what_may_have_one(void **state)
{
	struct graph *graph = graph_new();
	struct device *device = graph_add_device(graph, "/devices/pci0000:00/0000:00:02.0", "pci");
	struct pci_facts facts = { .class_code = 0x010802 };
	struct decision decision = { .device = device, .fate = FATE_RELEASE };
	struct plan plan = { .graph = graph, .decisions = &decision, .decision_count = 1 };

	(void)state;
	device->pci = &facts;
	device->driver = "some";
	assert_false(links_may_go(&plan));
	facts.numvfs = 2;
	assert_true(links_may_go(&plan));
	facts = (struct pci_facts){ .class_code = 0x020000 };
	assert_true(links_may_go(&plan));
	decision.fate = FATE_LEAVE;
	assert_false(links_may_go(&plan));
	graph_free(graph);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address_moves_to_the_new_index),
		cmocka_unit_test(test_state_of_an_address_is_not_replayed),
		cmocka_unit_test(test_privacy_address_is_left_to_the_kernel),
		cmocka_unit_test(test_address_whose_life_is_over_is_dropped),
		cmocka_unit_test(test_route_moves_to_the_new_index),
		cmocka_unit_test(test_each_next_hop_moves),
		cmocka_unit_test(test_next_hop_that_claims_too_much_ends_the_list),
		cmocka_unit_test(test_route_of_a_link_that_is_not_back_is_refused),
		cmocka_unit_test(test_kernels_own_routes_are_not_kept),
		cmocka_unit_test(test_life_of_a_route_goes_on),
		cmocka_unit_test(test_flags_of_a_vlan_can_be_set_again),
		cmocka_unit_test(test_cut_message_is_refused),
		cmocka_unit_test(test_messages_have_words),
		cmocka_unit_test(test_hex_comes_back_the_same),
		cmocka_unit_test(test_damaged_hex_is_refused),
		cmocka_unit_test(test_link_is_taken_up_and_its_address_replayed),
		cmocka_unit_test(test_link_of_a_renumbered_device_is_found_by_its_address),
		cmocka_unit_test(test_link_that_is_not_back_is_named),
		cmocka_unit_test(test_master_that_is_gone_is_named),
		cmocka_unit_test(test_refused_change_is_named_with_the_errno),
		cmocka_unit_test(test_upper_of_another_kind_is_named),
		cmocka_unit_test(test_links_go_with_what_may_have_one),
		cmocka_unit_test(test_links_below_a_device_are_taken_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
