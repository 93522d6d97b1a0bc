// SPDX-License-Identifier: GPL-2.0-or-later
/* Kinds of links; see kinds.h. */
#include "links/kinds.h"

#include <linux/amt.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <string.h>

struct kind {
	const char *name;
	/* Puts one attribute of the data into the request; NULL: not made again. */
	void (*replay)(const struct nlattr *a, struct netlink_message *request);
	/* After them all; NULL: nothing is missing. */
	void (*finish)(const void *data, size_t length, struct netlink_message *request);
	/* The attribute of the data that has the link below; 0: it is IFLA_LINK. */
	uint16_t lower;
	/* An attribute whose presence says that it cannot be made again; 0: none. */
	uint16_t forbidden;
};

static void replay_as_it_is(const struct nlattr *a, struct netlink_message *request)
{
	netlink_add(request, a->nla_type, netlink_data(a), netlink_length(a));
}

static void replay_vlan(const struct nlattr *a, struct netlink_message *request)
{
	if (netlink_type(a) != IFLA_VLAN_FLAGS)
		replay_as_it_is(a, request);
}

/*
 * The kernel tells no flags when all are off, though a new VLAN has one on; and it tells a mask of
 * all ones, though it refuses bits that it does not know.
 */
static void finish_vlan(const void *data, size_t length, struct netlink_message *request)
{
	const struct nlattr *a = netlink_find(data, length, IFLA_VLAN_FLAGS);
	struct ifla_vlan_flags flags = { 0 };

	if (a && netlink_length(a) >= sizeof(flags))
		memcpy(&flags, netlink_data(a), sizeof(flags));
	flags.mask = VLAN_FLAG_REORDER_HDR | VLAN_FLAG_GVRP | VLAN_FLAG_LOOSE_BINDING |
		     VLAN_FLAG_MVRP | flags.flags;
	netlink_add(request, IFLA_VLAN_FLAGS, &flags, sizeof(flags));
}

/* What is counted or measured is told and cannot be set. */
static void replay_macvlan(const struct nlattr *a, struct netlink_message *request)
{
	if (netlink_type(a) != IFLA_MACVLAN_MACADDR_COUNT &&
	    netlink_type(a) != IFLA_MACVLAN_BC_QUEUE_LEN_USED)
		replay_as_it_is(a, request);
}

/* The list of source addresses is told as it is, and asked for with what to do with it. */
static void finish_macvlan(const void *data, size_t length, struct netlink_message *request)
{
	if (netlink_find(data, length, IFLA_MACVLAN_MACADDR_DATA))
		netlink_add_u32(request, IFLA_MACVLAN_MACADDR_MODE, MACVLAN_MACADDR_SET);
}

/* IFLA_VXLAN_LOCALBYPASS of Linux 6.4; older headers lack it. */
#define VXLAN_LOCALBYPASS 31

static bool is_on_in_a_new_vxlan(uint16_t type)
{
	return type == IFLA_VXLAN_LEARNING || type == IFLA_VXLAN_UDP_CSUM ||
	       type == VXLAN_LOCALBYPASS;
}

/*
 * What is told as a byte that says yes or no is in parts asked for as a flag that is there or not
 * (Linux: drivers/net/vxlan, vxlan_policy[] and vxlan_fill_info()), and since 6.14 one that says no
 * counts as used all the same. What is off in a new one is left out.
 */
static void replay_vxlan(const struct nlattr *a, struct netlink_message *request)
{
	bool is_byte = netlink_length(a) == 1;

	if (is_byte && !*(const unsigned char *)netlink_data(a) &&
	    !is_on_in_a_new_vxlan(netlink_type(a)))
		return;
	if (is_byte && netlink_type(a) == IFLA_VXLAN_TTL_INHERIT)
		netlink_add(request, IFLA_VXLAN_TTL_INHERIT, "", 0);
	else
		replay_as_it_is(a, request);
}

/* Those that vanish. Of a MACsec link the keys cannot be read; the others have nothing that makes
 * them in what the kernel tells, or nobody has tried. */
