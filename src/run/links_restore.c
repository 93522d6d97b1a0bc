// SPDX-License-Identifier: GPL-2.0-or-later
/* Network links brought back from their "link" events; see links.h. */
#include "run/links.h"

#include "run/link_message.h"
#include "run/worker.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define POLL_US	      50000

/* A route may need an IPv6 address that is still being checked for duplicates (1 to 2 s), or
 * another route that is made after it. */
#define ROUTE_WAIT_MS 5000

/* A link that was saved. */
struct back {
	const json_t *event;
	const char *wanted;  /* the name it had */
	char name[IFNAMSIZ]; /* the name it has now, "" while it is not back */
	uint32_t index;	     /* and its index now */
};

struct restore {
	const struct sys *sys;
	struct back *links;
	size_t count;
	struct link_indices indices;
	json_t *failed;
	int failures;
};

/* A link that is there now. */
struct candidate {
	char name[IFNAMSIZ];
	char path[PATH_MAX]; /* below /sys */
	long long dev_port;
	char address[96];
	bool is_claimed;
};

static const char *text_of(const struct back *link, const char *key)
{
	return json_string_value(json_object_get(link->event, key));
}

static bool flag_of(const struct back *link, const char *key)
{
	return json_is_true(json_object_get(link->event, key));
}

static void __attribute__((format(printf, 2, 3)))
fail(struct restore *restore, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_array_append_new(restore->failed, json_string(text));
	restore->failures++;
}

static ssize_t read_attribute(const struct restore *restore, const char *link, const char *name,
			      char *buffer, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", link, name);
	return sysroot_read(restore->sys->root, path, buffer, size);
}

static uint32_t index_of(const struct restore *restore, const char *name)
{
	unsigned long long index;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", name);
	return sysroot_read_u64(restore->sys->root, path, &index) == 0 ? (uint32_t)index : 0;
}

/* --- finding the links again --- */

static bool candidate_read(const struct restore *restore, const char *name, struct candidate *ret)
{
	char link[PATH_MAX], path[PATH_MAX], text[32];
	ssize_t n;

	if (strlen(name) >= sizeof(ret->name))
		return false;
	memset(ret, 0, sizeof(*ret));
	strcpy(ret->name, name);
	snprintf(link, sizeof(link), "/sys/class/net/%s", name);
	n = sysroot_resolve(restore->sys->root, link, path, sizeof(path));
	if (n < 5 || strncmp(path, "/sys/", 5) != 0)
		return false;
	memcpy(ret->path, path + 4, (size_t)n - 3);
	if (read_attribute(restore, name, "dev_port", text, sizeof(text)) > 0)
		ret->dev_port = atoll(text);
	if (read_attribute(restore, name, "address", ret->address, sizeof(ret->address)) < 0)
		ret->address[0] = '\0';
	return true;
}

static size_t list_candidates(const struct restore *restore, struct candidate **ret_list)
{
	DIR *dir = sysroot_opendir(restore->sys->root, "/sys/class/net");
	struct candidate *list = NULL;
	size_t count = 0, capacity = 0;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (count == capacity) {
			struct candidate *grown = realloc(list, (capacity + 16) * sizeof(*list));

			if (!grown)
				break;
			list = grown;
			capacity += 16;
		}
		count += candidate_read(restore, entry->d_name, &list[count]);
	}
	if (dir)
		closedir(dir);
	*ret_list = list;
	return count;
}

static bool lies_below(const char *path, const char *folder)
{
	size_t length = folder ? strlen(folder) : 0;

	return length && !strncmp(path, folder, length) && path[length] == '/';
}

/* Parts of a likeness: the more significant decide alone. */
#define LIKE_DEVICE  8 /* below its device's own folder */
#define LIKE_CARRIER 4 /* only below the folder of what was released */
#define LIKE_ADDRESS 2
#define LIKE_NAME    1

/*
 * How sure it is that @candidate is @link: 0 not at all. Below the carrier names may have changed
 * (virtio3 came back as virtio7, usb2 as usb4), and one device may have several links.
 */
