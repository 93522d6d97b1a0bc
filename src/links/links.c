// SPDX-License-Identifier: GPL-2.0-or-later
/* Network links written to the record, and taken down; see links.h. restore.c is the way back. */
#include "links/links.h"

#include "links/message.h"
#include "sys/netlink.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* include/uapi/linux/netdevice.h, which <net/if.h> cannot stand beside. */
#define NET_ADDR_SET 3

/* A link as the kernel tells it, and what will be its event. */
struct seen {
	uint32_t index, lower, master;
	char name[IFNAMSIZ];
	char kind[32]; /* "vlan", "bridge"; "" for a device's own link */
	bool goes;     /* vanishes with a device, or with a link that does */
	json_t *event; /* written if it goes */
	json_t *fresh; /* messages of the dump that is under way */
};

struct save {
	const struct sys *sys;
	const struct plan *plan;
	struct seen *links;
	size_t count, capacity;
	struct seen **order; /* those that go, each after the link it lies on */
	size_t order_count;
	unsigned char family; /* of the dump that is under way */
};

static struct seen *seen_find(struct save *save, uint32_t index)
{
	for (size_t i = 0; i < save->count; i++)
		if (save->links[i].index == index)
			return &save->links[i];
	return NULL;
}

static void copy_string(char *buffer, size_t size, const struct nlattr *a)
{
	size_t length = a ? netlink_length(a) : 0;

	if (length > size - 1)
		length = size - 1;
	memcpy(buffer, a ? netlink_data(a) : "", length);
	buffer[length] = '\0';
}

static struct seen *seen_add(struct save *save)
{
	if (save->count == save->capacity) {
		size_t capacity = save->capacity ? save->capacity * 2 : 64;
		struct seen *grown = realloc(save->links, capacity * sizeof(*grown));

		if (!grown)
			return NULL;
		save->links = grown;
		save->capacity = capacity;
	}
	memset(&save->links[save->count], 0, sizeof(*save->links));
	return &save->links[save->count++];
}

static json_t *vlan_hex(const struct nlattr *linkinfo)
{
	struct netlink_message kept;
	json_t *value = NULL;
	char *hex;

	vlan_linkinfo(linkinfo, &kept);
	hex = hex_encode(kept.bytes + NLMSG_HDRLEN, kept.header.nlmsg_len - NLMSG_HDRLEN);
	if (hex)
		value = json_string(hex);
	free(hex);
	return value;
}

static json_t *mac_text(const struct nlattr *a)
{
	char text[3 * 32 + 1] = "";
	const unsigned char *bytes;

	if (!a || netlink_length(a) == 0 || netlink_length(a) > 32)
		return NULL;
	bytes = netlink_data(a);
	for (size_t i = 0; i < netlink_length(a); i++)
		sprintf(text + 3 * i, "%02x%s", bytes[i], i + 1 < netlink_length(a) ? ":" : "");
	return json_string(text);
}

/* What sysfs alone tells: how the address came to be, and which of its device's ports it is. */
static void event_add_sysfs(const struct save *save, const struct seen *link, json_t *event)
{
	unsigned long long value;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/addr_assign_type", link->name);
	if (sysroot_read_u64(save->sys->root, path, &value) == 0)
		json_object_set_new(event, "address_set", json_boolean(value == NET_ADDR_SET));
	snprintf(path, sizeof(path), "/sys/class/net/%s/dev_port", link->name);
	if (sysroot_read_u64(save->sys->root, path, &value) == 0)
		json_object_set_new(event, "dev_port", json_integer((json_int_t)value));
}

static json_t *event_new(const struct save *save, const struct seen *link,
			 const struct ifinfomsg *body, const void *attributes, size_t length)
{
	const struct nlattr *info = netlink_find(attributes, length, IFLA_LINKINFO);
	json_t *event = json_pack(
		"{s:s s:I s:b s:I s:o* s:o* s:o* s:[] s:[]}", "name", link->name, "ifindex",
		(json_int_t)link->index, "up", (body->ifi_flags & IFF_UP) != 0, "mtu",
		(json_int_t)netlink_u32(netlink_find(attributes, length, IFLA_MTU)), "address",
		mac_text(netlink_find(attributes, length, IFLA_ADDRESS)), "permanent_address",
		mac_text(netlink_find(attributes, length, IFLA_PERM_ADDRESS)), "linkinfo",
		info && !strcmp(link->kind, "vlan") ? vlan_hex(info) : NULL, "addresses", "routes");

	if (event)
		event_add_sysfs(save, link, event);
	return event;
}

