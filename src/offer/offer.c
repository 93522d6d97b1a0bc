// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries to JSON and back; see offer.h. */
#include "offer/offer.h"

#include "offer/carry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Out.
 */

static json_t *encode_file(const struct entry_file *file, offer_ask ask)
{
	struct offer_file facts = { .size = 0 };

	if (!file->root)
		return json_null();
	if (ask(file, &facts) < 0)
		facts = (struct offer_file){ .size = 0 };
	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I}", "root",
			 carry_text(fsroot_path(file->root)), "path", carry_text(file->path),
			 "offset", (json_int_t)file->offset, "length",
			 (json_int_t)(file->length ?: facts.size), "device",
			 (json_int_t)facts.device, "inode", (json_int_t)facts.inode);
}

static json_t *encode_files(const struct entry_file *files, size_t count, offer_ask ask)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, encode_file(&files[i], ask));
	return array;
}

static json_t *encode_menus(const struct entry *entry)
{
	json_t *menus = json_array();

	for (size_t i = 0; i < entry->menu_count; i++)
		json_array_append_new(menus, carry_text(entry->menus[i]));
	return menus;
}

/* The volume in front, since ids are unique within one. */
static json_t *carry_id(const char *volume, const char *id)
{
	char *head;
	json_t *value;

	if (asprintf(&head, "%s:", volume) < 0)
		return NULL;
	value = carry_texts(head, id);
	free(head);
	return value;
}

static json_t *encode_entry(const struct entry *entry, const char *volume, offer_ask ask)
{
	json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:o}", "id", carry_id(volume, entry->id),
				 "title", carry_text(entry->title), "version",
				 carry_text(entry->version), "options", carry_text(entry->options),
				 "greyed", carry_text(entry->greyed));

	if (!json)
		return NULL;
	json_object_set_new(json, "format", json_integer(entry->format));
	json_object_set_new(json, "root", carry_text(fsroot_path(entry->root)));
	json_object_set_new(json, "path", carry_text(entry->path));
	json_object_set_new(json, "line", json_integer(entry->line));
	json_object_set_new(json, "kernel", encode_file(&entry->kernel, ask));
	json_object_set_new(json, "initrds",
			    encode_files(entry->initrds, entry->initrd_count, ask));
	json_object_set_new(json, "devicetree", encode_file(&entry->devicetree, ask));
	json_object_set_new(json, "overlays",
			    encode_files(entry->overlays, entry->overlay_count, ask));
	json_object_set_new(json, "menus", encode_menus(entry));
	json_object_set_new(json, "tries_left", json_integer(entry->tries_left));
	json_object_set_new(json, "tries_done", json_integer(entry->tries_done));
	json_object_set_new(json, "is_default", json_boolean(entry->is_default));
	json_object_set_new(json, "leads_away", json_boolean(entry->leads_away));
	json_object_set_new(json, "is_hidden", json_boolean(entry->is_hidden));
	json_object_set_new(json, "is_unrestricted", json_boolean(entry->is_unrestricted));
	return json;
}

static json_t *encode_problem(const struct entry_problem *problem)
{
	return json_pack("{s:o, s:o, s:i, s:o}", "root",
			 carry_text(problem->root ? fsroot_path(problem->root) : NULL), "path",
			 carry_text(problem->path), "line", (int)problem->line, "reason",
			 carry_text(problem->reason));
}

/* What was left out, for the log: it is not booted from here. */
static json_t *encode_own(const struct entry_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->own_count; i++)
		json_array_append_new(array, json_pack("{s:o, s:i}", "path",
						       carry_text(list->own[i]->path), "line",
						       (int)list->own[i]->line));
	return array;
}

