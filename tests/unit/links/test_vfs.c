// SPDX-License-Identifier: GPL-2.0-or-later
/* What virtual functions are set to, kept and set again. The machine is a fake: QEMU 7.2 has no card
 * with virtual functions. */
#include "unit/fake/fake_ops.h"

#include "links/hex.h"
#include "links/kinds.h"
#include "links/message.h"
#include "links/vfs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PF "/devices/pci0000:00/0000:00:03.0"
#define VF "/devices/pci0000:00/0000:00:03.4"

static void end_nest(struct netlink_message *outer, uint16_t type, const struct netlink_message *m)
{
	netlink_add(outer, type, m->bytes + NLMSG_HDRLEN, m->header.nlmsg_len - NLMSG_HDRLEN);
}

/* One virtual function as the kernel tells it; @trust -1: its driver does not know. */
static void add_vf(struct netlink_message *list, uint32_t number, unsigned char last,
		   uint32_t trust)
{
	struct ifla_vf_mac mac = { .vf = number, .mac = { 2, 0, 0, 0, 0, last } };
	struct ifla_vf_vlan_info vlan = {
		.vf = number,
		.vlan = 100 + number,
		.vlan_proto = htons(ETH_P_8021Q),
	};
	struct ifla_vf_rate rate = { .vf = number, .max_tx_rate = 1000 };
	struct ifla_vf_spoofchk spoof = { .vf = number, .setting = 0 };
	struct ifla_vf_trust trusted = { .vf = number, .setting = trust };
	struct ifla_vf_broadcast broadcast = { .broadcast = { 0xff } };
	struct netlink_message info, vlans;

	netlink_message_init(&info, 0, 0, "", 0);
	netlink_add(&info, IFLA_VF_MAC, &mac, sizeof(mac));
	netlink_add(&info, IFLA_VF_BROADCAST, &broadcast, sizeof(broadcast));
	netlink_add(&info, IFLA_VF_RATE, &rate, sizeof(rate));
	netlink_add(&info, IFLA_VF_SPOOFCHK, &spoof, sizeof(spoof));
	netlink_add(&info, IFLA_VF_TRUST, &trusted, sizeof(trusted));
	netlink_message_init(&vlans, 0, 0, "", 0);
	netlink_add(&vlans, IFLA_VF_VLAN_INFO, &vlan, sizeof(vlan));
	end_nest(&info, IFLA_VF_VLAN_LIST, &vlans);
	end_nest(list, IFLA_VF_INFO, &info);
}

/* Two of them; the driver does not know of the second one's trust. */
static json_t *two_vfs(void)
{
	struct ifinfomsg body = { .ifi_index = 7 };
	struct netlink_message m, list;

	netlink_message_init(&list, 0, 0, "", 0);
	add_vf(&list, 0, 0x10, 1);
	add_vf(&list, 1, 0x11, 0xffffffff);
	netlink_message_init(&m, RTM_NEWLINK, 0, &body, sizeof(body));
	netlink_add_string(&m, IFLA_IFNAME, "eth0");
	end_nest(&m, IFLA_VFINFO_LIST, &list);
	return vfs_settings(&m.header);
}

static bool has(const json_t *hex, uint16_t type)
{
	unsigned char bytes[1024];
	int length = hex_decode(json_string_value(hex), bytes, sizeof(bytes));

	assert_true(length > 0);
	return netlink_find(bytes, (size_t)length, type) != NULL;
}

static void test_what_can_be_set_is_kept(void **state)
{
	json_t *all = two_vfs();

	assert_int_equal(json_array_size(all), 2);
	for (size_t i = 0; i < 2; i++) {
		const json_t *one = json_array_get(all, i);

		assert_true(has(one, IFLA_VF_MAC) && has(one, IFLA_VF_VLAN_LIST));
		assert_true(has(one, IFLA_VF_RATE) && has(one, IFLA_VF_SPOOFCHK));
		assert_false(has(one, IFLA_VF_BROADCAST));
		assert_int_equal(has(one, IFLA_VF_TRUST), i == 0);
	}
	json_decref(all);
}

/* Whatever lengths a message claims, nothing outside it is read (the sanitizers look). */
static void test_message_that_is_cut_anywhere(void **state)
{
	struct ifinfomsg body = { .ifi_index = 7 };
	struct netlink_message m, list;

	netlink_message_init(&list, 0, 0, "", 0);
	add_vf(&list, 0, 0x10, 1);
	netlink_message_init(&m, RTM_NEWLINK, 0, &body, sizeof(body));
	end_nest(&m, IFLA_VFINFO_LIST, &list);
	for (uint32_t length = m.header.nlmsg_len; length-- > NLMSG_HDRLEN;) {
		struct nlmsghdr *cut = malloc(length);

		memcpy(cut, m.bytes, length);
		cut->nlmsg_len = length;
		json_decref(vfs_settings(cut));
		free(cut);
	}
}

static struct fake *machine(const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);

	fake_file(fake, "/sys" PF "/net/eth0/ifindex", "9\n");
	fake_file(fake, "/sys" PF "/net/eth0/dev_port", "0\n");
	fake_file(fake, "/sys" VF "/driver_override", "(null)\n");
	fake_link(fake, "/sys" PF "/virtfn0", "../0000:00:03.4");
	return fake;
}

static json_t *event(void)
{
	return json_pack("{s:s s:s s:{s:s} s:[{s:i s:o}]}", "event", "vfs", "device", PF,
			 "overrides", "0", "vfio-pci", "links", "dev_port", 0, "settings",
			 two_vfs());
}

static void collect(const char *clause, void *context)
{
	strcat(strcat(context, clause), "\n");
}

static void test_each_is_set_through_the_new_link(void **state)
{
	struct fake *fake = machine(NULL);
	char failed[1024] = "";
	json_t *saved = event();

	vfs_restore(&fake->sys, saved, 0, collect, failed);
	assert_string_equal(failed, "");
	/* Five settings of the one, four of the other, in RTM_NEWLINK for index 9. */
	assert_int_equal(fake_log_count(fake, "netlink 16 *09000000* = 0"), 9);
	assert_int_equal(fake_log_count(fake, "write *" VF "/driver_override vfio-pci *"), 1);
	json_decref(saved);
	fake_free(fake);
}

static void test_what_is_refused_is_named(void **state)
{
	static const struct fake_fault faults[] = { { "netlink", "16", FAKE_ERRNO, -EOPNOTSUPP },
						    { 0 } };
	struct fake *fake = machine(faults);
	char failed[2048] = "";
	json_t *saved = event();

	vfs_restore(&fake->sys, saved, 0, collect, failed);
	assert_non_null(strstr(failed, "hardware address of virtual function 0 not set again: "
				       "EOPNOTSUPP"));
	assert_non_null(strstr(failed, "VLAN of virtual function 1 not set again"));
	json_decref(saved);
	fake_free(fake);
}

static void test_link_that_does_not_come_is_named(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	char failed[1024] = "";
	json_t *saved = event();

	vfs_restore(&fake->sys, saved, 0, collect, failed);
	assert_string_equal(failed, "no link to set its virtual functions' addresses through\n"
				    "virtual function 0, kept for vfio-pci, is not there\n");
	json_decref(saved);
	fake_free(fake);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_can_be_set_is_kept),
		cmocka_unit_test(test_message_that_is_cut_anywhere),
		cmocka_unit_test(test_each_is_set_through_the_new_link),
		cmocka_unit_test(test_what_is_refused_is_named),
		cmocka_unit_test(test_link_that_does_not_come_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
