// SPDX-License-Identifier: GPL-2.0-or-later
/* What the readers of all formats report into; see entry.h. */
#include "entry/entry.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *entry_format_name(enum entry_format format)
{
	static const char *const names[ENTRY_FORMATS] = {
		[ENTRY_BLS] = "bls",
		[ENTRY_UKI] = "uki",
		[ENTRY_GRUB] = "grub",
		[ENTRY_SYSLINUX] = "syslinux",
		[ENTRY_PETITBOOT] = "petitboot",
		[ENTRY_KBOOT] = "kboot",
		[ENTRY_YABOOT] = "yaboot",
	};

	return names[format];
}

struct entry_list *entry_list_new(void)
{
	struct entry_list *list = calloc(1, sizeof(*list));

	if (!list)
		return NULL;
	list->arena = arena_new();
	if (!list->arena) {
		free(list);
		return NULL;
	}
	for (size_t i = 0; i < ENTRY_FORMATS; i++)
		list->settings[i].timeout = ENTRY_TIMEOUT_UNSET;
	list->timeout = ENTRY_TIMEOUT_UNSET;
	return list;
}

void entry_list_free(struct entry_list *list)
{
	if (!list)
		return;
	arena_free(list->arena);
	free(list);
}

struct entry *entry_list_add(struct entry_list *list, const struct entry_source *source,
			     enum entry_format format, const char *path, unsigned int line)
{
	struct entry *entry = arena_alloc(list->arena, sizeof(*entry));
	const char *copy = entry_path(list, path);

	if (!entry || !copy)
		return NULL;
	if (arena_grow(list->arena, &list->entries, &list->capacity, list->count + 1,
		       sizeof(struct entry *)))
		return NULL;
	entry->format = format;
	entry->root = source->root;
	entry->path = copy;
	entry->line = line;
	entry->tries_left = ENTRY_NOT_COUNTED;
	list->entries[list->count++] = entry;
	return entry;
}

/* vsnprintf(3) into the arena. */
static char *print(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
	if (text)
		vsnprintf(text, (size_t)length + 1, format, args);
	return text;
}

int entry_list_problem(struct entry_list *list, const struct entry_source *source, const char *path,
		       unsigned int line, const char *format, ...)
{
	struct entry_problem *problem;
	const char *copy, *reason;
	va_list args;

	if (list->problem_count == ENTRY_PROBLEMS_MAX)
		return 0;
	va_start(args, format);
	reason = print(list->arena, format, args);
	va_end(args);
	copy = entry_path(list, path);
	if (!reason || !copy ||
	    arena_grow(list->arena, &list->problems, &list->problem_capacity,
		       list->problem_count + 1, sizeof(*problem)))
		return -ENOMEM;
	problem = &list->problems[list->problem_count++];
	*problem = (struct entry_problem){
		.root = source->root,
		.path = copy,
		.line = line,
		.reason = reason,
	};
	return 0;
}

int entry_grey(struct entry_list *list, struct entry *entry, const char *format, ...)
{
	va_list args;

	if (entry->greyed)
		return 0;
	va_start(args, format);
	entry->greyed = print(list->arena, format, args);
	va_end(args);
	return entry->greyed ? 0 : -ENOMEM;
}

int entry_lead_away(struct entry_list *list, struct entry *entry, const char *format, ...)
{
	va_list args;

	entry->leads_away = true;
	if (entry->greyed)
		return 0;
	va_start(args, format);
	entry->greyed = print(list->arena, format, args);
	va_end(args);
	return entry->greyed ? 0 : -ENOMEM;
}

int entry_add_initrd(struct entry_list *list, struct entry *entry, const struct fsroot *root,
		     const char *path)
{
	const char *copy = entry_path(list, path);

	if (entry->initrd_count == ENTRY_INITRDS_MAX)
		return entry_grey(list, entry, "it has more than %d initrds", ENTRY_INITRDS_MAX);
	if (!copy || arena_grow(list->arena, &entry->initrds, &entry->initrd_capacity,
				entry->initrd_count + 1, sizeof(struct entry_file)))
		return -ENOMEM;
	entry->initrds[entry->initrd_count++] = (struct entry_file){ .root = root, .path = copy };
	return 0;
}

int entry_add_overlay(struct entry_list *list, struct entry *entry, const struct fsroot *root,
		      const char *path)
{
	const char *copy = entry_path(list, path);

	if (entry->overlay_count == ENTRY_OVERLAYS_MAX)
		return entry_grey(list, entry, "it has more than %d device tree overlays",
				  ENTRY_OVERLAYS_MAX);
	if (!copy || arena_grow(list->arena, &entry->overlays, &entry->overlay_capacity,
				entry->overlay_count + 1, sizeof(struct entry_file)))
		return -ENOMEM;
	entry->overlays[entry->overlay_count++] = (struct entry_file){ .root = root, .path = copy };
	return 0;
}

int entry_add_options(struct entry_list *list, struct entry *entry, const char *more)
{
	size_t length = strlen(more), used = entry->options_length;
	size_t need = used + length + 2;

	if (!length)
		return 0;
	if (need > ENTRY_OPTIONS_MAX)
		return entry_grey(list, entry, "its command line is longer than %d bytes",
				  ENTRY_OPTIONS_MAX);
	if (arena_grow(list->arena, &entry->options, &entry->options_capacity, need, 1))
		return -ENOMEM;
	if (used)
		entry->options[used++] = ' ';
	memcpy(entry->options + used, more, length + 1);
	entry->options_length = used + length;
	return 0;
}

const char *entry_path(struct entry_list *list, const char *path)
{
	return fsroot_tidy(list->arena, path);
}

struct entry *entry_list_find(const struct entry_list *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i]->id && !strcmp(list->entries[i]->id, id))
			return list->entries[i];
	return NULL;
}
