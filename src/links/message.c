// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses, routes and neighbours from what the kernel said to what makes them again; see message.h. */
#include "links/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What somebody asked for; the rest of the flags is the state the kernel brought it to. */
#define ADDRESS_FLAGS                                                                              \
	(IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE |            \
	 IFA_F_MCAUTOJOIN)
#define NEXTHOP_FLAGS (RTNH_F_ONLINK | RTNH_F_PERVASIVE)

/* Fixed header and attributes of a message of type @type; NULL when it is another or too short. */
static const void *message_body(const struct nlmsghdr *m, uint16_t type, size_t body,
				const void **ret_attributes, size_t *ret_length)
{
	if (m->nlmsg_type != type)
		return NULL;
	*ret_attributes = netlink_attributes(m, body, ret_length);
	return *ret_attributes ? (const unsigned char *)m + NLMSG_HDRLEN : NULL;
}

static const struct ifaddrmsg *address_body(const struct nlmsghdr *m, const void **attributes,
					    size_t *length)
{
	return message_body(m, RTM_NEWADDR, sizeof(struct ifaddrmsg), attributes, length);
}

static const struct rtmsg *route_body(const struct nlmsghdr *m, const void **attributes,
				      size_t *length)
{
	return message_body(m, RTM_NEWROUTE, sizeof(struct rtmsg), attributes, length);
}

static const struct ndmsg *neighbour_body(const struct nlmsghdr *m, const void **attributes,
					  size_t *length)
{
	return message_body(m, RTM_NEWNEIGH, sizeof(struct ndmsg), attributes, length);
}

static bool is_ip(unsigned char family)
{
	return family == AF_INET || family == AF_INET6;
}

static uint32_t address_flags(const struct ifaddrmsg *body, const void *attributes, size_t length)
{
	const struct nlattr *flags = netlink_find(attributes, length, IFA_FLAGS);

	return flags ? netlink_u32(flags) : body->ifa_flags;
}

static bool address_is_over(const void *attributes, size_t length)
{
	const struct nlattr *a = netlink_find(attributes, length, IFA_CACHEINFO);
	struct ifa_cacheinfo life;

	if (!a || netlink_length(a) < sizeof(life))
		return false;
	memcpy(&life, netlink_data(a), sizeof(life));
	return life.ifa_valid == 0;
}

bool address_is_kept(const struct nlmsghdr *message, uint32_t *ret_index)
{
	const void *attributes;
	size_t length;
	const struct ifaddrmsg *body = address_body(message, &attributes, &length);

	if (!body || !is_ip(body->ifa_family) || address_is_over(attributes, length))
		return false;
	/* The same bit means "secondary" for IPv4, and those are somebody's. */
	if (body->ifa_family == AF_INET6 &&
	    address_flags(body, attributes, length) & IFA_F_TEMPORARY)
		return false;
	*ret_index = body->ifa_index;
	return true;
}

bool neighbour_is_kept(const struct nlmsghdr *message, uint32_t *ret_index)
{
	const void *attributes;
	size_t length;
	const struct ndmsg *body = neighbour_body(message, &attributes, &length);

	if (!body || !(body->ndm_state & NUD_PERMANENT || body->ndm_flags & NTF_EXT_LEARNED))
		return false;
	*ret_index = (uint32_t)body->ndm_ifindex;
	return true;
}

static uint32_t route_table(const struct rtmsg *body, const void *attributes, size_t length)
{
	const struct nlattr *table = netlink_find(attributes, length, RTA_TABLE);

	return table ? netlink_u32(table) : body->rtm_table;
}

/*
 * Routes that the kernel makes by itself. That learned from a router is one: it is learned again as
 * soon as the link is up, and one made by us would keep the kernel from adding and renewing its own.
 */
static bool is_kernels(unsigned char protocol)
{
	return protocol == RTPROT_KERNEL || protocol == RTPROT_REDIRECT || protocol == RTPROT_RA;
}

bool route_is_kept(const struct nlmsghdr *message)
{
	const void *attributes;
	size_t length;
	const struct rtmsg *body = route_body(message, &attributes, &length);

	return body && is_ip(body->rtm_family) && !(body->rtm_flags & RTM_F_CLONED) &&
	       !is_kernels(body->rtm_protocol) &&
	       route_table(body, attributes, length) != RT_TABLE_LOCAL;
}

