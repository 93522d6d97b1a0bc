// SPDX-License-Identifier: GPL-2.0-or-later
/* What keys do to a menu; see menu.h. */
#include "ui/menu.h"

#include "ui/menu_state.h"

#include <stdlib.h>
#include <string.h>

struct menu *menu_new(void)
{
	return calloc(1, sizeof(struct menu));
}

void menu_free(struct menu *menu)
{
	if (!menu)
		return;
	free(menu->selected_id);
	free(menu);
}

const struct menu_row *menu_selected(const struct menu *menu, const struct menu_model *model)
{
	return menu->selected < model->row_count ? &model->rows[menu->selected] : NULL;
}

/* ---- the selection */

static void select_row(struct menu *menu, const struct menu_model *model, size_t row)
{
	char *id = strdup(model->rows[row].entry->id);

	/* Without memory for its name a rescan falls back to the default: no reason to fail. */
	free(menu->selected_id);
	menu->selected_id = id;
	menu->selected = row;
}

static size_t row_of(const struct menu_model *model, const struct entry *entry)
{
	for (size_t i = 0; i < model->row_count; i++)
		if (model->rows[i].entry == entry)
			return i;
	return 0;
}

static bool find_id(const struct menu_model *model, const char *id, size_t *ret_row)
{
	for (size_t i = 0; i < model->row_count; i++) {
		if (strcmp(model->rows[i].entry->id, id) != 0)
			continue;
		*ret_row = i;
		return true;
	}
	return false;
}

void menu_update(struct menu *menu, const struct menu_model *model)
{
	size_t row;

	if (menu->was_moved && menu->selected_id && find_id(model, menu->selected_id, &row)) {
		menu->selected = row;
		return;
	}
	menu->selected = row_of(model, model->preferred);
	if (!menu->was_moved && model->row_count) {
		select_row(menu, model, menu->selected);
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
	size_t last = model->row_count - 1, row = menu->selected, page = page_rows(menu);

	if (model->row_count == 0)
		return;
	if (key == UI_KEY_UP || key == 'k')
		row = row > 0 ? row - 1 : 0;
	else if (key == UI_KEY_DOWN || key == 'j')
		row++;
	else if (key == UI_KEY_PAGE_UP)
		row = row > page ? row - page : 0;
	else if (key == UI_KEY_PAGE_DOWN)
		row += page;
	else
		row = key == UI_KEY_HOME ? 0 : last;
	menu->was_moved = true;
	select_row(menu, model, row < last ? row : last);
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

static struct menu_event boot(struct menu *menu, const struct menu_model *model)
{
	const struct menu_row *row = menu_selected(menu, model);

	/* A greyed entry tells its reason in the list, and does nothing more. */
	if (!row || row->entry->greyed)
		return nothing();
	if (menu->page != PAGE_EDIT)
		editor_set(&menu->editor, row->entry->options ?: "");
	menu->page = PAGE_LIST;
	return (struct menu_event){ .action = MENU_BOOT,
				    .entry = row->entry,
				    .options = menu->editor.text };
}

static void start_edit(struct menu *menu, const struct menu_model *model)
{
	const struct menu_row *row = menu_selected(menu, model);

	if (!row || row->entry->greyed)
		return;
	menu->was_moved = true;
	editor_set(&menu->editor, row->entry->options ?: "");
	open_page(menu, PAGE_EDIT);
}

static struct menu_event ask(struct menu *menu, enum menu_action action)
{
	menu->asked = action;
	open_page(menu, PAGE_CONFIRM);
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
		return boot(menu, model);
	case 'e':
		start_edit(menu, model);
		return nothing();
	case 'd':
		if (model->row_count)
			open_page(menu, PAGE_DETAILS);
		return nothing();
	case 'p':
		open_page(menu, PAGE_PLAN);
		return (struct menu_event){ .action = MENU_WANT_PLAN };
	case 'l':
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
	if (editor_key(&menu->editor, key))
		return nothing();
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
	case PAGE_HELP:
		break;
	}
	return page_key(menu, key);
}
