// SPDX-License-Identifier: GPL-2.0-or-later
/* From volumes to rows; see shown.h. */
#include "boot/shown.h"

#include <stdio.h>
#include <stdlib.h>

void shown_done(struct shown *shown)
{
	for (size_t i = 0; i < shown->system_count; i++)
		free(shown->systems[i]);
	free(shown->systems);
	free(shown->rows);
	*shown = (struct shown){ .rows = NULL };
}

/* "Debian GNU/Linux 12 (bookworm), nvme0n1p2"; a boot partition has a label at best. */
static char *make_system(const struct volume_view *view)
{
	char *text;
	int n;

	if (*view->offer->system)
		n = asprintf(&text, "%s, %s", view->offer->system, view->name);
	else if (*view->label)
		n = asprintf(&text, "%s (%s)", view->name, view->label);
	else
		n = asprintf(&text, "%s", view->name);
	return n < 0 ? NULL : text;
}

static void add_rows(struct shown *shown, const struct volume_view *view)
{
	const struct entry_list *list = view->offer->list;
	char *system = make_system(view);

	if (!system)
		return;
	shown->systems[shown->system_count++] = system;
	for (size_t i = 0; i < list->count; i++)
		if (!list->entries[i]->is_hidden)
			shown->rows[shown->count++] = (struct menu_row){
				.entry = list->entries[i],
				.system = system,
			};
}

void shown_make(struct shown *shown, const struct volumes *volumes)
{
	size_t volume_count = volumes_count(volumes), entries = 0;

	shown_done(shown);
	for (size_t i = 0; i < volume_count; i++)
		entries += volumes_get(volumes, i).offer->list->count;
	shown->rows = calloc(entries + 1, sizeof(*shown->rows));
	shown->systems = calloc(volume_count + 1, sizeof(*shown->systems));
	for (size_t i = 0; shown->rows && shown->systems && i < volume_count; i++) {
		struct volume_view view = volumes_get(volumes, i);

		add_rows(shown, &view);
	}
}