/* The next hop at @at of the @length bytes at @hops, as a copy; false at their end. */
static bool hop_at(const unsigned char *hops, size_t length, size_t at, struct rtnexthop *ret_hop)
{
	if (at > length || length - at < sizeof(*ret_hop))
		return false;
	memcpy(ret_hop, hops + at, sizeof(*ret_hop));
	return ret_hop->rtnh_len >= sizeof(*ret_hop) && ret_hop->rtnh_len <= length - at;
}

void route_each_link(const struct nlmsghdr *message, void (*each)(uint32_t index, void *context),
		     void *context)
{
	const struct nlattr *oif, *hops;
	struct rtnexthop hop;
	const void *attributes;
	size_t length;

	if (!route_body(message, &attributes, &length))
		return;
	oif = netlink_find(attributes, length, RTA_OIF);
	if (oif)
		each(netlink_u32(oif), context);
	hops = netlink_find(attributes, length, RTA_MULTIPATH);
	for (size_t at = 0; hops && hop_at(netlink_data(hops), netlink_length(hops), at, &hop);
	     at += RTNH_ALIGN(hop.rtnh_len))
		each((uint32_t)hop.rtnh_ifindex, context);
}

struct wanted {
	uint32_t index;
	bool is_used;
};

static void compare_link(uint32_t index, void *context)
{
	struct wanted *wanted = context;

	wanted->is_used |= index == wanted->index;
}

bool route_uses(const struct nlmsghdr *message, uint32_t index)
{
	struct wanted wanted = { .index = index };

	route_each_link(message, compare_link, &wanted);
	return wanted.is_used;
}

bool route_has_gateway(const struct nlmsghdr *message)
{
	const void *attributes;
	size_t length;

	return route_body(message, &attributes, &length) &&
	       (netlink_find(attributes, length, RTA_GATEWAY) ||
		netlink_find(attributes, length, RTA_VIA) ||
		netlink_find(attributes, length, RTA_MULTIPATH));
}

static int compare_was(const void *a, const void *b)
{
	const struct link_index *x = a, *y = b;

	return (x->was > y->was) - (x->was < y->was);
}

/* Those that are not back come last among equals. */
static int compare_index(const void *a, const void *b)
{
	const struct link_index *x = a, *y = b;

	return compare_was(a, b) ?: (!x->is - !y->is);
}

void link_indices_sort(struct link_indices *indices)
{
	size_t kept = 0;

	qsort(indices->items, indices->count, sizeof(*indices->items), compare_index);
	for (size_t i = 0; i < indices->count; i++)
		if (!kept || indices->items[kept - 1].was != indices->items[i].was)
			indices->items[kept++] = indices->items[i];
	indices->count = kept;
}

/* 0 with the index @was has now, or -ENODEV. */
static int index_now(const struct link_indices *indices, uint32_t was, uint32_t *ret_is)
{
	const struct link_index key = { .was = was };
	const struct link_index *found =
		bsearch(&key, indices->items, indices->count, sizeof(key), compare_was);

	if (found && !found->is)
		return -ENODEV;
	*ret_is = found ? found->is : was;
	return 0;
}

static int replay_address(const struct ifaddrmsg *was, const void *attributes, size_t length,
			  const struct link_indices *indices, struct netlink_message *request)
{
	uint32_t flags = address_flags(was, attributes, length) & ADDRESS_FLAGS;
	const struct nlattr *a = NULL;
	struct ifaddrmsg body = *was;
	int code = index_now(indices, was->ifa_index, &body.ifa_index);

	if (code < 0)
		return code;
	body.ifa_flags = (unsigned char)flags;
	netlink_message_init(request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	while ((a = netlink_next(attributes, length, a)))
		if (netlink_type(a) != IFA_FLAGS && netlink_type(a) != IFA_TARGET_NETNSID)
			netlink_add(request, a->nla_type, netlink_data(a), netlink_length(a));
	netlink_add_u32(request, IFA_FLAGS, flags);
	return 0;
}

static int replay_hops(const struct nlattr *hops, const struct link_indices *indices,
		       struct netlink_message *request)
{
	size_t length = netlink_length(hops);
	unsigned char *copy = malloc(length ?: 1);
	struct rtnexthop hop;
	uint32_t index;
	int code = 0;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, netlink_data(hops), length);
	for (size_t at = 0; code == 0 && hop_at(copy, length, at, &hop);
	     at += RTNH_ALIGN(hop.rtnh_len)) {
		code = index_now(indices, (uint32_t)hop.rtnh_ifindex, &index);
		if (code < 0)
			break;
		hop.rtnh_ifindex = (int)index;
		/* The kernel refuses a hop that says it is dead. */
		hop.rtnh_flags &= NEXTHOP_FLAGS;
		memcpy(copy + at, &hop, sizeof(hop));
	}
	if (code == 0)
		netlink_add(request, hops->nla_type, copy, length);
	free(copy);
	return code;
}

