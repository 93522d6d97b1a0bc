// SPDX-License-Identifier: GPL-2.0-or-later
/* Network links written to the record, and taken down; see links.h. restore.c is the way back. */
#include "links/links.h"
#include "links/hex.h"

#include "links/message.h"
#include "links/seen.h"
#include "links/unsaved.h"
#include "links/vfs.h"
#include "sys/netlink.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A table of addresses, routes or neighbours while it is read. */
struct reading {
	struct links_seen *seen;
	unsigned char family;
};

static int keep_message(json_t *list, const struct nlmsghdr *m)
{
	char *hex = hex_encode(m, m->nlmsg_len);
	int code = hex ? json_array_append_new(list, json_string(hex)) : -1;

	free(hex);
	return code < 0 ? -ENOMEM : 0;
}

/* A kernel without IPv6 answers a question for its addresses with those of other families. */
static bool is_asked_for(const struct reading *reading, const struct nlmsghdr *m)
{
	return m->nlmsg_len > NLMSG_HDRLEN &&
	       ((const unsigned char *)m)[NLMSG_HDRLEN] == reading->family;
}

static int see_address(const struct nlmsghdr *m, void *context)
{
	const struct reading *reading = context;
	const struct seen *link;
	uint32_t index;

	if (!is_asked_for(reading, m) || !address_is_kept(m, &index))
		return 0;
	link = links_seen_find(reading->seen, index);
	return link && link->goes ? keep_message(link->fresh, m) : 0;
}

/* Of a device's own link only what other hosts are; a VXLAN has its table of them as well. */
static int see_neighbour(const struct nlmsghdr *m, void *context)
{
	const struct reading *reading = context;
	const struct seen *link;
	uint32_t index;

	if (!is_asked_for(reading, m) || !neighbour_is_kept(m, &index))
		return 0;
	link = links_seen_find(reading->seen, index);
	if (!link || !link->goes ||
	    (reading->family == AF_BRIDGE && strcmp(link->kind, "vxlan") != 0))
		return 0;
	return keep_message(link->fresh, m);
}

/* The first in the order of those that a route leaves through. */
struct first {
	const struct links_seen *seen;
	const struct seen *link;
};

static void look_for_first(uint32_t index, void *context)
{
	struct first *first = context;
	const struct seen *link = links_seen_find(first->seen, index);

	if (link && link->goes && (!first->link || link->place < first->link->place))
		first->link = link;
}

/* Once, with the first of its links. */
static int see_route(const struct nlmsghdr *m, void *context)
{
	const struct reading *reading = context;
	struct first first = { .seen = reading->seen };

	if (!is_asked_for(reading, m) || !route_is_kept(m))
		return 0;
	route_each_link(m, look_for_first, &first);
	return first.link ? keep_message(first.link->fresh, m) : 0;
}

static void forget_messages(void *context)
{
	const struct reading *reading = context;

	for (size_t i = 0; i < reading->seen->order_count; i++)
		json_array_clear(reading->seen->order[i]->fresh);
}

static int save_table(struct links_seen *seen, uint16_t type, unsigned char family,
		      const char *list, int (*see)(const struct nlmsghdr *m, void *context))
{
	struct reading reading = { .seen = seen, .family = family };
	int code = netlink_dump(type, family, see, forget_messages, &reading);

	if (code == -EAFNOSUPPORT || code == -EOPNOTSUPP)
		code = 0; /* a kernel without IPv6, or without bridges and VXLANs */
	for (size_t i = 0; code == 0 && i < seen->order_count; i++)
		if (json_array_extend(json_object_get(seen->order[i]->event, list),
				      seen->order[i]->fresh))
			code = -ENOMEM;
	forget_messages(&reading);
	return code;
}

