// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which links are brought back from their "link" events; see links.h. */
#include "links/internal.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *text_of(const struct back *link, const char *key)
{
	return json_string_value(json_object_get(link->event, key));
}

bool flag_of(const struct back *link, const char *key)
{
	return json_is_true(json_object_get(link->event, key));
}

void restore_fail(struct restore *restore, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_array_append_new(restore->failed, json_string(text));
	restore->failures++;
}

ssize_t link_attribute(const struct restore *restore, const char *link, const char *name,
		       char *buffer, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", link, name);
	return sysroot_read(restore->sys->root, path, buffer, size);
}

uint32_t index_of(const struct restore *restore, const char *name)
{
	unsigned long long index;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", name);
	return sysroot_read_u64(restore->sys->root, path, &index) == 0 ? (uint32_t)index : 0;
}

static void restore_settings(struct restore *restore, bool upper)
{
	for (size_t i = 0; i < restore->count; i++) {
		struct back *link = &restore->links[i];

		if (flag_of(link, "upper") != upper)
			continue;
		if (upper)
			link_make_upper(restore, link);
		if (!link->index)
			continue;
		link_set_address(restore, link);
		link_set_mtu(restore, link);
		link_set_master(restore, link);
		/* Before what lies on it is made: a VLAN goes up only on a link that is. */
		link_set_state(restore, link);
	}
}

static void restore_all(struct restore *restore, unsigned int wait_ms)
{
	links_find(restore, wait_ms);
	links_set_names(restore);
	restore_settings(restore, false);
	restore_settings(restore, true);
	for (size_t i = 0; i < restore->count; i++)
		if (restore->links[i].index)
			link_set_master_address(restore, &restore->links[i]);
	for (size_t i = 0; i < restore->count; i++) {
		restore->indices.items[i].is = restore->links[i].index;
		if (restore->links[i].index)
			link_replay_addresses(restore, &restore->links[i]);
	}
	links_replay_routes(restore);
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

	json_array_foreach (events, i, event) {
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
