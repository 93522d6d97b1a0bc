// SPDX-License-Identifier: GPL-2.0-or-later
/* One change of one link; each is left out where the link is so already. */
#include "links/hex.h"
#include "links/internal.h"
#include "links/kinds.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void link_request(struct netlink_message *m, const struct back *link, uint16_t flags,
			 unsigned int value, unsigned int change)
{
	struct ifinfomsg body = {
		.ifi_index = (int)link->index,
		.ifi_flags = value,
		.ifi_change = change,
	};

	netlink_message_init(m, RTM_NEWLINK, flags, &body, sizeof(body));
}

int request_send(const struct restore *restore, struct netlink_message *m)
{
	return m->overflow ? -EMSGSIZE : sys_netlink(restore->sys, &m->header, m->header.nlmsg_len);
}

static bool is_up(const struct restore *restore, const struct back *link)
{
	char text[32];

	if (link_attribute(restore, link->name, "flags", text, sizeof(text)) < 0)
		return false;
	return strtoul(text, NULL, 0) & IFF_UP;
}

static int set_up(const struct restore *restore, const struct back *link, bool up)
{
	struct netlink_message m;

	link_request(&m, link, 0, up ? IFF_UP : 0, IFF_UP);
	return request_send(restore, &m);
}

/* Names, many hardware addresses and a bond's ports can only change while the link is down; udev
 * or a network manager may have taken it up already. */
static void take_down(const struct restore *restore, const struct back *link)
{
	if (is_up(restore, link))
		set_up(restore, link, false);
}

static int rename_to(struct restore *restore, struct back *link, const char *name)
{
	struct netlink_message m;
	int code;

	take_down(restore, link);
	link_request(&m, link, 0, 0, 0);
	netlink_add_string(&m, IFLA_IFNAME, name);
	code = request_send(restore, &m);
	/* In a captured tree nothing is renamed, and what is read next has the old name. */
	if (code == 0 && !sysroot_is_captured(restore->sys->root)) {
		snprintf(link->name, sizeof(link->name), "%s", name);
		link_is_named(restore, link);
	}
	return code;
}

/* Takes @wanted from another of our links that came back with it. */
static void free_name(struct restore *restore, const char *wanted)
{
	struct back *link = map_get(restore->named, wanted);
	char aside[IFNAMSIZ];

	/* It may have had it, and another one by now. */
	if (!link || strcmp(link->name, wanted) != 0)
		return;
	snprintf(aside, sizeof(aside), "kexit%u", link->index);
	rename_to(restore, link, aside);
}

/* Two cards may have come back with each other's names. */
void links_set_names(struct restore *restore)
{
	for (size_t i = 0; i < restore->count; i++) {
		struct back *link = &restore->links[i];
		int code;

		if (!link->index || !strcmp(link->name, link->wanted))
			continue;
		free_name(restore, link->wanted);
		code = rename_to(restore, link, link->wanted);
		if (code < 0)
			restore_fail(restore, "%s: came back as %s and was not renamed: %s",
				     link->wanted, link->name, errno_text(code));
	}
}

static size_t mac_bytes(const char *text, unsigned char *bytes, size_t size)
{
	size_t length = 0;

	while (length < size && sscanf(text, "%2hhx", &bytes[length]) == 1) {
		length++;
		if (text[2] != ':')
			break;
		text += 3;
	}
	return length;
}

static int set_address(const struct restore *restore, uint32_t index, const char *text)
{
	struct back link = { .index = index };
	struct netlink_message m;
	unsigned char bytes[32];

	link_request(&m, &link, 0, 0, 0);
	netlink_add(&m, IFLA_ADDRESS, bytes, mac_bytes(text, bytes, sizeof(bytes)));
	return request_send(restore, &m);
}

/* A bond and a team give their ports the address they have themselves. */
static bool master_sets_address(const struct back *link)
{
	const char *kind = text_of(link, "master_kind");

	return kind && (!strcmp(kind, "bond") || !strcmp(kind, "team"));
}

void link_set_address(struct restore *restore, const struct back *link)
{
	const char *wanted = text_of(link, "address");
	char now[96];
	int code;

	if (!wanted || !flag_of(link, "address_set") || master_sets_address(link))
		return;
	if (link_attribute(restore, link->name, "address", now, sizeof(now)) > 0 &&
	    !strcmp(now, wanted))
		return;
	take_down(restore, link);
	code = set_address(restore, link->index, wanted);
	if (code < 0)
		restore_fail(restore, "%s: hardware address %s not set: %s", link->wanted, wanted,
			     errno_text(code));
}

void link_set_mtu(struct restore *restore, const struct back *link)
{
	json_int_t wanted = json_integer_value(json_object_get(link->event, "mtu"));
	struct netlink_message m;
	char now[32];
	int code;

	if (wanted <= 0 || (link_attribute(restore, link->name, "mtu", now, sizeof(now)) > 0 &&
			    atoll(now) == wanted))
		return;
	link_request(&m, link, 0, 0, 0);
	netlink_add_u32(&m, IFLA_MTU, (uint32_t)wanted);
	code = request_send(restore, &m);
	if (code < 0)
		restore_fail(restore, "%s: MTU %lld not set: %s", link->wanted, (long long)wanted,
			     errno_text(code));
}

