// SPDX-License-Identifier: GPL-2.0-or-later
/* What keys do to a menu; see menu.h. */
#include "ui/menu.h"

#include "ui/files.h"
#include "ui/menu_state.h"

#include <stdlib.h>
#include <string.h>

struct menu *menu_new(void)
{
	struct menu *menu = calloc(1, sizeof(*menu));

	if (!menu)
		return NULL;
	menu->fold = fold_new();
	if (!menu->fold) {
		free(menu);
		return NULL;
	}
	return menu;
}

void menu_free(struct menu *menu)
{
	if (!menu)
		return;
	fold_free(menu->fold);
	free(menu->selected_name);
	free(menu);
}

const struct fold_line *menu_selected_line(struct menu *menu, const struct menu_model *model)
{
	size_t count;
	const struct fold_line *lines = fold_lines(menu->fold, model, &count);

	return menu->selected < count ? &lines[menu->selected] : NULL;
}

const struct menu_row *menu_selected(struct menu *menu, const struct menu_model *model)
{
	const struct fold_line *line = menu_selected_line(menu, model);

	return line && !line->count ? &model->rows[line->row] : NULL;
}

/* ---- the selection */

static void select_line(struct menu *menu, const struct menu_model *model, size_t at)
{
	const struct fold_line *line;

	menu->selected = at;
	line = menu_selected_line(menu, model);
	/* Without memory for its name a rescan falls back to the default: no reason to fail. */
	free(menu->selected_name);
	menu->selected_name = line ? fold_name(model, line) : NULL;
}

/* The line of @entry, else of the first closed submenu that it lies in; 0 where it is in none. */
static size_t line_of(struct menu *menu, const struct menu_model *model, const struct entry *entry)
{
	size_t count, best = 0;
	const struct fold_line *lines = fold_lines(menu->fold, model, &count);

	for (size_t i = 0; i < count; i++)
		for (size_t row = lines[i].row; row < lines[i].row + (lines[i].count ?: 1); row++)
			if (model->rows[row].entry == entry)
				best = i;
	return best;
}

static bool find_name(struct menu *menu, const struct menu_model *model, const char *name,
		      size_t *ret_line)
{
	size_t count;
	const struct fold_line *lines = fold_lines(menu->fold, model, &count);
	bool found = false;

	for (size_t i = 0; i < count && !found; i++) {
		char *own = fold_name(model, &lines[i]);

		found = own && !strcmp(own, name);
		if (found)
			*ret_line = i;
		free(own);
	}
	return found;
}

void menu_update(struct menu *menu, const struct menu_model *model)
{
	size_t line;

	if (menu->was_moved && menu->selected_name &&
	    find_name(menu, model, menu->selected_name, &line)) {
		menu->selected = line;
		return;
	}
	menu->selected = line_of(menu, model, model->preferred);
	if (!menu->was_moved && model->row_count) {
		select_line(menu, model, menu->selected);
		return;
	}
	/* What was chosen is gone with its disk, and is chosen again when that is back: a rescan finds
	 * one disk after the other. */
	if (menu->page == PAGE_EDIT || menu->page == PAGE_DETAILS)
		menu->page = PAGE_LIST;
}

/* A screenful, of the screen last drawn. */
static size_t page_rows(const struct menu *menu)
{
	return menu->room ?: 1;
}

static void move(struct menu *menu, const struct menu_model *model, int key)
{
	size_t count, at = menu->selected, page = page_rows(menu);

	fold_lines(menu->fold, model, &count);
	if (count == 0)
		return;
	if (key == UI_KEY_UP || key == 'k')
		at = at > 0 ? at - 1 : 0;
	else if (key == UI_KEY_DOWN || key == 'j')
		at++;
	else if (key == UI_KEY_PAGE_UP)
		at = at > page ? at - page : 0;
	else if (key == UI_KEY_PAGE_DOWN)
		at += page;
	else
		at = key == UI_KEY_HOME ? 0 : count - 1;
	menu->was_moved = true;
	select_line(menu, model, at < count ? at : count - 1);
}

/* ---- submenus */

