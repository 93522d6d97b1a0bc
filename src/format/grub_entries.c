// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's menus as entries: each item by its id, or the titles that lead to it. */
#include "base/map.h"
#include "format/grub.h"
#include "format/uki.h"

#include <errno.h>
#include <string.h>

/* Titles of submenus in each other, of which each may be long, and each entry has them in its id. */
#define PATH_BYTES_MAX 4096

struct maker {
	struct grub_reader *reader;
	struct map *ids; /* of the entries made so far */
};

/* The submenus around what is being made. */
struct place {
	const char *const *menus;
	size_t menu_count;
	const char *path; /* their titles, with ">" between and behind */
};

/* What an id was given to before, and how many had to be called otherwise. */
struct namesakes {
	unsigned int count;
};

/* An id as GRUB has it, and no other entry of this menu: a default by number must mean one entry. */
static const char *make_id(struct maker *m, const struct grub_item *item, const struct place *place)
{
	struct arena *arena = m->reader->list->arena;
	const char *id = item->id ? arena_strdup(arena, item->id)
				  : arena_printf(arena, "%s%s", place->path, item->title);
	struct namesakes *first;
	const char *base;

	/* A title that could not be read, or one of '': it is to be named all the same. */
	if (id && !*id)
		id = entry_format_name(ENTRY_GRUB);
	first = id ? map_get(m->ids, id) : NULL;
	base = id;
	while (first && id && map_get(m->ids, id))
		id = arena_printf(arena, "%s#%u", base, ++first->count + 1);
	first = arena_alloc(arena, sizeof(*first));
	return !id || !first || map_put(m->ids, id, first) ? NULL : id;
}

/* @text as the list keeps it; NULL stays. */
static int copy_text(struct arena *arena, const char *text, const char **ret_copy)
{
	*ret_copy = text ? arena_strdup(arena, text) : NULL;
	return text && !*ret_copy ? -ENOMEM : 0;
}

static int copy_file(struct arena *arena, const struct grub_file *file, struct entry_file *ret_file)
{
	ret_file->root = file->root;
	return file->root ? copy_text(arena, file->path, &ret_file->path) : 0;
}

static int take_boot(struct entry_list *list, struct entry *entry, const struct grub_boot *boot)
{
	struct arena *arena = list->arena;
	int r = copy_text(arena, boot->greyed, &entry->greyed);

	entry->leads_away = boot->leads_away;

	r = r ?: copy_file(arena, &boot->kernel, &entry->kernel);
	r = r ?: copy_file(arena, &boot->devicetree, &entry->devicetree);
	for (size_t i = 0; !r && i < boot->initrd_count; i++)
		r = entry_add_initrd(list, entry, boot->initrds[i].root, boot->initrds[i].path);
	return r ?: entry_add_options(list, entry, boot->options.text ?: "");
}

/* A unified kernel image, which has its own title. */
static int take_image(struct maker *m, struct entry *entry, const struct grub_item *item,
		      struct entry_source source)
{
	struct entry_list *list = m->reader->list;
	/* The entry outlives the script's run, in whose arena the item's path is. */
	const char *path = arena_strdup(list->arena, item->image);

	entry->title = NULL;
	return path ? uki_take(list, &source, m->reader->place, entry, path, 0) : -ENOMEM;
}

static int add_entry(struct maker *m, struct grub_item *item, const struct place *place)
{
	struct entry_list *list = m->reader->list;
	struct entry_source source = *m->reader->source;
	const char *id = make_id(m, item, place);
	struct entry *entry;
	int r;

	source.root = item->root;
	entry = id ? entry_list_add(list, &source, ENTRY_GRUB, item->path, item->line) : NULL;
	if (!entry)
		return -ENOMEM;
	entry->id = id;
	entry->menus = place->menus;
	entry->menu_count = place->menu_count;
	entry->is_hidden = item->is_hidden;
	entry->is_unrestricted = item->is_unrestricted;
	item->made = entry;
	r = copy_text(list->arena, item->title, &entry->title);
	r = r ?: copy_text(list->arena, item->version, &entry->version);
	r = r ?: take_boot(list, entry, item->boot);
	return r || !item->image ? r : take_image(m, entry, item, source);
}

static int add_menu(struct maker *m, const struct grub_menu *menu, const struct place *place);

static int add_submenu(struct maker *m, const struct grub_item *item, const struct place *place)
{
	struct arena *arena = m->reader->list->arena;
	const char **menus = arena_alloc(arena, (place->menu_count + 1) * sizeof(*menus));
	struct place inner = {
		.menus = menus,
		.menu_count = place->menu_count + 1,
		.path = place->path,
	};

	if (strlen(place->path) + strlen(item->title) < PATH_BYTES_MAX)
		inner.path = arena_printf(arena, "%s%s>", place->path, item->title);

	if (!menus || !inner.path)
		return -ENOMEM;
	if (place->menu_count)
		memcpy(menus, place->menus, place->menu_count * sizeof(*menus));
	return copy_text(arena, item->title, &menus[place->menu_count])
		       ?: add_menu(m, item->menu, &inner);
}

/* Submenus lie as deep in each other as the interpreter lets them, GRUB_CALLS_MAX. */
static int add_menu(struct maker *m, const struct grub_menu *menu, const struct place *place)
{
	int r = 0;

	for (struct grub_item *item = menu->first; !r && item; item = item->next) {
		if (item->menu)
			r = add_submenu(m, item, place);
		else if (item->boot)
			r = add_entry(m, item, place);
	}
	return r;
}

int grub_entries_add(struct grub_reader *reader, const struct grub_menu *menu)
{
	struct maker m = { .reader = reader, .ids = map_new() };
	const struct place place = { .path = "" };
	int r = m.ids ? add_menu(&m, menu, &place) : -ENOMEM;

	map_free(m.ids);
	return r;
}

struct entry *grub_entries_find(const struct grub_menu *menu, const char *name)
{
	const struct grub_item *item = grub_menu_find(menu, name);

	return item ? item->made : NULL;
}

struct entry *grub_entries_default(const struct grub_menu *menu, const char *name)
{
	const struct grub_item *item = grub_menu_default(menu, name);

	return item ? item->made : NULL;
}
