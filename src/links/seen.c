// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel tells of links; see seen.h. */
#include "links/seen.h"
#include "links/hex.h"

#include "links/kinds.h"
#include "links/message.h"
#include "links/unsaved.h"
#include "sys/netlink.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* include/uapi/linux/netdevice.h, which <net/if.h> cannot stand beside. */
#define NET_ADDR_RANDOM 1
#define NET_ADDR_SET	3

static void copy_string(char *buffer, size_t size, const struct nlattr *a)
{
	size_t length = a ? netlink_length(a) : 0;

	if (length > size - 1)
		length = size - 1;
	memcpy(buffer, a ? netlink_data(a) : "", length);
	buffer[length] = '\0';
}

static struct seen *seen_add(struct links_seen *seen)
{
	if (seen->count == seen->capacity) {
		size_t capacity = seen->capacity ? seen->capacity * 2 : 64;
		struct seen *grown = realloc(seen->links, capacity * sizeof(*grown));

		if (!grown)
			return NULL;
		seen->links = grown;
		seen->capacity = capacity;
	}
	memset(&seen->links[seen->count], 0, sizeof(*seen->links));
	return &seen->links[seen->count++];
}

/* What makes a link of that kind again, or NULL. */
static json_t *linkinfo_hex(const char *kind, const struct nlattr *linkinfo)
{
	struct netlink_message kept;
	json_t *value = NULL;
	char *hex;

	if (!linkinfo || !kind_linkinfo(kind, linkinfo, &kept))
		return NULL;
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
static void event_add_sysfs(const struct links_seen *seen, const struct seen *link, json_t *event)
{
	unsigned long long value;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/addr_assign_type", link->name);
	if (sysroot_read_u64(seen->sys->root, path, &value) == 0) {
		json_object_set_new(event, "address_set", json_boolean(value == NET_ADDR_SET));
		json_object_set_new(event, "address_random",
				    json_boolean(value == NET_ADDR_RANDOM));
	}
	snprintf(path, sizeof(path), "/sys/class/net/%s/dev_port", link->name);
	if (sysroot_read_u64(seen->sys->root, path, &value) == 0)
		json_object_set_new(event, "dev_port", json_integer((json_int_t)value));
}

static json_t *event_new(const struct links_seen *seen, const struct seen *link,
			 const struct ifinfomsg *body, const void *attributes, size_t length)
{
	json_t *event = json_pack(
		"{s:s s:I s:b s:I s:o* s:o* s:o* s:[] s:[] s:[]}", "name", link->name, "ifindex",
		(json_int_t)link->index, "up", (body->ifi_flags & IFF_UP) != 0, "mtu",
		(json_int_t)netlink_u32(netlink_find(attributes, length, IFLA_MTU)), "address",
		mac_text(netlink_find(attributes, length, IFLA_ADDRESS)), "permanent_address",
		mac_text(netlink_find(attributes, length, IFLA_PERM_ADDRESS)), "linkinfo",
		linkinfo_hex(link->kind, netlink_find(attributes, length, IFLA_LINKINFO)),
		"addresses", "routes", "neighbours");

	if (event) {
		event_add_sysfs(seen, link, event);
		unsaved_from_link(event, attributes, length);
	}
	return event;
}

/* What it lies on; 0 also for a link in another network namespace, whose index is of that one. */
static uint32_t lower_of(const struct seen *link, const void *attributes, size_t length)
{
	const struct nlattr *a = netlink_find(attributes, length, IFLA_LINK);

	if (netlink_find(attributes, length, IFLA_LINK_NETNSID))
		return 0;
	return kind_lower(link->kind, netlink_find(attributes, length, IFLA_LINKINFO))
		       ?: netlink_u32(a);
}

static int see_link(const struct nlmsghdr *m, void *context)
{
	struct links_seen *seen = context;
	size_t length;
	const void *attributes = netlink_attributes(m, sizeof(struct ifinfomsg), &length);
	const struct ifinfomsg *body = (const void *)((const unsigned char *)m + NLMSG_HDRLEN);
	const struct nlattr *info;
	struct seen *link;

	/* AF_BRIDGE and others tell of the same links again. */
	if (m->nlmsg_type != RTM_NEWLINK || !attributes || body->ifi_family != AF_UNSPEC)
		return 0;
	link = seen_add(seen);
	if (!link)
		return -ENOMEM;
	link->index = (uint32_t)body->ifi_index;
	link->master = netlink_u32(netlink_find(attributes, length, IFLA_MASTER));
	copy_string(link->name, sizeof(link->name), netlink_find(attributes, length, IFLA_IFNAME));
	info = netlink_find(attributes, length, IFLA_LINKINFO);
	if (info)
		copy_string(link->kind, sizeof(link->kind),
			    netlink_find(netlink_data(info), netlink_length(info), IFLA_INFO_KIND));
	link->lower = lower_of(link, attributes, length);
	link->event = event_new(seen, link, body, attributes, length);
	link->fresh = json_array();
	return link->event && link->fresh ? 0 : -ENOMEM;
}

static void forget_links(void *context)
{
	struct links_seen *seen = context;

	for (size_t i = 0; i < seen->count; i++) {
		json_decref(seen->links[i].event);
		json_decref(seen->links[i].fresh);
	}
	seen->count = 0;
}

static int compare_index(const void *a, const void *b)
{
	const struct seen *const *x = a, *const *y = b;

	return ((*x)->index > (*y)->index) - ((*x)->index < (*y)->index);
}

static int compare_lower(const void *a, const void *b)
{
	const struct seen *const *x = a, *const *y = b;

	if ((*x)->lower != (*y)->lower)
		return (*x)->lower < (*y)->lower ? -1 : 1;
	return compare_index(a, b);
}

static struct seen **sorted(struct links_seen *seen, int (*compare)(const void *, const void *))
{
	struct seen **list = calloc(seen->count + 1, sizeof(struct seen *));

	for (size_t i = 0; list && i < seen->count; i++)
		list[i] = &seen->links[i];
	if (list)
		qsort(list, seen->count, sizeof(struct seen *), compare);
	return list;
}

int links_seen_read(const struct sys *sys, struct links_seen *ret_seen)
{
	int code;

	*ret_seen = (struct links_seen){ .sys = sys };
	code = netlink_dump(RTM_GETLINK, AF_UNSPEC, see_link, forget_links, ret_seen);
	if (code < 0)
		return code;
	ret_seen->by_index = sorted(ret_seen, compare_index);
	ret_seen->by_lower = sorted(ret_seen, compare_lower);
	ret_seen->order = calloc(ret_seen->count + 1, sizeof(struct seen *));
	if (!ret_seen->by_index || !ret_seen->by_lower || !ret_seen->order)
		return -ENOMEM;
	return unsaved_read_qdiscs(ret_seen);
}

void links_seen_done(struct links_seen *seen)
{
	forget_links(seen);
	free(seen->links);
	free(seen->by_index);
	free(seen->by_lower);
	free(seen->order);
}

struct seen *links_seen_find(const struct links_seen *seen, uint32_t index)
{
	const struct seen wanted = { .index = index }, *key = &wanted;
	struct seen **found =
		bsearch(&key, seen->by_index, seen->count, sizeof(struct seen *), compare_index);

	return found ? *found : NULL;
}

static void mark(struct links_seen *seen, struct seen *link)
{
	link->goes = true;
	link->place = seen->order_count;
	seen->order[seen->order_count++] = link;
}

/* The release that takes @decision's device away: its own, or that of what it goes along with. */
static const struct decision *carrier_of(const struct plan *plan, const struct decision *decision)
{
	for (size_t hops = 0; hops < 64 && decision->fate == FATE_FOLLOW && decision->because;
	     hops++)
		decision = &plan->decisions[decision->because->id];
	return decision;
}

static void mark_devices_links(struct links_seen *seen, const struct plan *plan)
{
	const struct graph *graph = plan->graph;

	for (size_t i = 0; i < graph->link_count; i++) {
		const struct device *owner = graph->links[i]->owner;
		struct seen *link = links_seen_find(seen, graph->links[i]->index);
		const struct decision *decision;

		if (!owner || !link || strcmp(link->name, graph->links[i]->name) != 0)
			continue;
		decision = &plan->decisions[owner->id];
		if (decision->fate != FATE_RELEASE && decision->fate != FATE_FOLLOW)
			continue;
		mark(seen, link);
		json_object_set_new(link->event, "device", json_string(owner->path));
		json_object_set_new(link->event, "carrier",
				    json_string(carrier_of(plan, decision)->device->path));
	}
}

/* Only where there is what it is made from, and what it lies on comes back. */
static bool can_be_made_again(const struct seen *link, const struct seen *lower)
{
	return json_object_get(link->event, "linkinfo") && !json_object_get(lower->event, "lost");
}

static void mark_upper(struct links_seen *seen, struct seen *link, const struct seen *lower)
{
	mark(seen, link);
	json_object_set_new(link->event, "upper", json_true());
	json_object_set_new(link->event, "kind", json_string(link->kind));
	json_object_set_new(link->event, "lower", json_string(lower->name));
	json_object_set_new(link->event, "lower_ifindex", json_integer(lower->index));
	if (!can_be_made_again(link, lower))
		json_object_set_new(link->event, "lost", json_true());
}

/* Where in by_lower those begin that lie on @lower. */
static size_t first_upper(const struct links_seen *seen, uint32_t lower)
{
	size_t low = 0, high = seen->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seen->by_lower[middle]->lower < lower)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* `order` grows while it is walked, so that a VLAN on a VLAN comes after the one it lies on. */
static void mark_uppers(struct links_seen *seen)
{
	for (size_t i = 0; i < seen->order_count; i++) {
		const struct seen *lower = seen->order[i];

		for (size_t j = first_upper(seen, lower->index);
		     j < seen->count && seen->by_lower[j]->lower == lower->index; j++)
			if (!seen->by_lower[j]->goes && kind_vanishes(seen->by_lower[j]->kind))
				mark_upper(seen, seen->by_lower[j], lower);
	}
}

/*
 * What may go, or be left with the index of a link that is gone, though nobody here knows of which:
 * a rollback looks whether it is as it was.
 */
static void mark_watched(struct links_seen *seen)
{
	for (size_t i = 0; i < seen->count; i++) {
		struct seen *link = &seen->links[i];
		const struct seen *lower = link->lower ? links_seen_find(seen, link->lower) : NULL;

		if (link->goes || kind_is_independent(link->kind))
			continue;
		json_object_set_new(link->event, "watched", json_true());
		json_object_set_new(link->event, "kind", json_string(link->kind));
		if (!lower || !lower->goes)
			continue;
		json_object_set_new(link->event, "lower", json_string(lower->name));
		json_object_set_new(link->event, "lower_ifindex", json_integer(lower->index));
	}
}

static void add_masters(struct links_seen *seen)
{
	for (size_t i = 0; i < seen->order_count; i++) {
		struct seen *link = seen->order[i];
		const struct seen *master =
			link->master ? links_seen_find(seen, link->master) : NULL;

		if (!master)
			continue;
		json_object_set_new(link->event, "master", json_string(master->name));
		json_object_set_new(link->event, "master_kind", json_string(master->kind));
		json_object_set(link->event, "master_address",
				json_object_get(master->event, "address"));
	}
}

void links_seen_mark(struct links_seen *seen, const struct plan *plan)
{
	mark_devices_links(seen, plan);
	if (seen->order_count == 0)
		return;
	mark_uppers(seen);
	mark_watched(seen);
	add_masters(seen);
}