static int see_link(const struct nlmsghdr *m, void *context)
{
	struct save *save = context;
	size_t length;
	const void *attributes = netlink_attributes(m, sizeof(struct ifinfomsg), &length);
	const struct ifinfomsg *body = (const void *)((const unsigned char *)m + NLMSG_HDRLEN);
	const struct nlattr *info;
	struct seen *link;

	/* AF_BRIDGE and others tell of the same links again. */
	if (m->nlmsg_type != RTM_NEWLINK || !attributes || body->ifi_family != AF_UNSPEC)
		return 0;
	link = seen_add(save);
	if (!link)
		return -ENOMEM;
	link->index = (uint32_t)body->ifi_index;
	link->master = netlink_u32(netlink_find(attributes, length, IFLA_MASTER));
	/* A lower link in another network namespace has an index of that one. */
	if (!netlink_find(attributes, length, IFLA_LINK_NETNSID))
		link->lower = netlink_u32(netlink_find(attributes, length, IFLA_LINK));
	copy_string(link->name, sizeof(link->name), netlink_find(attributes, length, IFLA_IFNAME));
	info = netlink_find(attributes, length, IFLA_LINKINFO);
	if (info)
		copy_string(link->kind, sizeof(link->kind),
			    netlink_find(netlink_data(info), netlink_length(info), IFLA_INFO_KIND));
	link->event = event_new(save, link, body, attributes, length);
	link->fresh = json_array();
	return link->event && link->fresh ? 0 : -ENOMEM;
}

static void seen_done(struct seen *link)
{
	json_decref(link->event);
	json_decref(link->fresh);
}

static void forget_links(void *context)
{
	struct save *save = context;

	for (size_t i = 0; i < save->count; i++)
		seen_done(&save->links[i]);
	save->count = 0;
}

/* The release that takes @decision's device away: its own, or that of what it goes along with. */
static const struct decision *carrier_of(const struct plan *plan, const struct decision *decision)
{
	for (size_t hops = 0; hops < 64 && decision->fate == FATE_FOLLOW && decision->because;
	     hops++)
		decision = &plan->decisions[decision->because->id];
	return decision;
}

/* Marks the links of devices that go, and says where each will be found again. */
static void mark_devices_links(struct save *save)
{
	const struct graph *graph = save->plan->graph;

	for (size_t i = 0; i < graph->link_count; i++) {
		const struct device *owner = graph->links[i]->owner;
		struct seen *link = seen_find(save, graph->links[i]->index);
		const struct decision *decision;

		if (!owner || !link || strcmp(link->name, graph->links[i]->name) != 0)
			continue;
		decision = &save->plan->decisions[owner->id];
		if (decision->fate != FATE_RELEASE && decision->fate != FATE_FOLLOW)
			continue;
		link->goes = true;
		json_object_set_new(link->event, "device", json_string(owner->path));
		json_object_set_new(link->event, "carrier",
				    json_string(carrier_of(save->plan, decision)->device->path));
		save->order[save->order_count++] = link;
	}
}

/* Kinds that vanish with the link they lie on. A tunnel's IFLA_LINK does not take it along. */
static bool vanishes_with_lower(const struct seen *link)
{
	static const char *const kinds[] = { "vlan",   "macvlan", "macvtap", "ipvlan",
					     "ipvtap", "macsec",  "rmnet" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(link->kind, kinds[i]))
			return true;
	return false;
}

/* Only VLANs, and only where what they lie on comes back. */
static bool can_be_made_again(const struct seen *link, const struct seen *lower)
{
	return !strcmp(link->kind, "vlan") && !json_object_get(lower->event, "lost");
}

static void mark_upper(struct save *save, struct seen *link, struct seen *lower)
{
	link->goes = true;
	json_object_set_new(link->event, "upper", json_true());
	json_object_set_new(link->event, "kind", json_string(link->kind));
	json_object_set_new(link->event, "lower", json_string(lower->name));
	json_object_set_new(link->event, "lower_ifindex", json_integer(lower->index));
	if (!can_be_made_again(link, lower))
		json_object_set_new(link->event, "lost", json_true());
	save->order[save->order_count++] = link;
}