static void set_submenu(struct menu *menu, const struct menu_model *model, bool is_open)
{
	const struct fold_line *line = menu_selected_line(menu, model);
	size_t at = menu->selected;

	if (!line || !line->count)
		return;
	menu->was_moved = true;
	fold_set(menu->fold, model, line, is_open);
	select_line(menu, model, at);
}

/* Closes the submenu that is selected, or the one that the selected entry lies in. */
static void close_submenu(struct menu *menu, const struct menu_model *model)
{
	size_t count, at = menu->selected;
	const struct fold_line *lines = fold_lines(menu->fold, model, &count);
	size_t depth = at < count ? lines[at].depth : 0;

	if (at >= count || (depth == 0 && !lines[at].count))
		return;
	if (!lines[at].count || !lines[at].is_open)
		while (at > 0 && !(lines[at].count && lines[at].depth < depth))
			at--;
	if (!lines[at].count)
		return;
	menu->selected = at;
	set_submenu(menu, model, false);
}

/* ---- one page each */

static struct menu_event nothing(void)
{
	return (struct menu_event){ .action = MENU_NOTHING };
}

static void open_page(struct menu *menu, enum menu_page page)
{
	menu->page = page;
	menu->scroll = menu->scroll_max = 0;
}

/* What the fields of PAGE_EDIT say of @entry before anybody has edited them. */
static void fill_field(const struct menu_model *model, const struct entry *entry,
		       enum menu_field field, struct editor *editor)
{
	char text[EDITOR_MAX + 1];

	if (field == FIELD_OPTIONS)
		editor_set(editor, entry->options ?: "");
	else if (field == FIELD_KERNEL)
		files_text(entry, &entry->kernel, 1, model->mounts ?: "", text, sizeof(text));
	else
		files_text(entry, entry->initrds, entry->initrd_count, model->mounts ?: "", text,
			   sizeof(text));
	if (field != FIELD_OPTIONS)
		editor_set(editor, text);
}

/* The text of a field with files; NULL where it says what it said at first. */
static const char *edited_files(struct menu *menu, const struct menu_model *model,
				const struct entry *entry, enum menu_field field)
{
	static struct editor before;

	fill_field(model, entry, field, &before);
	return strcmp(before.text, menu->editors[field].text) ? menu->editors[field].text : NULL;
}

static struct menu_event boot(struct menu *menu, const struct menu_model *model)
{
	const struct menu_row *row = menu_selected(menu, model);
	struct menu_event event = { .action = MENU_BOOT };

	/* A greyed entry tells its reason in the list, and does nothing more. */
	if (!row || row->entry->greyed)
		return nothing();
	event.entry = row->entry;
	if (menu->page == PAGE_EDIT) {
		event.kernel = edited_files(menu, model, row->entry, FIELD_KERNEL);
		event.initrds = edited_files(menu, model, row->entry, FIELD_INITRDS);
	} else {
		fill_field(model, row->entry, FIELD_OPTIONS, &menu->editors[FIELD_OPTIONS]);
	}
	event.options = menu->editors[FIELD_OPTIONS].text;
	menu->page = PAGE_LIST;
	return event;
}

static void start_edit(struct menu *menu, const struct menu_model *model)
{
	const struct menu_row *row = menu_selected(menu, model);

	if (!row || row->entry->greyed)
		return;
	menu->was_moved = true;
	for (int field = 0; field < MENU_FIELDS; field++)
		fill_field(model, row->entry, (enum menu_field)field, &menu->editors[field]);
	menu->field = FIELD_OPTIONS;
	open_page(menu, PAGE_EDIT);
}

static struct menu_event ask(struct menu *menu, enum menu_action action)
{
	menu->asked = action;
	open_page(menu, PAGE_CONFIRM);
	return nothing();
}

/* A page whose text is to be made. */
static struct menu_event want_page(struct menu *menu, int key)
{
	open_page(menu, key == 'p' ? PAGE_PLAN : key == 'i' ? PAGE_INFO : PAGE_LOG);
	return (struct menu_event){ .action = key == 'p'   ? MENU_WANT_PLAN
					      : key == 'i' ? MENU_WANT_INFO
							   : MENU_WANT_LOG };
}

static struct menu_event enter(struct menu *menu, const struct menu_model *model)
{
	const struct fold_line *line = menu_selected_line(menu, model);

