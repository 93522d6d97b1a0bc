// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows to lines; see fold.h. */
#include "ui/fold.h"

#include <stdlib.h>
#include <string.h>

/* What a person did to a submenu. */
struct choice {
	char *name;
	bool is_open;
};

struct fold {
	struct choice *choices;
	size_t choice_count;
	struct fold_line *lines;
	size_t count, capacity;
};

struct fold *fold_new(void)
{
	return calloc(1, sizeof(struct fold));
}

void fold_free(struct fold *fold)
{
	if (!fold)
		return;
	for (size_t i = 0; i < fold->choice_count; i++)
		free(fold->choices[i].name);
	free(fold->choices);
	free(fold->lines);
	free(fold);
}

const char *fold_title(const struct menu_model *model, const struct fold_line *line)
{
	return model->rows[line->row].entry->menus[line->depth];
}

static char *append(char *text, const char *more)
{
	size_t length = text ? strlen(text) : 0;
	char *longer = realloc(text, length + strlen(more) + 2);

	if (!longer) {
		free(text);
		return NULL;
	}
	longer[length] = '\n';
	strcpy(longer + length + 1, more);
	return longer;
}

char *fold_name(const struct menu_model *model, const struct fold_line *line)
{
	const struct menu_row *row = &model->rows[line->row];
	char *name;

	if (!line->count)
		return strdup(row->entry->id);
	/* No id begins so: settle makes control characters blanks. */
	name = append(NULL, row->system);
	for (size_t i = 0; name && i <= line->depth; i++)
		name = append(name, row->entry->menus[i]);
	return name;
}

static struct choice *find(const struct fold *fold, const char *name)
{
	for (size_t i = 0; i < fold->choice_count; i++)
		if (!strcmp(fold->choices[i].name, name))
			return &fold->choices[i];
	return NULL;
}

void fold_set(struct fold *fold, const struct menu_model *model, const struct fold_line *line,
	      bool is_open)
{
	char *name = fold_name(model, line);
	struct choice *choice = name ? find(fold, name) : NULL, *longer;

	if (choice || !name) {
		if (choice)
			choice->is_open = is_open;
		free(name);
		return;
	}
	longer = reallocarray(fold->choices, fold->choice_count + 1, sizeof(*longer));
	if (!longer) {
		free(name);
		return;
	}
	fold->choices = longer;
	fold->choices[fold->choice_count++] = (struct choice){ name, is_open };
}

/* Whether both lie in the same submenu down to @depth titles, of the same system. */
static bool is_together(const struct menu_row *a, const struct menu_row *b, size_t depth)
{
	if (strcmp(a->system, b->system) != 0 || a->entry->menu_count < depth ||
	    b->entry->menu_count < depth)
		return false;
	for (size_t i = 0; i < depth; i++)
		if (strcmp(a->entry->menus[i], b->entry->menus[i]) != 0)
			return false;
	return true;
}

static bool is_open(const struct fold *fold, const struct menu_model *model,
		    const struct fold_line *line)
{
	char *name = fold_name(model, line);
	const struct choice *choice = name ? find(fold, name) : NULL;
	bool open = false;

	free(name);
	if (choice)
		return choice->is_open;
	for (size_t i = line->row; i < line->row + line->count; i++)
		open |= model->rows[i].entry == model->preferred;
	return open;
}

static bool add(struct fold *fold, const struct fold_line *line)
{
	size_t capacity = fold->capacity ? 2 * fold->capacity : 64;
	struct fold_line *longer;

	if (fold->count == fold->capacity) {
		longer = reallocarray(fold->lines, capacity, sizeof(*longer));
		if (!longer)
			return false;
		fold->lines = longer;
		fold->capacity = capacity;
	}
	fold->lines[fold->count++] = *line;
	return true;
}

/* Adds the titles of the submenus that begin with row @row, and the row. Returns the next row to add:
 * behind a closed submenu. 0: memory is short. */
static size_t add_row(struct fold *fold, const struct menu_model *model, size_t row)
{
	const struct menu_row *rows = model->rows;
	size_t depth = 0, menus = rows[row].entry->menu_count;
	bool is_first = row == 0 || !is_together(&rows[row], &rows[row - 1], 0);

	while (row && depth < menus && is_together(&rows[row], &rows[row - 1], depth + 1))
		depth++;
	for (; depth < menus; depth++) {
		struct fold_line line = { .row = row, .depth = depth, .has_heading = is_first };

		while (row + line.count < model->row_count &&
		       is_together(&rows[row], &rows[row + line.count], depth + 1))
			line.count++;
		line.is_open = is_open(fold, model, &line);
		if (!add(fold, &line))
			return 0;
		if (!line.is_open)
			return row + line.count;
		is_first = false;
	}
	return add(fold, &(struct fold_line){ row, menus, 0, false, is_first }) ? row + 1 : 0;
}

const struct fold_line *fold_lines(struct fold *fold, const struct menu_model *model,
				   size_t *ret_count)
{
	fold->count = 0;
	for (size_t row = 0; row < model->row_count;) {
		row = add_row(fold, model, row);
		if (row)
			continue;
		fold->count = 0;
		break;
	}
	*ret_count = fold->count;
	return fold->lines;
}