static bool has_master(const struct restore *restore, const struct back *link, const char *master)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *name;

	snprintf(path, sizeof(path), "/sys/class/net/%s/master", link->name);
	if (sysroot_readlink(restore->sys->root, path, target, sizeof(target)) < 0)
		return false;
	name = strrchr(target, '/');
	return !strcmp(name ? name + 1 : target, master);
}

void link_set_master(struct restore *restore, const struct back *link)
{
	const char *master = text_of(link, "master");
	struct netlink_message m;
	uint32_t index;
	int code;

	if (!master || has_master(restore, link, master))
		return;
	index = index_of(restore, master);
	if (!index) {
		restore_fail(restore, "%s: not put back below %s, which is gone", link->wanted,
			     master);
		return;
	}
	take_down(restore, link);
	link_request(&m, link, 0, 0, 0);
	netlink_add_u32(&m, IFLA_MASTER, index);
	code = request_send(restore, &m);
	if (code < 0)
		restore_fail(restore, "%s: not put back below %s: %s", link->wanted, master,
			     errno_text(code));
}

/* A bond that lost all its ports takes the address of the first that comes back. */
void link_set_master_address(struct restore *restore, const struct back *link)
{
	const char *master = text_of(link, "master");
	const char *wanted = text_of(link, "master_address");
	char now[96];
	int code;

	if (!master || !wanted || !master_sets_address(link) ||
	    link_attribute(restore, master, "address", now, sizeof(now)) < 0 ||
	    !strcmp(now, wanted))
		return;
	code = set_address(restore, index_of(restore, master), wanted);
	if (code < 0)
		restore_fail(restore, "%s: hardware address %s not set: %s", master, wanted,
			     errno_text(code));
}

void link_set_state(struct restore *restore, const struct back *link)
{
	bool up = flag_of(link, "up");
	int code;

	if (is_up(restore, link) == up)
		return;
	code = set_up(restore, link, up);
	if (code < 0)
		restore_fail(restore, "%s: not taken %s: %s", link->wanted, up ? "up" : "down",
			     errno_text(code));
}

/* Its address is its own where somebody gave it one, or chance did; others take it from below. */
static void add_address(const struct back *link, struct netlink_message *m)
{
	const char *text = text_of(link, "address");
	unsigned char bytes[32];

	if (text && (flag_of(link, "address_set") || flag_of(link, "address_random")))
		netlink_add(m, IFLA_ADDRESS, bytes, mac_bytes(text, bytes, sizeof(bytes)));
}

/* With the index @index, 0: with any. */
static int make_upper(struct restore *restore, const struct back *link, uint32_t lower,
		      uint32_t index)
{
	json_int_t mtu = json_integer_value(json_object_get(link->event, "mtu"));
	const char *kind = text_of(link, "kind") ?: "vlan";
	struct back new = { .index = index };
	unsigned char info[4096];
	struct netlink_message m;
	int length = hex_decode(text_of(link, "linkinfo") ?: "", info, sizeof(info));

	if (length <= 0)
		return -EBADMSG;
	link_request(&m, &new, NLM_F_CREATE | NLM_F_EXCL, 0, 0);
	netlink_add_string(&m, IFLA_IFNAME, link->wanted);
	if (!kind_set_lower(kind, info, (size_t)length, lower))
		netlink_add_u32(&m, IFLA_LINK, lower);
	if (mtu > 0)
		netlink_add_u32(&m, IFLA_MTU, (uint32_t)mtu);
	add_address(link, &m);
	netlink_add(&m, IFLA_LINKINFO | NLA_F_NESTED, info, (size_t)length);
	return request_send(restore, &m);
}

/* Under its index if that is free: filters, scripts and /dev/tapN know it by that. */
static int make_upper_again(struct restore *restore, struct back *link, const struct back *lower)
{
	json_int_t was = json_integer_value(json_object_get(link->event, "ifindex"));
	int code = make_upper(restore, link, lower->index, (uint32_t)was);

	if (code == -EEXIST || code == -EBUSY)
		code = make_upper(restore, link, lower->index, 0);
	if (code < 0)
		return code;
	strcpy(link->name, link->wanted);
	link->index = index_of(restore, link->wanted);
	return link->index ? 0 : -ENODEV;
}

static void name_lost(struct restore *restore, const struct back *link)
{
	const char *kind = text_of(link, "kind") ?: "?";

	restore_fail(
		restore, "%s (%s on %s): %s", link->wanted, kind, text_of(link, "lower") ?: "?",
		!strcmp(kind, "macsec")
			? "not made again, since its keys cannot be read; restart what set it up"
			: "links of this kind are not made again");
}

/* One that is still there (its device was never released) is used as it is. */
void link_make_upper(struct restore *restore, struct back *link)
{
	const struct back *lower = link_with_index(
		restore, json_integer_value(json_object_get(link->event, "lower_ifindex")));
	int code;

	link->index = index_of(restore, link->wanted);
	if (link->index) {
		strcpy(link->name, link->wanted);
		return;
	}
	if (flag_of(link, "lost")) {
		name_lost(restore, link);
		return;
	}
	if (!lower || !lower->index) {
		restore_fail(restore, "%s: not made again, since %s is not back", link->wanted,
			     text_of(link, "lower") ?: "what it lies on");
		return;
	}
	code = make_upper_again(restore, link, lower);
	if (code < 0)
		restore_fail(restore, "%s (%s): not made again on %s: %s", link->wanted,
			     text_of(link, "kind") ?: "?", lower->name, errno_text(code));
}
