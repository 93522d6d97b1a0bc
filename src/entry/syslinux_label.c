// SPDX-License-Identifier: GPL-2.0-or-later
/* From a LABEL of syslinux to a boot entry; see syslinux.h. */
#include "entry/lines.h"
#include "entry/place.h"
#include "entry/syslinux.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define ENTRIES_MAX 500

/* From the folder of the configuration, unless it begins with a slash. NULL: memory is short. */
static const char *resolve(const struct syslinux *s, const char *path)
{
	const char *below = arena_printf(s->list->arena, "%s/%s", s->folder, path);

	if (*path == '/')
		return entry_place_path(s->list, s->source->root, s->place, path);
	return below ? entry_path(s->list, below) : NULL;
}

static int set_file(const struct syslinux *s, struct entry_file *file, const char *path)
{
	*file = (struct entry_file){ .root = s->source->root, .path = resolve(s, path) };
	return file->path ? 0 : -ENOMEM;
}

/* Several in a line are parted by commas. */
static int add_initrds(const struct syslinux *s, struct entry *entry, const char *names)
{
	while (*names) {
		size_t length = strcspn(names, ",");
		char *name = arena_strndup(s->list->arena, names, length);
		const char *path = name && *name ? resolve(s, name) : name;

		if (!path)
			return -ENOMEM;
		if (*path && entry_add_initrd(s->list, entry, s->source->root, path))
			return -ENOMEM;
		names += length + (names[length] == ',');
	}
	return 0;
}

/*
 * The command line without its "initrd=", which is for syslinux: the last one counts, and a line
 * INITRD comes after all.
 */
static int take_append(const struct syslinux *s, struct entry *entry)
{
	const struct syslinux_label *label = &s->label;
	const char *initrd = label->initrd, *append = label->append ?: s->append;
	char *words = arena_strdup(s->list->arena, append ?: ""), *word;

	if (!words)
		return -ENOMEM;
	while ((word = lines_word(&words))) {
		if (!strncmp(word, "initrd=", 7))
			initrd = label->initrd ?: word + 7;
		else if (entry_add_options(s->list, entry, word))
			return -ENOMEM;
	}
	return initrd ? add_initrds(s, entry, initrd) : 0;
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcasecmp(text + length - tail, end);
}

/* What syslinux starts otherwise than as a kernel (syslinux.cfg, "KERNEL-LIKE DIRECTIVES"). */
static bool is_program(const char *kernel)
{
	static const char *const ends[] = { ".c32", ".com", ".cbt", ".bss",
					    ".bs",  ".bin", ".img", ".0" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_in(kernel, ends[i]))
			return true;
	return false;
}

static int take_kernel(const struct syslinux *s, struct entry *entry)
{
	const struct syslinux_label *label = &s->label;

	if (label->not_a_kernel)
		return entry_lead_away(s->list, entry, "%s", label->not_a_kernel);
	if (label->may_be_program && is_program(label->kernel))
		return entry_lead_away(s->list, entry, "%s is a program for syslinux, not a kernel",
				       label->kernel);
	if (!strcmp(label->kernel, "memdisk") || ends_in(label->kernel, "/memdisk"))
		return entry_lead_away(s->list, entry,
				       "memdisk needs a BIOS, which is gone by now");
	return set_file(s, &entry->kernel, label->kernel);
}

static int take_menus(const struct syslinux *s, struct entry *entry)
{
	const char **menus = arena_alloc(s->list->arena, s->menu_count * sizeof(*menus) + 1);

	if (!menus)
		return -ENOMEM;
	for (size_t i = 0; i < s->menu_count; i++)
		menus[i] = s->menus[i];
	entry->menus = menus;
	entry->menu_count = s->menu_count;
	return 0;
}

static int add_entry(struct syslinux *s)
{
	const struct syslinux_label *label = &s->label;
	struct entry *entry =
		entry_list_add(s->list, s->source, ENTRY_SYSLINUX, label->path, label->line);

	if (!entry)
		return -ENOMEM;
	entry->id = label->name;
	entry->title = label->title;
	entry->is_hidden = label->is_hidden;
	if (take_menus(s, entry) || take_append(s, entry) || take_kernel(s, entry) ||
	    (label->devicetree && set_file(s, &entry->devicetree, label->devicetree)))
		return -ENOMEM;
	if (label->needs_overlays)
		return entry_grey(s->list, entry,
				  "it needs device tree overlays, and kexit applies none");
	return 0;
}

/* Without a kernel it is a heading, or a way to another menu. */
static bool is_entry(const struct syslinux_label *label)
{
	return label->name && (label->kernel || label->not_a_kernel);
}

int syslinux_end_label(struct syslinux *s)
{
	const struct syslinux_label *label = &s->label;
	int r = 0;

	if (is_entry(label)) {
		if (s->entry_count < ENTRIES_MAX)
			r = add_entry(s);
		else if (s->entry_count == ENTRIES_MAX)
			r = entry_list_problem(
				s->list, s->source, label->path, label->line,
				"more than %d labels: this and later ones are left out",
				ENTRIES_MAX);
		s->entry_count++;
	}
	s->label = (struct syslinux_label){ .name = NULL };
	return r;
}
