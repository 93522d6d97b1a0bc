// SPDX-License-Identifier: GPL-2.0-or-later
/* Links that are not restored, looked after: is everything as it was? What is not is named. */
#include "links/internal.h"
#include "links/seen.h"
#include "links/unsaved.h"

#include <stdlib.h>

static uint32_t index_below(const struct restore *restore, const char *name)
{
	char text[32];

	return link_attribute(restore, name, "iflink", text, sizeof(text)) > 0
		       ? (uint32_t)strtoul(text, NULL, 10)
		       : 0;
}

/* A tunnel stays when the card that it goes through is unbound, with an index that is nobody's. */
static void look_after_watched(struct restore *restore, const json_t *event)
{
	const struct back watched = {
		.event = event,
		.wanted = json_string_value(json_object_get(event, "name")),
	};
	const char *kind = text_of(&watched, "kind") ?: "?";
	const struct back *lower = link_with_index(
		restore, json_integer_value(json_object_get(event, "lower_ifindex")));

	if (!index_of(restore, watched.wanted)) {
		restore_fail(restore, "%s (%s): it is gone; links of this kind are not made again",
			     watched.wanted, kind);
		return;
	}
	if (lower && lower->index && index_below(restore, watched.wanted) != lower->index)
		restore_fail(
			restore,
			"%s (%s): it still goes through the %s that is gone; make it again, or "
			"`ip link set %s type %s dev %s`",
			watched.wanted, kind, lower->wanted, watched.wanted, kind, lower->wanted);
}

/* One link's clauses. */
struct telling {
	struct restore *restore;
	const struct back *link;
};

static void tell(const char *clause, void *context)
{
	const struct telling *telling = context;

	restore_fail(telling->restore, "%s: %s", telling->link->wanted, clause);
}

static bool is_asked_for(const struct restore *restore, size_t *ret_first)
{
	for (size_t i = 0; i < restore->count; i++) {
		if (restore->links[i].index && unsaved_any(restore->links[i].event)) {
			*ret_first = i;
			return true;
		}
	}
	return false;
}

static void look_after_link(struct restore *restore, const struct links_seen *now,
			    const struct back *link)
{
	struct seen *seen = now->by_index ? links_seen_find(now, link->index) : NULL;
	struct telling telling = { restore, link };

	if (seen && json_object_get(link->event, "eswitch")) {
		json_object_set(seen->event, "device", json_object_get(link->event, "device"));
		unsaved_read_eswitch(restore->sys->root, seen->event);
	}
	unsaved_compare(link->event, seen ? seen->event : NULL, tell, &telling);
}

/* Somebody may have set it up again meanwhile, as a service that waits for its link. In a captured
 * tree there is nobody. */
static void look_after_settings(struct restore *restore)
{
	struct links_seen now = { .sys = restore->sys };
	size_t first;

	if (!is_asked_for(restore, &first))
		return;
	if (!sysroot_is_captured(restore->sys->root))
		links_seen_read(restore->sys, &now);
	for (size_t i = first; i < restore->count; i++)
		if (restore->links[i].index && unsaved_any(restore->links[i].event))
			look_after_link(restore, &now, &restore->links[i]);
	links_seen_done(&now);
}

void links_look_after(struct restore *restore)
{
	look_after_settings(restore);
	for (size_t i = 0; i < restore->watched_count; i++)
		look_after_watched(restore, restore->watched[i]);
}