	if (!line || !line->count)
		return boot(menu, model);
	set_submenu(menu, model, !line->is_open);
	return nothing();
}

static struct menu_event list_key(struct menu *menu, const struct menu_model *model, int key)
{
	switch (key) {
	case UI_KEY_UP:
	case UI_KEY_DOWN:
	case UI_KEY_HOME:
	case UI_KEY_END:
	case UI_KEY_PAGE_UP:
	case UI_KEY_PAGE_DOWN:
	case 'j':
	case 'k':
		move(menu, model, key);
		return nothing();
	case UI_KEY_ENTER:
		return enter(menu, model);
	case UI_KEY_RIGHT:
		set_submenu(menu, model, true);
		return nothing();
	case UI_KEY_LEFT:
		close_submenu(menu, model);
		return nothing();
	case 'e':
		start_edit(menu, model);
		return nothing();
	case 'd':
		if (menu_selected(menu, model))
			open_page(menu, PAGE_DETAILS);
		return nothing();
	case 'p':
	case 'i':
	case 'l':
		return want_page(menu, key);
	case 't':
		open_page(menu, PAGE_LAST);
		return nothing();
	case '?':
	case 'h':
		open_page(menu, PAGE_HELP);
		return nothing();
	case 'r':
		return (struct menu_event){ .action = MENU_RESCAN };
	case 's':
		return (struct menu_event){ .action = MENU_SHELL };
	case 'R':
		return ask(menu, MENU_REBOOT);
	case 'O':
		return ask(menu, MENU_POWER_OFF);
	}
	return nothing();
}

static struct menu_event edit_key(struct menu *menu, const struct menu_model *model, int key)
{
	if (editor_key(&menu->editors[menu->field], key))
		return nothing();
	if (key == UI_KEY_UP && menu->field > 0)
		menu->field--;
	else if (key == UI_KEY_DOWN && menu->field + 1 < MENU_FIELDS)
		menu->field++;
	else if (key == UI_KEY_TAB)
		menu->field = (menu->field + 1) % MENU_FIELDS;
	if (key == UI_KEY_ENTER)
		return boot(menu, model);
	if (key == UI_KEY_ESCAPE)
		open_page(menu, PAGE_LIST);
	return nothing();
}

static struct menu_event confirm_key(struct menu *menu, int key)
{
	open_page(menu, PAGE_LIST);
	return (struct menu_event){ .action =
					    key == 'y' || key == 'Y' ? menu->asked : MENU_NOTHING };
}

static struct menu_event page_key(struct menu *menu, int key)
{
	size_t page = page_rows(menu), scroll = menu->scroll;

	switch (key) {
	case UI_KEY_UP:
	case 'k':
		scroll -= scroll > 0;
		break;
	case UI_KEY_PAGE_UP:
		scroll = scroll > page ? scroll - page : 0;
		break;
	case UI_KEY_DOWN:
	case 'j':
		scroll++;
		break;
	case UI_KEY_PAGE_DOWN:
	case ' ':
		scroll += page;
		break;
	case UI_KEY_HOME:
		scroll = 0;
		break;
	case UI_KEY_END:
		scroll = menu->scroll_max;
		break;
	case UI_KEY_ESCAPE:
	case UI_KEY_ENTER:
	case 'q':
		open_page(menu, PAGE_LIST);
		return nothing();
	}
	menu->scroll = scroll < menu->scroll_max ? scroll : menu->scroll_max;
	return nothing();
}

struct menu_event menu_key(struct menu *menu, const struct menu_model *model, int key)
{
	if (key == UI_KEY_REPAINT)
		return (struct menu_event){ .action = MENU_REPAINT };
	if (key == UI_KEY_NONE || model->progress)
		return nothing();
	switch (menu->page) {
	case PAGE_LIST:
		return list_key(menu, model, key);
	case PAGE_EDIT:
		return edit_key(menu, model, key);
	case PAGE_CONFIRM:
		return confirm_key(menu, key);
	case PAGE_DETAILS:
	case PAGE_PLAN:
	case PAGE_LAST:
	case PAGE_INFO:
	case PAGE_LOG:
	case PAGE_HELP:
		break;
	}
	return page_key(menu, key);
}
