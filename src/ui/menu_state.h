/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a menu remembers between keys: shared by what moves it (menu.c) and what draws it. */
#pragma once

#include "ui/editor.h"
#include "ui/fold.h"
#include "ui/menu.h"

enum menu_page {
	PAGE_LIST,
	PAGE_EDIT,    /* kernel, initrds and command line of the selected entry */
	PAGE_DETAILS, /* its files and where it comes from */
	PAGE_PLAN,
	PAGE_LAST,
	PAGE_INFO,
	PAGE_LOG,
	PAGE_HELP,
	PAGE_CONFIRM, /* reboot or power off: y or n */
};

/* Of PAGE_EDIT, from top to bottom. */
enum menu_field { FIELD_KERNEL, FIELD_INITRDS, FIELD_OPTIONS, MENU_FIELDS };

struct menu {
	enum menu_page page;
	struct fold *fold;
	size_t selected;	/* line of the fold */
	bool was_moved;		/* a person chose: a rescan must not take the default instead */
	char *selected_name;	/* of the selected line, for the next rescan; NULL: none */
	size_t top;		/* first row of the list that is shown, headings counted */
	size_t scroll;		/* first row of a page's text that is shown */
	size_t scroll_max;	/* with which its last row is, on the screen last drawn */
	size_t room;		/* rows for the list or the text, there */
	enum menu_action asked; /* of PAGE_CONFIRM */
	struct editor editors[MENU_FIELDS]; /* of PAGE_EDIT, and the options of the last boot */
	enum menu_field field;		    /* the one that is edited */
};

/* The text of the page shown, lines ending in "\n"; "" for a page without one. @buffer holds what has to be
 * made; what does not fit is cut off. */
const char *menu_page_text(struct menu *menu, const struct menu_model *model, char *buffer,
			   size_t size);

/* The line selected, or NULL in an empty menu. */
const struct fold_line *menu_selected_line(struct menu *menu, const struct menu_model *model);

/* The row selected, or NULL where that is a submenu, or the menu is empty. */
const struct menu_row *menu_selected(struct menu *menu, const struct menu_model *model);
