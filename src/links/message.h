/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel said about an address or a route, turned into the request that makes it again
 * for links whose index has changed. Pure: messages in, messages out, whatever they hold.
 */
#pragma once

#include "sys/netlink.h"

/* A link that came back: the index it had, and has now (0: it is not back). */
struct link_index {
	uint32_t was, is;
};

struct link_indices {
	struct link_index *items;
	size_t count;
};

/* True for an address to save: not one that the kernel makes by itself from another (IPv6
 * privacy addresses), nor one whose lifetime ended. *@ret_index: its link. */
bool address_is_kept(const struct nlmsghdr *message, uint32_t *ret_index);

/* True for a route to save: unicast and alike, made by somebody; not the kernel's own for an
 * address or learned from a router, not the local table, not a cached one. IPv4 and IPv6 only. */
bool route_is_kept(const struct nlmsghdr *message);

/* True when @message leaves through the link @index, alone or as one of several next hops. */
bool route_uses(const struct nlmsghdr *message, uint32_t index);

/* True when it has a gateway: made after those without, which say how the gateway is reached. */
bool route_has_gateway(const struct nlmsghdr *message);

/*
 * The RTM_NEWADDR or RTM_NEWROUTE request that makes @message again. Indices that @indices does not
 * hold stay. 0; -ENODEV when a link it needs is not back; -EMSGSIZE; -EBADMSG for a message that is
 * neither or is cut short.
 */
int message_replay(const struct nlmsghdr *message, const struct link_indices *indices,
		   struct netlink_message *ret_request);

/* "address 10.0.0.5/24", "route default via 10.0.0.1", for a person. */
void message_describe(const struct nlmsghdr *message, char *buffer, size_t size);

/*
 * The attributes of @linkinfo (IFLA_LINKINFO as the kernel told it) that make a VLAN like it, as
 * the attributes of a message without a fixed header.
 */
void vlan_linkinfo(const struct nlattr *linkinfo, struct netlink_message *ret);

/* A message as hex digits (the caller frees it; NULL: no memory), and back into @ret: 0, or
 * -EBADMSG when @hex is not one whole message. */
char *hex_encode(const void *data, size_t length);
int hex_message(const char *hex, struct netlink_message *ret);
/* Any bytes: their number, or -EBADMSG when @hex is no hex or longer than @size bytes. */
int hex_decode(const char *hex, void *buffer, size_t size);
