/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Submenus that fold: the lines of a list, made of a model's rows and of what a person opened or closed.
 * A submenu is closed at first, unless the default lies in it.
 */
#pragma once

#include "ui/menu.h"

/* One line: an entry, or the title of a submenu whose entries follow where it is open. */
struct fold_line {
	size_t row;   /* the entry's; of a submenu, its first */
	size_t depth; /* how many submenus it lies in */
	size_t count; /* of a submenu: its rows, which are next to each other; 0: it is an entry */
	bool is_open;
	bool has_heading; /* the first line of its system */
};

struct fold;

/* NULL when memory is short. */
struct fold *fold_new(void);
void fold_free(struct fold *fold);

/* The lines for @model as it is now: valid until the next call. Where memory is short, none. */
const struct fold_line *fold_lines(struct fold *fold, const struct menu_model *model,
				   size_t *ret_count);

/* Opens or closes the submenu of @line. */
void fold_set(struct fold *fold, const struct menu_model *model, const struct fold_line *line,
	      bool is_open);

/* The title of the submenu of @line. */
const char *fold_title(const struct menu_model *model, const struct fold_line *line);

/*
 * A name for @line that is the same after a rescan: an entry's id; of a submenu, the titles that lead
 * to it, below its system. The caller frees it; NULL when memory is short.
 */
char *fold_name(const struct menu_model *model, const struct fold_line *line);
