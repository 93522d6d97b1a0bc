/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel said about an address, a route or a neighbour, turned into the request that makes it again
 * for links whose index has changed. Pure: messages in, messages out, whatever they hold.
 */
#pragma once

#include "sys/netlink.h"

/* A link that came back: the index it had, and has now (0: it is not back). */
struct link_index {
	uint32_t was, is;
};

struct link_indices {
	struct link_index *items; /* by `was`, no two equal: see link_indices_sort() */
	size_t count;
};

/* Puts @indices in order. Of two with the same `was` the first that is back counts. */
void link_indices_sort(struct link_indices *indices);

/* True for an address to save: not one that the kernel makes by itself from another (IPv6
 * privacy addresses), nor one whose lifetime ended. *@ret_index: its link. */
bool address_is_kept(const struct nlmsghdr *message, uint32_t *ret_index);

/* True for a route to save: unicast and alike, made by somebody; not the kernel's own for an
 * address or learned from a router, not the local table, not a cached one. IPv4 and IPv6 only. */
bool route_is_kept(const struct nlmsghdr *message);

/* True for an entry that somebody made, of a link's table of neighbours or of a VXLAN's table of
 * where addresses are (AF_BRIDGE); not for one that was learned. *@ret_index: its link. */
bool neighbour_is_kept(const struct nlmsghdr *message, uint32_t *ret_index);

/* True when @message leaves through the link @index, alone or as one of several next hops. */
bool route_uses(const struct nlmsghdr *message, uint32_t index);

/* Calls @each with the index of every link that @message leaves through. */
void route_each_link(const struct nlmsghdr *message, void (*each)(uint32_t index, void *context),
		     void *context);

/* True when it has a gateway: made after those without, which say how the gateway is reached. */
bool route_has_gateway(const struct nlmsghdr *message);

/*
 * The RTM_NEWADDR, RTM_NEWROUTE or RTM_NEWNEIGH request that makes @message again. Indices that @indices does not
 * hold stay. 0; -ENODEV when a link it needs is not back; -EMSGSIZE; -EBADMSG for a message that is
 * none of them or is cut short.
 */
int message_replay(const struct nlmsghdr *message, const struct link_indices *indices,
		   struct netlink_message *ret_request);

/* "address 10.0.0.5/24", "route default via 10.0.0.1", for a person. */
void message_describe(const struct nlmsghdr *message, char *buffer, size_t size);
