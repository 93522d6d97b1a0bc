// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * petitboot.conf: petitboot's own format, a keyword and the rest of its line (petitboot:
 * discover/native/native-lexer.l, native-parser.y). "name" begins an option.
 */
#include "format/formats.h"
#include "place/lines.h"
#include "place/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (256 * 1024)
#define ENTRIES_MAX    500

struct petitboot {
	const struct entry_source *source;
	struct entry_list *list;
	const char *place, *path;
	struct lines lines;
	struct entry *entry; /* NULL: before the first */
	size_t count;
};

static int take_name(struct petitboot *p, const char *value)
{
	p->entry = NULL;
	if (p->count == ENTRIES_MAX)
		return 0;
	p->count++;
	p->entry = entry_list_add(p->list, p->source, ENTRY_PETITBOOT, p->path, p->lines.number);
	if (!p->entry)
		return -ENOMEM;
	p->entry->id = arena_strdup(p->list->arena, value);
	return p->entry->id ? 0 : -ENOMEM;
}

/* Before the first option only, and the first of two. */
static int take_default(struct petitboot *p, const char *value)
{
	struct entry_settings *settings = &p->list->settings[ENTRY_PETITBOOT];

	if (p->entry)
		return entry_list_problem(
			p->list, p->source, p->path, p->lines.number,
			"default behind a name: for petitboot the file ends here");
	if (settings->default_id)
		return 0;
	settings->default_id = arena_strdup(p->list->arena, value);
	settings->default_rule = arena_printf(p->list->arena, "default of %s", p->path);
	return settings->default_id && settings->default_rule ? 0 : -ENOMEM;
}

/* The first of two counts. */
static int take_file(struct petitboot *p, struct entry_file *file, const char *value)
{
	if (file->root)
		return 0;
	return entry_place_device_path(p->list, p->source, p->place, p->entry, value, file);
}

static int take_initrd(struct petitboot *p, const char *value)
{
	struct entry_file file = { .root = NULL };
	int r = entry_place_device_path(p->list, p->source, p->place, p->entry, value, &file);

	if (r || !file.root || p->entry->initrd_count)
		return r;
	return entry_add_initrd(p->list, p->entry, file.root, file.path);
}

static int take_of_option(struct petitboot *p, const char *key, const char *value)
{
	if (!p->entry)
		return 0;
	if (!strcmp(key, "image"))
		return take_file(p, &p->entry->kernel, value);
	if (!strcmp(key, "dtb"))
		return take_file(p, &p->entry->devicetree, value);
	if (!strcmp(key, "initrd"))
		return take_initrd(p, value);
	return strcmp(key, "args") ? 0 : entry_add_options(p->list, p->entry, value);
}

static int take_line(struct petitboot *p, const char *key, const char *value)
{
	if (!*value)
		return 0;
	if (!strcmp(key, "name"))
		return take_name(p, value);
	if (!strcmp(key, "default"))
		return take_default(p, value);
	return take_of_option(p, key, value);
}

int petitboot_read(const struct entry_source *source, struct entry_list *list)
{
	static const char *const paths[] = { "/petitboot.conf", NULL };
	struct petitboot p = { .source = source, .list = list };
	char *text, *key, *value;
	int r = entry_place_first(list, source, paths, &p.place, &p.path);

	if (r || !p.path)
		return r;
	list->settings[ENTRY_PETITBOOT].is_configured = true;
	r = entry_place_read(list, source, p.path, FILE_BYTES_MAX, &text);
	if (r || !text)
		return r;
	p.lines = lines_of(text);
	while (!r && lines_next(&p.lines, &key, &value))
		r = take_line(&p, key, value);
	free(text);
	return r;
}
