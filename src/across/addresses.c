// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses of network links, asked from the kernel; see addresses.h. */
#include "across/addresses.h"
#include "sys/netlink.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <sys/socket.h>

#define MAC_MAX 32

/* The link @index of @all, made when it is not there yet; borrowed. */
static json_t *link_of(json_t *all, unsigned int index)
{
	char key[16];
	json_t *link;

	snprintf(key, sizeof(key), "%u", index);
	link = json_object_get(all, key);
	if (link)
		return link;
	json_object_set_new(all, key, json_pack("{s:[]}", "addresses"));
	return json_object_get(all, key);
}

static int see_link(const struct nlmsghdr *message, void *all)
{
	const struct ifinfomsg *body =
		(const void *)((const unsigned char *)message + NLMSG_HDRLEN);
	size_t length;
	const void *attributes = netlink_attributes(message, sizeof(*body), &length);
	const struct nlattr *mac =
		attributes ? netlink_find(attributes, length, IFLA_PERM_ADDRESS) : NULL;
	char text[3 * MAC_MAX + 1] = "";
	const unsigned char *bytes;

	if (!mac || !netlink_length(mac) || netlink_length(mac) > MAC_MAX)
		return 0;
	bytes = netlink_data(mac);
	for (size_t i = 0; i < netlink_length(mac); i++)
		sprintf(text + 3 * i, "%02x%s", bytes[i], i + 1 < netlink_length(mac) ? ":" : "");
	json_object_set_new(link_of(all, (unsigned int)body->ifi_index), "permanent_address",
			    json_string(text));
	return 0;
}

static bool is_made_anew(const struct ifaddrmsg *body)
{
	return body->ifa_scope == RT_SCOPE_LINK || body->ifa_scope == RT_SCOPE_HOST ||
	       (body->ifa_family == AF_INET6 && (body->ifa_flags & IFA_F_TEMPORARY));
}

static int see_address(const struct nlmsghdr *message, void *all)
{
	const struct ifaddrmsg *body =
		(const void *)((const unsigned char *)message + NLMSG_HDRLEN);
	size_t length, needed;
	const void *attributes = netlink_attributes(message, sizeof(*body), &length);
	char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 8];
	const struct nlattr *a;

	if (!attributes || (body->ifa_family != AF_INET && body->ifa_family != AF_INET6) ||
	    is_made_anew(body))
		return 0;
	/* Of a peer-to-peer link IFA_ADDRESS is the other end's. */
	a = netlink_find(attributes, length, IFA_LOCAL)
		    ?: netlink_find(attributes, length, IFA_ADDRESS);
	needed = body->ifa_family == AF_INET ? 4 : 16;
	if (!a || netlink_length(a) < needed ||
	    !inet_ntop(body->ifa_family, netlink_data(a), address, sizeof(address)))
		return 0;
	snprintf(text, sizeof(text), "%s/%u", address, (unsigned int)body->ifa_prefixlen);
	json_array_append_new(json_object_get(link_of(all, body->ifa_index), "addresses"),
			      json_string(text));
	return 0;
}

/* A table that changed while it was read comes once more; an address may then be there twice. */
static void forget(void *all)
{
	json_t *link;
	const char *key;

	json_object_foreach (all, key, link)
		json_array_clear(json_object_get(link, "addresses"));
}

json_t *addresses_read(void)
{
	json_t *all = json_object();

	if (!all)
		return NULL;
	netlink_dump(RTM_GETLINK, AF_UNSPEC, see_link, forget, all);
	netlink_dump(RTM_GETADDR, AF_UNSPEC, see_address, forget, all);
	return all;
}