static const struct kind kinds[] = {
	{ .name = "vlan", .replay = replay_vlan, .finish = finish_vlan },
	{ .name = "macvlan", .replay = replay_macvlan, .finish = finish_macvlan },
	{ .name = "macvtap", .replay = replay_macvlan, .finish = finish_macvlan },
	{ .name = "ipvlan", .replay = replay_as_it_is },
	{ .name = "ipvtap", .replay = replay_as_it_is },
	/* The VNIs of a filter are a table of their own. */
	{ .name = "vxlan",
	  .replay = replay_vxlan,
	  .lower = IFLA_VXLAN_LINK,
	  .forbidden = IFLA_VXLAN_VNIFILTER },
	{ .name = "amt", .lower = IFLA_AMT_LINK },
	{ .name = "macsec" },
	{ .name = "rmnet" },
	{ .name = "virt_wifi" },
	{ .name = "lowpan" },
	{ .name = "dsa" },
};

static const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

bool kind_vanishes(const char *kind)
{
	return kind_find(kind) != NULL;
}

bool kind_is_independent(const char *kind)
{
	static const char *const names[] = { "",     "veth",   "dummy",	    "tun", "bridge",
					     "bond", "team",   "vrf",	    "ifb", "nlmon",
					     "vcan", "netkit", "wireguard", "can", "vxcan" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], kind))
			return true;
	return false;
}

static const struct nlattr *data_of(const void *linkinfo, size_t length)
{
	return netlink_find(linkinfo, length, IFLA_INFO_DATA);
}

uint32_t kind_lower(const char *name, const struct nlattr *linkinfo)
{
	const struct kind *kind = kind_find(name);
	const struct nlattr *data;

	if (!kind || !kind->lower || !linkinfo)
		return 0;
	data = data_of(netlink_data(linkinfo), netlink_length(linkinfo));
	return data ? netlink_u32(
			      netlink_find(netlink_data(data), netlink_length(data), kind->lower))
		    : 0;
}

static void replay_data(const struct kind *kind, const void *data, size_t length,
			struct netlink_message *ret)
{
	struct netlink_message settings;
	const struct nlattr *a = NULL;

	netlink_message_init(&settings, 0, 0, "", 0);
	while ((a = netlink_next(data, length, a)))
		kind->replay(a, &settings);
	if (kind->finish)
		kind->finish(data, length, &settings);
	netlink_add(ret, IFLA_INFO_DATA | NLA_F_NESTED, settings.bytes + NLMSG_HDRLEN,
		    settings.header.nlmsg_len - NLMSG_HDRLEN);
	ret->overflow |= settings.overflow;
}

bool kind_linkinfo(const char *name, const struct nlattr *linkinfo, struct netlink_message *ret)
{
	const struct kind *kind = kind_find(name);
	const struct nlattr *data = data_of(netlink_data(linkinfo), netlink_length(linkinfo));

	if (!kind || !kind->replay)
		return false;
	if (data && kind->forbidden &&
	    netlink_find(netlink_data(data), netlink_length(data), kind->forbidden))
		return false;
	/* Not its statistics, nor what its master says of it: those cannot be set. */
	netlink_message_init(ret, 0, 0, "", 0);
	netlink_add_string(ret, IFLA_INFO_KIND, name);
	if (data)
		replay_data(kind, netlink_data(data), netlink_length(data), ret);
	return !ret->overflow;
}

bool kind_set_lower(const char *name, void *attributes, size_t length, uint32_t lower)
{
	const struct kind *kind = kind_find(name);
	const struct nlattr *data = data_of(attributes, length), *a;

	if (!kind || !kind->lower)
		return false;
	a = data ? netlink_find(netlink_data(data), netlink_length(data), kind->lower) : NULL;
	if (a && netlink_length(a) >= sizeof(lower))
		memcpy((unsigned char *)attributes + ((const unsigned char *)netlink_data(a) -
						      (const unsigned char *)attributes),
		       &lower, sizeof(lower));
	return true;
}
