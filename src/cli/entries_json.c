// SPDX-License-Identifier: GPL-2.0-or-later
/* Boot entries as JSON; see doc/entries-json.md. */
#include "cli/entries_json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/verb.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_SCHEMA 1

/*
 * Names on a disk are bytes, and JSON is UTF-8: what is not comes as "?". So does DEL, the one control
 * character that is left as it is where all but ASCII is escaped.
 */
static json_t *json_text(const char *text)
{
	json_t *string;
	char *copy;

	if (!text)
		return json_null();
	copy = strdup(text);
	if (!copy)
		return NULL;
	utf8_make_valid(copy);
	for (char *c = copy; *c; c++)
		if (*c == 0x7f)
			*c = '?';
	string = json_string(copy);
	free(copy);
	return string;
}

static json_t *json_path(const struct fsroot *root, const char *path)
{
	char *full;
	json_t *string;

	if (!root)
		return json_null();
	if (asprintf(&full, "%s%s", fsroot_path(root), path) < 0)
		return NULL;
	string = json_text(full);
	free(full);
	return string;
}

static json_t *json_file(const struct entry_file *file)
{
	if (!file->root)
		return json_null();
	if (!file->length)
		return json_pack("{s:o, s:n, s:n}", "file", json_path(file->root, file->path),
				 "offset", "length");
	return json_pack("{s:o, s:I, s:I}", "file", json_path(file->root, file->path), "offset",
			 (json_int_t)file->offset, "length", (json_int_t)file->length);
}

static json_t *json_files(const struct entry_file *files, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_file(&files[i]));
	return array;
}

static json_t *json_menus(const struct entry *entry)
{
	json_t *array = json_array();

	for (size_t i = 0; i < entry->menu_count; i++)
		json_array_append_new(array, json_text(entry->menus[i]));
	return array;
}

static json_t *json_line(unsigned int line)
{
	return line ? json_integer(line) : json_null();
}

static json_t *json_tries(const struct entry *entry, int tries)
{
	return entry->tries_left == ENTRY_NOT_COUNTED ? json_null() : json_integer(tries);
}

static json_t *json_entry(const struct entry *entry)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:b, s:b, s:b, s:b, s:o}",
		"id", json_text(entry->id), "title", json_text(entry->title), "version",
		json_text(entry->version), "sort_key", json_text(entry->sort_key), "machine_id",
		json_text(entry->machine_id), "architecture", json_text(entry->architecture),
		"format", entry_format_name(entry->format), "file",
		json_path(entry->root, entry->path), "line", json_line(entry->line), "menus",
		json_menus(entry), "kernel", json_file(&entry->kernel), "initrds",
		json_files(entry->initrds, entry->initrd_count), "options",
		json_text(entry->options ?: ""), "devicetree", json_file(&entry->devicetree),
		"overlays", json_files(entry->overlays, entry->overlay_count), "tries_left",
		json_tries(entry, entry->tries_left), "tries_done",
		json_tries(entry, entry->tries_done), "default", entry->is_default, "hidden",
		entry->is_hidden, "unrestricted", entry->is_unrestricted, "leads_away",
		entry->leads_away, "greyed", json_text(entry->greyed));
}

static json_t *json_entries(const struct entry_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, json_entry(list->entries[i]));
	return array;
}

static json_t *json_problems(const struct entry_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->problem_count; i++) {
		const struct entry_problem *problem = &list->problems[i];

		json_array_append_new(array, json_pack("{s:o, s:o, s:o}", "file",
						       json_path(problem->root, problem->path),
						       "line", json_line(problem->line), "reason",
						       json_text(problem->reason)));
	}
	return array;
}

static json_t *json_own(const struct entry_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->own_count; i++) {
		const struct entry *entry = list->own[i];

		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:o}", "id", json_text(entry->id),
						"file", json_path(entry->root, entry->path), "line",
						json_line(entry->line)));
	}
	return array;
}

static json_t *json_timeout(const struct entry_list *list)
{
	if (list->timeout == ENTRY_TIMEOUT_FOREVER)
		return json_string("forever");
	return list->timeout == ENTRY_TIMEOUT_UNSET ? json_null() : json_integer(list->timeout);
}

int entries_print_json(const struct entry_list *list, const char *root)
{
	const char *id = list->preferred ? list->preferred->id : NULL;
	json_t *document = json_pack(
		"{s:i, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "schema", ENTRIES_SCHEMA,
		"root", json_text(root), "default", json_text(id), "rule", json_text(list->rule),
		"withheld", json_text(list->withheld), "timeout", json_timeout(list), "menu_hidden",
		list->is_menu_hidden, "entries", json_entries(list), "left_out", json_own(list),
		"problems", json_problems(list));

	if (!document || json_dumpf(document, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII)) {
		json_decref(document);
		log_error("entries: the JSON could not be written; was the output cut, or memory "
			  "short?");
		return STATUS_FAILED;
	}
	json_decref(document);
	putchar('\n');
	return STATUS_DONE;
}
