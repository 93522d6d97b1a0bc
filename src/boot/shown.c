// SPDX-License-Identifier: GPL-2.0-or-later
/* From volumes to rows; see shown.h. */
#include "boot/shown.h"

#include "boot/root_word.h"
#include "offer/sameness.h"
#include "ui/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An entry on its way to a row. */
struct item {
	const struct entry *entry;
	size_t view;	  /* that offers it */
	size_t system;	  /* the view of the system that it boots */
	size_t twin_view; /* of the first twin that went; the count of views: none did */
	char *also;
	bool is_dropped;
};

struct work {
	struct arena *arena;
	const struct volume_view *views;
	size_t view_count;
	const struct shown_wish *wish;
	struct item *items;
	size_t count;
};

void shown_done(struct shown *shown)
{
	arena_free(shown->arena);
	*shown = (struct shown){ .rows = NULL };
}

/*
 * Twins.
 */

/* Two files of one size and path, on two file systems of one UUID. */
static bool is_copied_file(const struct entry_file *a, const struct entry_file *b)
{
	if (!a->root || !b->root)
		return !a->root && !b->root;
	return a->offset == b->offset && a->length == b->length && !strcmp(a->path, b->path);
}

static bool is_copy(const struct work *w, const struct item *a, const struct item *b)
{
	const struct entry *x = a->entry, *y = b->entry;
	const char *uuid = w->views[a->view].uuid;

	if (!*uuid || strcmp(uuid, w->views[b->view].uuid) != 0 ||
	    strcmp(x->title, y->title) != 0 || x->initrd_count != y->initrd_count ||
	    !is_copied_file(&x->kernel, &y->kernel))
		return false;
	for (size_t i = 0; i < x->initrd_count; i++)
		if (!is_copied_file(&x->initrds[i], &y->initrds[i]))
			return false;
	/* The first of them failed: the other one may be whole. */
	return !w->wish->failed_id ||
	       (strcmp(x->id, w->wish->failed_id) != 0 && strcmp(y->id, w->wish->failed_id) != 0);
}

/* Of one file system both are there on purpose. */
static bool is_twin(const struct work *w, const struct item *a, const struct item *b)
{
	if (a->view == b->view || a->is_dropped || !a->entry->kernel.root || !b->entry->kernel.root)
		return false;
	return (sameness_of_files(a->entry, b->entry) || is_copy(w, a, b)) &&
	       sameness_of_options(a->entry, b->entry);
}

/* Among those before @item; one of the same title, if there is one. */
static struct item *find_twin(const struct work *w, const struct item *item)
{
	struct item *found = NULL;

	for (struct item *other = w->items; other < item; other++) {
		if (!is_twin(w, other, item))
			continue;
		if (!strcmp(other->entry->title, item->entry->title))
			return other;
		found = found ?: other;
	}
	return found;
}

static bool is_better(const struct work *w, const struct entry *a, const struct entry *b)
{
	if (a == w->wish->preferred || b == w->wish->preferred)
		return a == w->wish->preferred;
	return !a->greyed && b->greyed;
}

static char *place_of(const struct work *w, const struct item *item)
{
	const struct entry *entry = item->entry;
	const char *volume = files_volume(entry->root, VOLUMES_DIR);
	const char *name = w->views[item->view].name;
	bool is_elsewhere = strncmp(volume, name, strlen(name)) != 0;
	char line[32] = "";

	if (entry->line)
		snprintf(line, sizeof(line), ", line %u", entry->line);
	return arena_printf(w->arena, "%s: %s%s%s%s", volume, entry->path, line,
			    is_elsewhere ? ", by way of " : "", is_elsewhere ? name : "");
}

/* @item goes into @twin; which of the two is shown, the other one's place is named. */
static void merge(struct work *w, struct item *twin, struct item *item)
{
	char *place;

	item->is_dropped = true;
	if (is_better(w, item->entry, twin->entry)) {
		struct item kept = *twin;

		twin->entry = item->entry;
		twin->view = item->view;
		item->entry = kept.entry;
		item->view = kept.view;
	}
	if (twin->twin_view == w->view_count)
		twin->twin_view = item->view;
	place = place_of(w, item);
	if (twin->also && place)
		twin->also = arena_printf(w->arena, "%s\n%s", twin->also, place);
	else
		twin->also = place;
}