static int likeness(const struct back *link, const struct candidate *candidate)
{
	long long port = json_integer_value(json_object_get(link->event, "dev_port"));
	const char *permanent = text_of(link, "permanent_address") ?: text_of(link, "address");
	int like = 0;

	if (candidate->is_claimed || candidate->dev_port != port)
		return 0;
	if (lies_below(candidate->path, text_of(link, "device")))
		like = LIKE_DEVICE;
	else if (lies_below(candidate->path, text_of(link, "carrier")))
		like = LIKE_CARRIER;
	else
		return 0;
	if (permanent && !strcmp(candidate->address, permanent))
		like += LIKE_ADDRESS;
	if (!strcmp(candidate->name, link->wanted))
		like += LIKE_NAME;
	return like;
}

static void claim_best(const struct restore *restore, struct back *link, struct candidate *list,
		       size_t count, int at_least)
{
	struct candidate *best = NULL;
	int best_likeness = at_least - 1;

	for (size_t i = 0; i < count; i++) {
		int like = likeness(link, &list[i]);

		if (like > best_likeness) {
			best = &list[i];
			best_likeness = like;
		}
	}
	if (!best)
		return;
	best->is_claimed = true;
	strcpy(link->name, best->name);
	link->index = index_of(restore, best->name);
}

/* Looks once; the sure ones choose first. Returns how many are still missing. */
static size_t locate(struct restore *restore, bool accept_unsure)
{
	struct candidate *list;
	size_t count = list_candidates(restore, &list), missing = 0;
	int least = accept_unsure ? LIKE_CARRIER : LIKE_CARRIER + LIKE_ADDRESS;

	for (size_t i = 0; i < restore->count; i++)
		for (size_t j = 0; j < count; j++)
			if (restore->links[i].index &&
			    !strcmp(restore->links[i].name, list[j].name))
				list[j].is_claimed = true;
	for (int at_least = LIKE_DEVICE + LIKE_ADDRESS + LIKE_NAME; at_least >= least; at_least--)
		for (size_t i = 0; i < restore->count; i++)
			if (!restore->links[i].index && !flag_of(&restore->links[i], "upper"))
				claim_best(restore, &restore->links[i], list, count, at_least);
	for (size_t i = 0; i < restore->count; i++)
		missing += !restore->links[i].index && !flag_of(&restore->links[i], "upper");
	free(list);
	return missing;
}

/* Drivers register links some time after their probe (firmware, USB, virtio). */
static void wait_for_links(struct restore *restore, unsigned int wait_ms)
{
	double end = clock_ms() + wait_ms;
	size_t missing = locate(restore, false);

	while (missing && clock_ms() < end) {
		usleep(POLL_US);
		missing = locate(restore, false);
	}
	if (missing)
		locate(restore, true);
	for (size_t i = 0; i < restore->count; i++)
		if (!restore->links[i].index && !flag_of(&restore->links[i], "upper"))
			fail(restore,
			     "%s: its device %s has no network link now; addresses and "
			     "routes are in the record",
			     restore->links[i].wanted,
			     text_of(&restore->links[i], "device") ?: "?");
}

/* --- one change of one link --- */

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

static int request_send(const struct restore *restore, struct netlink_message *m)
{
	return m->overflow ? -EMSGSIZE : sys_netlink(restore->sys, &m->header, m->header.nlmsg_len);
}

static bool is_up(const struct restore *restore, const struct back *link)
{
	char text[32];

	if (read_attribute(restore, link->name, "flags", text, sizeof(text)) < 0)
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
	if (code == 0 && !sysroot_is_captured(restore->sys->root))
		snprintf(link->name, sizeof(link->name), "%s", name);
	return code;
}

/* Takes @wanted from another of our links that came back with it. */
static void free_name(struct restore *restore, const char *wanted)
{
	char aside[IFNAMSIZ];

	for (size_t i = 0; i < restore->count; i++) {
		struct back *link = &restore->links[i];

		if (!link->index || strcmp(link->name, wanted) != 0)
			continue;
		snprintf(aside, sizeof(aside), "kexit%u", link->index);
		rename_to(restore, link, aside);
	}
}

