/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of links_restore() share: find.c finds them again, set.c changes one
 * link, replay.c makes addresses and routes, restore.c has the order. */
#pragma once

#include "base/arena.h"
#include "base/map.h"
#include "links/links.h"
#include "links/message.h"

#include <net/if.h>

/* How often to look again for what the kernel does by itself. */
#define LINKS_POLL_US 50000

/* A link that was saved. */
struct back {
	const json_t *event;
	const char *wanted;  /* the name it had */
	char name[IFNAMSIZ]; /* the name it has now, "" while it is not back */
	uint32_t index;	     /* and its index now */
};

struct restore {
	const struct sys *sys;
	struct arena *arena;
	struct back *links;
	size_t count;
	struct map *wanted;	/* links by the name they had */
	struct map *named;	/* and by a name they have, or had a moment ago */
	struct map *indexed;	/* and by the index they had: index_key() */
	const json_t **watched; /* events of links that are only looked after */
	size_t watched_count;
	struct link_indices indices;
	json_t *failed;
	int failures;
};

/* Fields of its event: NULL or false when it has none. */
const char *text_of(const struct back *link, const char *key);
bool flag_of(const struct back *link, const char *key);

/* One more thing that could not be restored. */
void restore_fail(struct restore *restore, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* /sys/class/net/@link/@name: length or a negative errno. */
ssize_t link_attribute(const struct restore *restore, const char *link, const char *name,
		       char *buffer, size_t size);

/* The link that had the index @was, or NULL. */
struct back *link_with_index(const struct restore *restore, json_int_t was);

/* It has the name now that its `name` says. */
void link_is_named(struct restore *restore, struct back *link);

/* 0 when there is no link of that name. */
uint32_t index_of(const struct restore *restore, const char *name);

/* A message with @request's own length to the kernel; -EMSGSIZE when something did not fit it. */
int request_send(const struct restore *restore, struct netlink_message *request);

/* Finds every link that is no upper one, waiting up to @wait_ms for those whose drivers take their
 * time, and names those that are not back. */
void links_find(struct restore *restore, unsigned int wait_ms);

/* Each names what it could not do. links_set_names() is for all links that are no upper ones. */
void links_set_names(struct restore *restore);
void link_set_address(struct restore *restore, const struct back *link);
void link_set_mtu(struct restore *restore, const struct back *link);
void link_set_master(struct restore *restore, const struct back *link);
void link_set_master_address(struct restore *restore, const struct back *link);
void link_set_state(struct restore *restore, const struct back *link);

/* Makes a VLAN or alike again that vanished with what it lay on, which must be back. */
void link_make_upper(struct restore *restore, struct back *link);

/* With restore->indices filled in; routes after the addresses of all links. */
void link_replay_addresses(struct restore *restore, const struct back *link);
void links_replay_routes(struct restore *restore);

/* Names what is not as it was and nobody makes again; the last of all. */
void links_look_after(struct restore *restore);
