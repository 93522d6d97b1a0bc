// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses and routes made again. */
#include "links/hex.h"
#include "links/internal.h"

#include "worker/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A route may need an IPv6 address that is still being checked for duplicates (1 to 2 s), or
 * another route that is made after it. */
#define ROUTE_WAIT_MS 5000

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
	restore_fail(restore, "%s: %s not restored: %s", link->wanted, what, errno_text(code));
}

static void replay_list(struct restore *restore, const struct back *link, const char *list,
			const char *one)
{
	const json_t *hex;
	size_t i;

	json_array_foreach (json_object_get(link->event, list), i, hex) {
		struct netlink_message saved;
		int code = hex_message(json_string_value(hex) ?: "", &saved);

		if (code < 0) {
			restore_fail(restore, "%s: %s in the record is damaged", link->wanted, one);
			continue;
		}
		code = replay(restore, &saved);
		if (code < 0)
			fail_message(restore, link, &saved, code);
	}
}

void link_replay_addresses(struct restore *restore, const struct back *link)
{
	replay_list(restore, link, "addresses", "an address");
	replay_list(restore, link, "neighbours", "a neighbour");
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
		json_array_foreach (json_object_get(restore->links[j].event, "routes"), i, hex)
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

void links_replay_routes(struct restore *restore)
{
	bool is_live = !sysroot_is_captured(restore->sys->root);
	double end = clock_ms() + (is_live ? ROUTE_WAIT_MS : 0);
	struct netlink_message saved;
	struct route *routes = NULL;
	size_t count = list_routes(restore, &routes), left, made;

	made = try_routes(restore, routes, count, &left);
	while (left && (made || clock_ms() < end)) {
		if (!made)
			usleep(LINKS_POLL_US);
		made = try_routes(restore, routes, count, &left);
	}
	for (size_t i = 0; i < count; i++) {
		if (routes[i].code == 0 || !routes[i].link->index)
			continue;
		if (hex_message(routes[i].hex, &saved) == 0)
			fail_message(restore, routes[i].link, &saved, routes[i].code);
		else
			restore_fail(restore, "%s: a route in the record is damaged",
				     routes[i].link->wanted);
	}
	free(routes);
}