json_t *offer_encode(const struct entry_list *list, const char *volume, const char *system,
		     bool misses_volume, offer_ask ask)
{
	json_t *entries = json_array(), *problems = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(entries, encode_entry(list->entries[i], volume, ask));
	for (size_t i = 0; i < list->problem_count; i++)
		json_array_append_new(problems, encode_problem(&list->problems[i]));
	return json_pack("{s:o, s:b, s:i, s:b, s:o, s:o, s:o, s:o, s:o}", "system",
			 carry_text(system), "misses", misses_volume, "timeout", list->timeout,
			 "is_menu_hidden", list->is_menu_hidden, "withheld",
			 carry_text(list->withheld), "rule", carry_text(list->rule), "own",
			 encode_own(list), "entries", entries, "problems", problems);
}

/*
 * In. jansson answers NULL, 0 or false for what is missing or of another type.
 */

/* Its bytes in the arena. NULL: it is not there, or memory is short. */
static const char *take_text(struct offer *offer, const json_t *value)
{
	char *bytes = carry_take(value);
	const char *text = bytes ? arena_strdup(offer->list->arena, bytes) : NULL;

	free(bytes);
	return text;
}

static const char *get_text(struct offer *offer, const json_t *json, const char *key)
{
	return take_text(offer, json_object_get(json, key));
}

static int get_int(const json_t *json, const char *key)
{
	return (int)json_integer_value(json_object_get(json, key));
}

/* One handle for each folder. NULL where @json names none, or memory is short. */
static const struct fsroot *get_root(struct offer *offer, const json_t *json)
{
	const char *path = get_text(offer, json, "root");

	for (size_t i = 0; path && i < offer->root_count; i++)
		if (!strcmp(fsroot_path(offer->roots[i]), path))
			return offer->roots[i];
	if (!path || arena_grow(offer->list->arena, &offer->roots, &offer->root_capacity,
				offer->root_count + 1, sizeof(struct fsroot *)) < 0)
		return NULL;
	if (fsroot_name(path, &offer->roots[offer->root_count]) < 0)
		return NULL;
	return offer->roots[offer->root_count++];
}

static void decode_file(struct offer *offer, const json_t *json, struct entry_file *file)
{
	if (!json_is_object(json))
		return;
	file->root = get_root(offer, json);
	file->path = get_text(offer, json, "path");
	file->offset = (uint64_t)json_integer_value(json_object_get(json, "offset"));
	file->length = (uint64_t)json_integer_value(json_object_get(json, "length"));
	file->device = (uint64_t)json_integer_value(json_object_get(json, "device"));
	file->inode = (uint64_t)json_integer_value(json_object_get(json, "inode"));
	if (!file->path)
		file->root = NULL;
}

static int decode_files(struct offer *offer, const json_t *files, struct entry_file **ret_files,
			size_t *ret_count)
{
	size_t count = json_array_size(files);
	struct entry_file *array = arena_alloc(offer->list->arena, (count + 1) * sizeof(*array));

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		decode_file(offer, json_array_get(files, i), &array[i]);
	*ret_files = array;
	*ret_count = count;
	return 0;
}

static int decode_menus(struct offer *offer, const json_t *json, struct entry *entry)
{
	const json_t *menus = json_object_get(json, "menus");
	size_t count = json_array_size(menus);
	const char **titles = arena_alloc(offer->list->arena, (count + 1) * sizeof(*titles));

	if (!titles)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		titles[i] = take_text(offer, json_array_get(menus, i)) ?: "";
	entry->menus = titles;
	entry->menu_count = count;
	return 0;
}