static int save_tables(struct links_seen *seen)
{
	static const struct {
		uint16_t type;
		unsigned char family;
		const char *list;
		int (*see)(const struct nlmsghdr *m, void *context);
	} tables[] = {
		{ RTM_GETADDR, AF_INET, "addresses", see_address },
		{ RTM_GETADDR, AF_INET6, "addresses", see_address },
		{ RTM_GETROUTE, AF_INET, "routes", see_route },
		{ RTM_GETROUTE, AF_INET6, "routes", see_route },
		{ RTM_GETNEIGH, AF_INET, "neighbours", see_neighbour },
		{ RTM_GETNEIGH, AF_INET6, "neighbours", see_neighbour },
		{ RTM_GETNEIGH, AF_BRIDGE, "neighbours", see_neighbour },
	};
	int code = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && code == 0; i++)
		code = save_table(seen, tables[i].type, tables[i].family, tables[i].list,
				  tables[i].see);
	return code;
}

static int write_event(struct record *record, const struct seen *link)
{
	record_write(record, "link", json_incref(link->event));
	return record_status(record);
}

/* Those that go, each after what it lies on, then those that a rollback is to look after. */
static int write_events(struct links_seen *seen, struct record *record)
{
	int code = 0;

	for (size_t i = 0; code == 0 && i < seen->order_count; i++)
		code = write_event(record, seen->order[i]);
	for (size_t i = 0; code == 0 && i < seen->count; i++)
		if (json_object_get(seen->links[i].event, "watched"))
			code = write_event(record, &seen->links[i]);
	return code;
}

bool links_may_go(const struct plan *plan)
{
	for (size_t i = 0; i < plan->decision_count; i++) {
		const struct decision *decision = &plan->decisions[i];
		const struct device *device = decision->device;

		if (decision->fate != FATE_RELEASE && decision->fate != FATE_FOLLOW)
			continue;
		if (device_may_have_links(device) || (device->pci && device->pci->numvfs))
			return true;
	}
	return false;
}

int links_save(const struct sys *sys, const struct plan *plan, struct record *record,
	       struct error *e)
{
	struct links_seen seen;
	int code = vfs_save(sys, plan, record);

	if (code < 0)
		return error_set(e, code, "cannot save what virtual functions are set to: %s",
				 errno_text(code));
	/* A captured tree's links are not this kernel's. */
	if (sysroot_is_captured(sys->root))
		return 0;
	code = links_seen_read(sys, &seen);
	if (code == 0)
		links_seen_mark(&seen, plan);
	for (size_t i = 0; code == 0 && i < seen.order_count; i++)
		unsaved_read_eswitch(sys->root, seen.order[i]->event);
	if (code == 0 && seen.order_count)
		code = save_tables(&seen);
	if (code == 0)
		code = write_events(&seen, record);
	links_seen_done(&seen);
	if (code < 0)
		return error_set(e, code,
				 "cannot save the network links' addresses and routes: %s; nothing "
				 "was taken down",
				 errno_text(code));
	return 0;
}

static int link_down(const struct sys *sys, const struct netlink_if *link)
{
	struct ifinfomsg body = { .ifi_index = (int)link->index, .ifi_change = IFF_UP };
	struct netlink_message request;
	int code;

	netlink_message_init(&request, RTM_NEWLINK, 0, &body, sizeof(body));
	code = sys_netlink(sys, &request.header, request.header.nlmsg_len);
	return code == -ENODEV ? 0 : code;
}

/* A link may belong to a child that goes along: virtio's lies below the PCI function's. */
static bool is_links_device(const struct netlink_if *link, const struct device *device)
{
	for (const struct device *at = link->owner; at; at = at->parent)
		if (at == device)
			return true;
	return false;
}

int links_down(const struct sys *sys, const struct graph *graph, const struct device *device)
{
	int first = 0;

	for (size_t i = 0; i < graph->link_count; i++) {
		int code = 0;

		if (is_links_device(graph->links[i], device))
			code = link_down(sys, graph->links[i]);
		if (!first)
			first = code;
	}
	return first;
}