/* Append: one hardware address of a VXLAN may have several destinations. */
static int replay_neighbour(const struct ndmsg *was, const void *attributes, size_t length,
			    const struct link_indices *indices, struct netlink_message *request)
{
	uint16_t flags =
		NLM_F_CREATE | (was->ndm_family == AF_BRIDGE ? NLM_F_APPEND : NLM_F_REPLACE);
	const struct nlattr *a = NULL;
	struct ndmsg body = *was;
	uint32_t index;
	int code = index_now(indices, (uint32_t)was->ndm_ifindex, &index);

	if (code < 0)
		return code;
	body.ndm_ifindex = (int)index;
	netlink_message_init(request, RTM_NEWNEIGH, flags, &body, sizeof(body));
	while (code == 0 && (a = netlink_next(attributes, length, a))) {
		switch (netlink_type(a)) {
		case NDA_IFINDEX:
			code = index_now(indices, netlink_u32(a), &index);
			if (code == 0)
				netlink_add_u32(request, NDA_IFINDEX, index);
			break;
		case NDA_CACHEINFO:
		case NDA_PROBES:
		case NDA_LINK_NETNSID:
			break;
		default:
			netlink_add(request, a->nla_type, netlink_data(a), netlink_length(a));
		}
	}
	return code;
}

/* The kernel tells what is left of a route's life in clock ticks, and takes it in seconds. */
static void replay_lifetime(const struct nlattr *cacheinfo, struct netlink_message *request)
{
	struct rta_cacheinfo info;
	long ticks = sysconf(_SC_CLK_TCK);

	if (netlink_length(cacheinfo) < sizeof(info) || ticks <= 0)
		return;
	memcpy(&info, netlink_data(cacheinfo), sizeof(info));
	if ((int32_t)info.rta_expires > 0)
		netlink_add_u32(request, RTA_EXPIRES, info.rta_expires / (uint32_t)ticks + 1);
}

static int replay_route_attribute(const struct nlattr *a, const struct link_indices *indices,
				  struct netlink_message *request)
{
	uint32_t index;
	int code;

	switch (netlink_type(a)) {
	case RTA_OIF:
		code = index_now(indices, netlink_u32(a), &index);
		if (code == 0)
			netlink_add_u32(request, RTA_OIF, index);
		return code;
	case RTA_MULTIPATH:
		return replay_hops(a, indices, request);
	case RTA_CACHEINFO:
		replay_lifetime(a, request);
		return 0;
	case RTA_NH_ID: /* the next hop object went with its link; the route spells it out as well */
	case RTA_EXPIRES:
	case RTA_IIF:
		return 0;
	default:
		netlink_add(request, a->nla_type, netlink_data(a), netlink_length(a));
		return 0;
	}
}

static int replay_route(const struct rtmsg *was, const void *attributes, size_t length,
			const struct link_indices *indices, struct netlink_message *request)
{
	/*
	 * Append: several routes may share prefix and metric, and keep their order. Replace for one
	 * with several hops: IPv6 kept those hops whose links stayed, and would say it exists.
	 */
	uint16_t flags =
		NLM_F_CREATE |
		(netlink_find(attributes, length, RTA_MULTIPATH) ? NLM_F_REPLACE : NLM_F_APPEND);
	const struct nlattr *a = NULL;
	struct rtmsg body = *was;
	int code = 0;

	body.rtm_flags &= NEXTHOP_FLAGS;
	netlink_message_init(request, RTM_NEWROUTE, flags, &body, sizeof(body));
	while (code == 0 && (a = netlink_next(attributes, length, a)))
		code = replay_route_attribute(a, indices, request);
	return code;
}