static int decode_entry(struct offer *offer, const json_t *json)
{
	struct entry_source source = { .root = get_root(offer, json) };
	const char *path = get_text(offer, json, "path");
	struct entry_list *list = offer->list;
	struct entry *entry;

	if (!source.root || !path)
		return -EBADMSG;
	entry = entry_list_add(list, &source, (enum entry_format)get_int(json, "format"), path,
			       (unsigned int)get_int(json, "line"));
	if (!entry)
		return -ENOMEM;
	entry->id = get_text(offer, json, "id");
	entry->title = get_text(offer, json, "title");
	entry->version = get_text(offer, json, "version");
	entry->greyed = get_text(offer, json, "greyed");
	entry->tries_left = get_int(json, "tries_left");
	entry->tries_done = get_int(json, "tries_done");
	entry->is_default = json_is_true(json_object_get(json, "is_default"));
	entry->leads_away = json_is_true(json_object_get(json, "leads_away"));
	entry->is_hidden = json_is_true(json_object_get(json, "is_hidden"));
	entry->is_unrestricted = json_is_true(json_object_get(json, "is_unrestricted"));
	decode_file(offer, json_object_get(json, "kernel"), &entry->kernel);
	decode_file(offer, json_object_get(json, "devicetree"), &entry->devicetree);
	if (entry->is_default)
		list->preferred = entry;
	if (decode_files(offer, json_object_get(json, "initrds"), &entry->initrds,
			 &entry->initrd_count) < 0 ||
	    decode_files(offer, json_object_get(json, "overlays"), &entry->overlays,
			 &entry->overlay_count) < 0)
		return -ENOMEM;
	entry->initrd_capacity = entry->initrd_count;
	entry->overlay_capacity = entry->overlay_count;
	if (!entry->id || !entry->title || decode_menus(offer, json, entry) < 0)
		return -EBADMSG;
	return entry_add_options(list, entry, get_text(offer, json, "options") ?: "");
}

static int decode_problem(struct offer *offer, const json_t *json)
{
	struct entry_source source = { .root = get_root(offer, json) };

	return entry_list_problem(offer->list, &source, get_text(offer, json, "path") ?: "",
				  (unsigned int)get_int(json, "line"), "%s",
				  get_text(offer, json, "reason") ?: "");
}

static int decode_own(struct offer *offer, const json_t *array)
{
	struct entry_list *list = offer->list;
	size_t count = json_array_size(array);

	list->own = arena_alloc(list->arena, (count + 1) * sizeof(*list->own));
	for (size_t i = 0; list->own && i < count; i++) {
		const json_t *json = json_array_get(array, i);
		struct entry *entry = arena_alloc(list->arena, sizeof(*entry));

		if (!entry)
			return -ENOMEM;
		entry->path = get_text(offer, json, "path") ?: "";
		entry->line = (unsigned int)get_int(json, "line");
		list->own[list->own_count++] = entry;
	}
	return list->own ? 0 : -ENOMEM;
}

static int decode(struct offer *offer, const json_t *json)
{
	const json_t *item;
	size_t i;
	int r = 0;

	offer->system = get_text(offer, json, "system") ?: "";
	offer->misses_volume = json_is_true(json_object_get(json, "misses"));
	offer->list->timeout = get_int(json, "timeout");
	offer->list->is_menu_hidden = json_is_true(json_object_get(json, "is_menu_hidden"));
	offer->list->withheld = get_text(offer, json, "withheld");
	offer->list->rule = get_text(offer, json, "rule");
	json_array_foreach (json_object_get(json, "entries"), i, item)
		r = r ?: decode_entry(offer, item);
	json_array_foreach (json_object_get(json, "problems"), i, item)
		r = r ?: decode_problem(offer, item);
	r = r ?: decode_own(offer, json_object_get(json, "own"));
	return r;
}

struct offer *offer_decode(const char *text, size_t length)
{
	json_t *json = json_loadb(text, length, 0, NULL);
	struct offer *offer = calloc(1, sizeof(*offer));
	int r = json_is_object(json) && offer ? 0 : -EBADMSG;

	if (r == 0)
		offer->list = entry_list_new();
	if (r == 0)
		r = offer->list ? decode(offer, json) : -ENOMEM;
	json_decref(json);
	if (r == 0)
		return offer;
	offer_free(offer);
	return NULL;
}

void offer_free(struct offer *offer)
{
	if (!offer)
		return;
	for (size_t i = 0; i < offer->root_count; i++)
		fsroot_close(offer->roots[i]);
	entry_list_free(offer->list);
	free(offer);
}