/* `order` grows while it is walked, so that a VLAN on a VLAN comes after the one it lies on. */
static void mark_uppers(struct save *save)
{
	for (size_t i = 0; i < save->order_count; i++) {
		for (size_t j = 0; j < save->count; j++) {
			struct seen *link = &save->links[j];

			/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): order is filled */
			if (!link->goes && link->lower == save->order[i]->index &&
			    vanishes_with_lower(link))
				mark_upper(save, link, save->order[i]);
		}
	}
}

static void add_masters(struct save *save)
{
	for (size_t i = 0; i < save->order_count; i++) {
		struct seen *link = save->order[i];
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): order is filled */
		const struct seen *master = link->master ? seen_find(save, link->master) : NULL;

		if (!master)
			continue;
		json_object_set_new(link->event, "master", json_string(master->name));
		json_object_set_new(link->event, "master_kind", json_string(master->kind));
		json_object_set(link->event, "master_address",
				json_object_get(master->event, "address"));
	}
}

static int keep_message(json_t *list, const struct nlmsghdr *m)
{
	char *hex = hex_encode(m, m->nlmsg_len);
	int code = hex ? json_array_append_new(list, json_string(hex)) : -1;

	free(hex);
	return code < 0 ? -ENOMEM : 0;
}

/* A kernel without IPv6 answers a question for its addresses with those of other families. */
static bool is_asked_for(const struct save *save, const struct nlmsghdr *m)
{
	return m->nlmsg_len > NLMSG_HDRLEN &&
	       ((const unsigned char *)m)[NLMSG_HDRLEN] == save->family;
}

static int see_address(const struct nlmsghdr *m, void *context)
{
	struct save *save = context;
	struct seen *link;
	uint32_t index;

	if (!is_asked_for(save, m) || !address_is_kept(m, &index))
		return 0;
	link = seen_find(save, index);
	return link && link->goes ? keep_message(link->fresh, m) : 0;
}

static int see_route(const struct nlmsghdr *m, void *context)
{
	struct save *save = context;

	if (!is_asked_for(save, m) || !route_is_kept(m))
		return 0;
	/* Once, with the first of its links. */
	for (size_t i = 0; i < save->order_count; i++)
		if (route_uses(m, save->order[i]->index))
			return keep_message(save->order[i]->fresh, m);
	return 0;
}

static void forget_messages(void *context)
{
	struct save *save = context;

	for (size_t i = 0; i < save->order_count; i++)
		json_array_clear(save->order[i]->fresh);
}

static int save_table(struct save *save, uint16_t type, unsigned char family, const char *list,
		      int (*see)(const struct nlmsghdr *m, void *context))
{
	int code;

	save->family = family;
	code = netlink_dump(type, family, see, forget_messages, save);
	if (code == -EAFNOSUPPORT || code == -EOPNOTSUPP)
		code = 0; /* a kernel without IPv6 */
	for (size_t i = 0; code == 0 && i < save->order_count; i++)
		if (json_array_extend(json_object_get(save->order[i]->event, list),
				      save->order[i]->fresh))
			code = -ENOMEM;
	forget_messages(save);
	return code;
}

static int save_tables(struct save *save)
{
	int code = save_table(save, RTM_GETADDR, AF_INET, "addresses", see_address);

	if (code == 0)
		code = save_table(save, RTM_GETADDR, AF_INET6, "addresses", see_address);
	if (code == 0)
		code = save_table(save, RTM_GETROUTE, AF_INET, "routes", see_route);
	if (code == 0)
		code = save_table(save, RTM_GETROUTE, AF_INET6, "routes", see_route);
	return code;
}

static int save_all(struct save *save, struct record *record)
{
	int code = netlink_dump(RTM_GETLINK, AF_UNSPEC, see_link, forget_links, save);

	if (code < 0)
		return code;
	save->order = calloc(save->count ?: 1, sizeof(struct seen *));
	if (!save->order)
		return -ENOMEM;
	mark_devices_links(save);
	if (save->order_count == 0)
		return 0;
	mark_uppers(save);
	add_masters(save);
	code = save_tables(save);
	for (size_t i = 0; code == 0 && i < save->order_count; i++) {
		record_write(record, "link", json_incref(save->order[i]->event));
		code = record_status(record);
	}
	return code;
}

int links_save(const struct sys *sys, const struct plan *plan, struct record *record,
	       struct error *e)
{
	struct save save = { .sys = sys, .plan = plan };
	int code;

	/* A captured tree's links are not this kernel's. */
	if (sysroot_is_captured(sys->root))
		return 0;
	code = save_all(&save, record);
	forget_links(&save);
	free(save.links);
	free(save.order);
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