/*
 * Systems.
 */

static const char *system_of(const struct work *w, size_t view)
{
	return view < w->view_count ? w->views[view].offer->system : "";
}

/* What it mounts as its root is what it boots; where that is not to be seen, what it lies on. */
static size_t find_system(const struct work *w, const struct item *item)
{
	size_t root = root_word_find(item->entry->options ?: "", w->views, w->view_count);

	return *system_of(w, root) ? root : item->view;
}

static const char *add_place(const struct work *w, const char *places, size_t view)
{
	const char *name = w->views[view].name;

	for (const char *at = places; (at = strstr(at, name)); at += strlen(name))
		if ((at == places || at[-1] == ' ') &&
		    (!at[strlen(name)] || at[strlen(name)] == ','))
			return places;
	return *places ? arena_printf(w->arena, "%s, %s", places, name)
		       : arena_strdup(w->arena, name);
}

/* "Debian GNU/Linux 12 (bookworm), nvme0n1p2, nvme0n1p1": where it is, and who else offers it. A
 * file system without a system has its label at best. */
static const char *make_heading(const struct work *w, size_t system)
{
	const char *places = add_place(w, "", system);
	const struct volume_view *view = &w->views[system];

	for (size_t i = 0; places && i < w->count; i++) {
		const struct item *item = &w->items[i];

		if (item->is_dropped || item->system != system)
			continue;
		places = add_place(w, places, item->view);
		if (places && item->twin_view < w->view_count)
			places = add_place(w, places, item->twin_view);
	}
	if (!places)
		return NULL;
	if (*view->offer->system)
		return arena_printf(w->arena, "%s, %s", view->offer->system, places);
	return *view->label ? arena_printf(w->arena, "%s (%s)", places, view->label) : places;
}

/*
 * All of it.
 */

static void take_items(struct work *w)
{
	for (size_t view = 0; view < w->view_count; view++) {
		const struct entry_list *list = w->views[view].offer->list;

		for (size_t i = 0; i < list->count; i++) {
			struct item *item = &w->items[w->count], *twin;

			if (list->entries[i]->is_hidden)
				continue;
			*item = (struct item){
				.entry = list->entries[i],
				.view = view,
				.twin_view = w->view_count,
			};
			w->count++;
			twin = find_twin(w, item);
			if (twin)
				merge(w, twin, item);
		}
	}
	for (size_t i = 0; i < w->count; i++)
		w->items[i].system = find_system(w, &w->items[i]);
}

/* The rows of a system are next to each other, where its first one is. */
static void add_system(struct work *w, size_t first, struct shown *shown)
{
	size_t system = w->items[first].system;
	const char *heading = make_heading(w, system);

	for (size_t i = first; heading && i < w->count; i++) {
		struct item *item = &w->items[i];

		if (item->is_dropped || item->system != system)
			continue;
		shown->rows[shown->count++] = (struct menu_row){
			.entry = item->entry,
			.system = heading,
			.place = w->views[item->view].name,
			.also = item->also,
		};
		item->is_dropped = true;
	}
}

void shown_make(struct shown *shown, const struct volume_view *views, size_t count,
		const struct shown_wish *wish)
{
	struct work w = { .views = views, .view_count = count, .wish = wish };
	size_t entries = 0;

	shown_done(shown);
	shown->arena = w.arena = arena_new();
	if (!w.arena)
		return;
	for (size_t i = 0; i < count; i++)
		entries += views[i].offer->list->count;
	w.items = arena_alloc(w.arena, (entries + 1) * sizeof(*w.items));
	shown->rows = arena_alloc(w.arena, (entries + 1) * sizeof(*shown->rows));
	if (!w.items || !shown->rows)
		return;
	take_items(&w);
	for (size_t i = 0; i < w.count; i++)
		if (!w.items[i].is_dropped)
			add_system(&w, i, shown);
}