/* Two cards may have come back with each other's names. */
static void restore_names(struct restore *restore)
{
	for (size_t i = 0; i < restore->count; i++) {
		struct back *link = &restore->links[i];
		int code;

		if (!link->index || !strcmp(link->name, link->wanted))
			continue;
		free_name(restore, link->wanted);
		code = rename_to(restore, link, link->wanted);
		if (code < 0)
			fail(restore, "%s: came back as %s and was not renamed: %s", link->wanted,
			     link->name, errno_text(code));
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

static void restore_address(struct restore *restore, const struct back *link)
{
	const char *wanted = text_of(link, "address");
	char now[96];
	int code;

	if (!wanted || !flag_of(link, "address_set") || master_sets_address(link))
		return;
	if (read_attribute(restore, link->name, "address", now, sizeof(now)) > 0 &&
	    !strcmp(now, wanted))
		return;
	take_down(restore, link);
	code = set_address(restore, link->index, wanted);
	if (code < 0)
		fail(restore, "%s: hardware address %s not set: %s", link->wanted, wanted,
		     errno_text(code));
}

static void restore_mtu(struct restore *restore, const struct back *link)
{
	json_int_t wanted = json_integer_value(json_object_get(link->event, "mtu"));
	struct netlink_message m;
	char now[32];
	int code;

	if (wanted <= 0 || (read_attribute(restore, link->name, "mtu", now, sizeof(now)) > 0 &&
			    atoll(now) == wanted))
		return;
	link_request(&m, link, 0, 0, 0);
	netlink_add_u32(&m, IFLA_MTU, (uint32_t)wanted);
	code = request_send(restore, &m);
	if (code < 0)
		fail(restore, "%s: MTU %lld not set: %s", link->wanted, (long long)wanted,
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

static void restore_master(struct restore *restore, const struct back *link)
{
	const char *master = text_of(link, "master");
	struct netlink_message m;
	uint32_t index;
	int code;

	if (!master || has_master(restore, link, master))
		return;
	index = index_of(restore, master);
	if (!index) {
		fail(restore, "%s: not put back below %s, which is gone", link->wanted, master);
		return;
	}
	take_down(restore, link);
	link_request(&m, link, 0, 0, 0);
	netlink_add_u32(&m, IFLA_MASTER, index);
	code = request_send(restore, &m);
	if (code < 0)
		fail(restore, "%s: not put back below %s: %s", link->wanted, master,
		     errno_text(code));
}

/* A bond that lost all its ports takes the address of the first that comes back. */
static void restore_master_address(struct restore *restore, const struct back *link)
{
	const char *master = text_of(link, "master");
	const char *wanted = text_of(link, "master_address");
	char now[96];
	int code;

	if (!master || !wanted || !master_sets_address(link) ||
	    read_attribute(restore, master, "address", now, sizeof(now)) < 0 ||
	    !strcmp(now, wanted))
		return;
	code = set_address(restore, index_of(restore, master), wanted);
	if (code < 0)
		fail(restore, "%s: hardware address %s not set: %s", master, wanted,
		     errno_text(code));
}

static void restore_state(struct restore *restore, const struct back *link)
{
	bool up = flag_of(link, "up");
	int code;

	if (is_up(restore, link) == up)
		return;
	code = set_up(restore, link, up);
	if (code < 0)
		fail(restore, "%s: not taken %s: %s", link->wanted, up ? "up" : "down",
		     errno_text(code));
}

/* --- VLANs above --- */

static int make_upper(struct restore *restore, const struct back *link, uint32_t lower)
{
	json_int_t mtu = json_integer_value(json_object_get(link->event, "mtu"));
	struct back none = { .index = 0 };
	unsigned char info[4096];
	struct netlink_message m;
	int length = hex_decode(text_of(link, "linkinfo") ?: "", info, sizeof(info));

	if (length <= 0)
		return -EBADMSG;
	link_request(&m, &none, NLM_F_CREATE | NLM_F_EXCL, 0, 0);
	netlink_add_string(&m, IFLA_IFNAME, link->wanted);
	netlink_add_u32(&m, IFLA_LINK, lower);
	if (mtu > 0)
		netlink_add_u32(&m, IFLA_MTU, (uint32_t)mtu);
	netlink_add(&m, IFLA_LINKINFO | NLA_F_NESTED, info, (size_t)length);
	return request_send(restore, &m);
}

static const struct back *find_lower(const struct restore *restore, const struct back *link)
{
	json_int_t lower = json_integer_value(json_object_get(link->event, "lower_ifindex"));

	for (size_t i = 0; i < restore->count; i++)
		if (json_integer_value(json_object_get(restore->links[i].event, "ifindex")) ==
		    lower)
			return &restore->links[i];
	return NULL;
}

/* One that is still there (its device was never released) is used as it is. */
static void restore_upper(struct restore *restore, struct back *link)
{
	const struct back *lower = find_lower(restore, link);
	int code = 0;

	link->index = index_of(restore, link->wanted);
	if (link->index) {
		strcpy(link->name, link->wanted);
		return;
	}
	if (flag_of(link, "lost")) {
		fail(restore, "%s (%s on %s): links of this kind are not made again", link->wanted,
		     text_of(link, "kind") ?: "?", text_of(link, "lower") ?: "?");
		return;
	}
	if (!lower || !lower->index) {
		fail(restore, "%s: not made again, since %s is not back", link->wanted,
		     text_of(link, "lower") ?: "what it lies on");
		return;
	}
	code = make_upper(restore, link, lower->index);
	if (code == 0) {
		strcpy(link->name, link->wanted);
		link->index = index_of(restore, link->wanted);
		code = link->index ? 0 : -ENODEV;
	}
	if (code < 0)
		fail(restore, "%s: not made again on %s: %s", link->wanted, lower->name,
		     errno_text(code));
}

/* --- addresses and routes --- */

static int replay(const struct restore *restore, const struct netlink_message *saved)
{
	struct netlink_message request;
	int code = message_replay(&saved->header, &restore->indices, &request);

	if (code == 0)
		code = request_send(restore, &request);
	return code == -EEXIST ? 0 : code;
}

static void fail_message(struct restore *restore, const struct back *link,
			 const struct netlink_message *saved, int code)
{
	char what[160];

	message_describe(&saved->header, what, sizeof(what));
	fail(restore, "%s: %s not restored: %s", link->wanted, what, errno_text(code));
}

static void restore_addresses(struct restore *restore, const struct back *link)
{
	const json_t *hex;
	size_t i;

	json_array_foreach(json_object_get(link->event, "addresses"), i, hex)
	{
		struct netlink_message saved;
		int code = hex_message(json_string_value(hex) ?: "", &saved);

		if (code < 0) {
			fail(restore, "%s: an address in the record is damaged", link->wanted);
			continue;
		}
		code = replay(restore, &saved);
		if (code < 0)
			fail_message(restore, link, &saved, code);
	}
}

/* One route to make. */
struct route {
	const struct back *link;
	const char *hex;
	bool has_gateway;
	bool is_done;
	int code;
};

static size_t list_routes(const struct restore *restore, struct route **ret_routes)
{
	struct route *routes;
	size_t count = 0, i;
	const json_t *hex;

	for (i = 0; i < restore->count; i++)
		count += json_array_size(json_object_get(restore->links[i].event, "routes"));
	routes = calloc(count ?: 1, sizeof(*routes));
	if (!routes)
		return 0;
	count = 0;
	for (size_t j = 0; j < restore->count; j++) {
		json_array_foreach(json_object_get(restore->links[j].event, "routes"), i, hex)
			routes[count++] = (struct route){
				.link = &restore->links[j],
				.hex = json_string_value(hex) ?: "",
			};
	}
	*ret_routes = routes;
	return count;
}

static void try_route(struct restore *restore, struct route *route)
{
	struct netlink_message saved;

	route->code = hex_message(route->hex, &saved);
	if (route->code == 0) {
		route->has_gateway = route_has_gateway(&saved.header);
		route->code = replay(restore, &saved);
	}
	/* What no waiting can change is not tried again. */
	route->is_done = route->code == 0 || route->code == -EBADMSG || route->code == -ENODEV ||
			 route->code == -EMSGSIZE || route->code == -EPERM;
}

/* One round; returns how many made it, *@ret_left how many may still. */
static size_t try_routes(struct restore *restore, struct route *routes, size_t count,
			 size_t *ret_left)
{
	size_t made = 0;

	*ret_left = 0;
	for (size_t i = 0; i < count; i++) {
		if (routes[i].is_done)
			continue;
		try_route(restore, &routes[i]);
		made += routes[i].code == 0;
		*ret_left += !routes[i].is_done;
	}
	return made;
}

static void restore_routes(struct restore *restore)
{
	bool is_live = !sysroot_is_captured(restore->sys->root);
	double end = clock_ms() + (is_live ? ROUTE_WAIT_MS : 0);
	struct netlink_message saved;
	struct route *routes = NULL;
	size_t count = list_routes(restore, &routes), left, made;

	made = try_routes(restore, routes, count, &left);
	while (left && (made || clock_ms() < end)) {
		if (!made)
			usleep(POLL_US);
		made = try_routes(restore, routes, count, &left);
	}
	for (size_t i = 0; i < count; i++) {
		if (routes[i].code == 0 || !routes[i].link->index)
			continue;
		if (hex_message(routes[i].hex, &saved) == 0)
			fail_message(restore, routes[i].link, &saved, routes[i].code);
		else
			fail(restore, "%s: a route in the record is damaged",
			     routes[i].link->wanted);
	}
	free(routes);
}

/* --- all together --- */

static void restore_settings(struct restore *restore, bool upper)
{
	for (size_t i = 0; i < restore->count; i++) {
		struct back *link = &restore->links[i];

		if (flag_of(link, "upper") != upper)
			continue;
		if (upper)
			restore_upper(restore, link);
		if (!link->index)
			continue;
		restore_address(restore, link);
		restore_mtu(restore, link);
		restore_master(restore, link);
		/* Before what lies on it is made: a VLAN goes up only on a link that is. */
		restore_state(restore, link);
	}
}

static void restore_all(struct restore *restore, unsigned int wait_ms)
{
	wait_for_links(restore, wait_ms);
	restore_names(restore);
	restore_settings(restore, false);
	restore_settings(restore, true);
	for (size_t i = 0; i < restore->count; i++)
		if (restore->links[i].index)
			restore_master_address(restore, &restore->links[i]);
	for (size_t i = 0; i < restore->count; i++) {
		restore->indices.items[i].is = restore->links[i].index;
		if (restore->links[i].index)
			restore_addresses(restore, &restore->links[i]);
	}
	restore_routes(restore);
}

/* The first event of a link counts, were it saved twice (a run that went on in the same record):
 * the later one was saved when the machine was changed already. */
static bool is_listed(const struct restore *restore, const char *name)
{
	for (size_t i = 0; i < restore->count; i++)
		if (!strcmp(restore->links[i].wanted, name))
			return true;
	return false;
}

static void list_links(struct restore *restore, const json_t *events)
{
	const json_t *event;
	size_t i;

	json_array_foreach(events, i, event)
	{
		const char *kind = json_string_value(json_object_get(event, "event"));
		const char *name = json_string_value(json_object_get(event, "name"));
		struct back *link = &restore->links[restore->count];

		if (!kind || strcmp(kind, "link") != 0 || !name || strlen(name) >= IFNAMSIZ ||
		    is_listed(restore, name))
			continue;
		link->event = event;
		link->wanted = name;
		restore->indices.items[restore->count].was =
			(uint32_t)json_integer_value(json_object_get(event, "ifindex"));
		restore->count++;
	}
	restore->indices.count = restore->count;
}

int links_restore(const struct sys *sys, const json_t *events, unsigned int wait_ms, json_t *failed)
{
	size_t most = json_array_size(events);
	struct restore restore = { .sys = sys, .failed = failed };

	restore.links = calloc(most ?: 1, sizeof(*restore.links));
	restore.indices.items = calloc(most ?: 1, sizeof(*restore.indices.items));
	if (restore.links && restore.indices.items) {
		list_links(&restore, events);
		restore_all(&restore, wait_ms);
	} else {
		restore.failures = -ENOMEM;
	}
	free(restore.links);
	free(restore.indices.items);
	return restore.failures;
}