static int replay_any(const struct nlmsghdr *message, const struct link_indices *indices,
		      struct netlink_message *request)
{
	const struct ifaddrmsg *address;
	const struct ndmsg *neighbour;
	const struct rtmsg *route;
	const void *attributes;
	size_t length;

	address = address_body(message, &attributes, &length);
	if (address)
		return replay_address(address, attributes, length, indices, request);
	route = route_body(message, &attributes, &length);
	if (route)
		return replay_route(route, attributes, length, indices, request);
	neighbour = neighbour_body(message, &attributes, &length);
	if (neighbour)
		return replay_neighbour(neighbour, attributes, length, indices, request);
	return -EBADMSG;
}

int message_replay(const struct nlmsghdr *message, const struct link_indices *indices,
		   struct netlink_message *ret_request)
{
	int code = replay_any(message, indices, ret_request);

	return code == 0 && ret_request->overflow ? -EMSGSIZE : code;
}

/* The IP address in @a, or "" when there is none. */
static void ip_text(unsigned char family, const struct nlattr *a, char *buffer, size_t size)
{
	size_t need = family == AF_INET ? 4 : 16;

	buffer[0] = '\0';
	if (a && is_ip(family) && netlink_length(a) >= need)
		inet_ntop(family, netlink_data(a), buffer, (socklen_t)size);
}

static void describe_route(const struct rtmsg *body, const void *attributes, size_t length,
			   char *buffer, size_t size)
{
	char destination[64], gateway[64], prefix[8];
	uint32_t table = route_table(body, attributes, length);
	int used;

	ip_text(body->rtm_family, netlink_find(attributes, length, RTA_DST), destination,
		sizeof(destination));
	ip_text(body->rtm_family, netlink_find(attributes, length, RTA_GATEWAY), gateway,
		sizeof(gateway));
	snprintf(prefix, sizeof(prefix), "/%u", body->rtm_dst_len);
	used = snprintf(buffer, size, "route %s%s%s%s",
			destination[0]		       ? destination
			: body->rtm_family == AF_INET6 ? "default (IPv6)"
						       : "default",
			destination[0] ? prefix : "", gateway[0] ? " via " : "", gateway);
	if (table != RT_TABLE_MAIN && used > 0 && (size_t)used < size)
		snprintf(buffer + used, size - (size_t)used, " in table %u", table);
}

static void describe_neighbour(const struct ndmsg *body, const void *attributes, size_t length,
			       char *buffer, size_t size)
{
	const struct nlattr *mac = netlink_find(attributes, length, NDA_LLADDR);
	const struct nlattr *to = netlink_find(attributes, length, NDA_DST);
	const unsigned char *bytes = mac && netlink_length(mac) == 6 ? netlink_data(mac) : NULL;
	char ip[64], text[24] = "";

	/* Where a VXLAN's hosts are may be of either family. */
	ip_text(to && netlink_length(to) == 16 ? AF_INET6 : AF_INET, to, ip, sizeof(ip));
	if (bytes)
		snprintf(text, sizeof(text), " %02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1],
			 bytes[2], bytes[3], bytes[4], bytes[5]);
	snprintf(buffer, size, "%s%s%s%s",
		 body->ndm_family == AF_BRIDGE ? "forwarding entry" : "neighbour", ip[0] ? " " : "",
		 ip, text);
}

void message_describe(const struct nlmsghdr *message, char *buffer, size_t size)
{
	const void *attributes;
	size_t length;
	const struct ifaddrmsg *address = address_body(message, &attributes, &length);
	const struct ndmsg *neighbour;
	const struct rtmsg *route;
	char ip[64];

	if (address) {
		ip_text(address->ifa_family,
			netlink_find(attributes, length, IFA_LOCAL)
				?: netlink_find(attributes, length, IFA_ADDRESS),
			ip, sizeof(ip));
		snprintf(buffer, size, "address %s/%u", ip, address->ifa_prefixlen);
		return;
	}
	route = route_body(message, &attributes, &length);
	if (route) {
		describe_route(route, attributes, length, buffer, size);
		return;
	}
	neighbour = neighbour_body(message, &attributes, &length);
	if (neighbour)
		describe_neighbour(neighbour, attributes, length, buffer, size);
	else
		snprintf(buffer, size, "a message of type %u", message->nlmsg_type);
}
