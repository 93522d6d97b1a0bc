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

static void list_indices(struct restore *restore)
{
	for (size_t i = 0; i < restore->count; i++) {
		json_t *was = json_object_get(restore->links[i].event, "ifindex");

		restore->indices.items[i] = (struct link_index){
			.was = (uint32_t)json_integer_value(was),
			.is = restore->links[i].index,
		};
	}
	restore->indices.count = restore->count;
	link_indices_sort(&restore->indices);
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
	list_indices(restore);
	for (size_t i = 0; i < restore->count; i++)
		if (restore->links[i].index)
			link_replay_addresses(restore, &restore->links[i]);
	links_replay_routes(restore);
	links_look_after(restore);
}

static const char *index_key(struct arena *arena, json_int_t index)
{
	return arena_printf(arena, "%lld", (long long)index);
}

struct back *link_with_index(const struct restore *restore, json_int_t was)
{
	char key[32];

	snprintf(key, sizeof(key), "%lld", (long long)was);
	return was > 0 ? map_get(restore->indexed, key) : NULL;
}

void link_is_named(struct restore *restore, struct back *link)
{
	const char *name = arena_strdup(restore->arena, link->name);

	/* Without memory for it two links that swapped their names are not told apart, and the
	 * kernel refuses the second. */
	if (name)
		map_put(restore->named, name, link);
}

/* The first event of a link counts, were it saved twice (a run that went on in the same record):
 * the later one was saved when the machine was changed already. */
static int list_link(struct restore *restore, const json_t *event, const char *name)
{
	json_int_t index = json_integer_value(json_object_get(event, "ifindex"));
	struct back *link = &restore->links[restore->count];
	const char *key = index_key(restore->arena, index);
	int code = key ? map_put(restore->wanted, name, link) : -ENOMEM;

	if (code < 0)
		return code;
	if (json_is_true(json_object_get(event, "watched"))) {
		restore->watched[restore->watched_count++] = event;
		return 0;
	}
	link->event = event;
	link->wanted = name;
	restore->count++;
	return map_get(restore->indexed, key) ? 0 : map_put(restore->indexed, key, link);
}

static int list_links(struct restore *restore, const json_t *events)
{
	const json_t *event;
	int code = 0;
	size_t i;

	json_array_foreach (events, i, event) {
		const char *kind = json_string_value(json_object_get(event, "event"));
		const char *name = json_string_value(json_object_get(event, "name"));

		if (code == 0 && kind && !strcmp(kind, "link") && name && name[0] &&
		    strlen(name) < IFNAMSIZ && !map_get(restore->wanted, name))
			code = list_link(restore, event, name);
	}
	return code;
}

/* To be ended by restore_done() in both cases. */
static int restore_init(struct restore *restore, size_t most)
{
	restore->arena = arena_new();
	restore->wanted = map_new();
	restore->named = map_new();
	restore->indexed = map_new();
	if (!restore->arena || !restore->wanted || !restore->named || !restore->indexed)
		return -ENOMEM;
	restore->links = arena_alloc(restore->arena, (most + 1) * sizeof(*restore->links));
	restore->watched = arena_alloc(restore->arena, (most + 1) * sizeof(json_t *));
	restore->indices.items =
		arena_alloc(restore->arena, (most + 1) * sizeof(*restore->indices.items));
	return restore->links && restore->watched && restore->indices.items ? 0 : -ENOMEM;
}

static void restore_done(struct restore *restore)
{
	map_free(restore->wanted);
	map_free(restore->named);
	map_free(restore->indexed);
	arena_free(restore->arena);
}

int links_restore(const struct sys *sys, const json_t *events, unsigned int wait_ms, json_t *failed)
{
	struct restore restore = { .sys = sys, .failed = failed };
	int code = restore_init(&restore, json_array_size(events));

	if (code == 0)
		code = list_links(&restore, events);
	if (code == 0)
		restore_all(&restore, wait_ms);
	restore_done(&restore);
	return code < 0 ? code : restore.failures;
}
