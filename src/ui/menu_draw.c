// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a menu looks. From the top: the title, what went wrong, the page, what is to be known of the
 * selected entry, the countdown or the progress, and the keys.
 */
#include "ui/menu_state.h"
#include "ui/plain.h"

#include <stdio.h>
#include <string.h>

#define PAGE_TEXT_MAX 16384

/* A message is at most so many rows, and one where there are few. */
#define TROUBLE_ROWS  3
#define FEW_ROWS      16

static unsigned int bottom(const struct screen *screen, unsigned int line)
{
	return screen_height(screen) - 1 - line;
}

/* What of @text stands in one row: a long line, such as a command line, goes on in the next, where it
 * can after a blank. */
static size_t row_length(const char *text, size_t width, const char **ret_next)
{
	size_t length = strcspn(text, "\n"), shown = length < width ? length : width;

	for (size_t at = shown; length > width && at > width / 2; at--) {
		if (text[at] != ' ')
			continue;
		shown = at;
		break;
	}
	*ret_next = text + shown;
	if (shown < length ? text[shown] == ' ' : text[shown] == '\n')
		++*ret_next;
	return shown;
}

static void draw_title(const struct menu_model *model, struct screen *screen)
{
	screen_put(screen, 0, 1, EMPHASIS_NONE, "%s", model->title ?: "kexit-boot");
	screen_emphasize(screen, 0, EMPHASIS_REVERSE);
}

/* @mark and @text, NULL for none, from @row on; returns the row below. */
static unsigned int draw_message(struct screen *screen, unsigned int row, char mark,
				 const char *text)
{
	unsigned int most = screen_height(screen) < FEW_ROWS ? 1 : TROUBLE_ROWS;
	const char *next;

	for (unsigned int i = 0; text && *text && i < most; i++, text = next) {
		size_t length = row_length(text, screen_width(screen) - 4, &next);

		screen_put(screen, row++, 1, EMPHASIS_STRONG, "%c %.*s", i == 0 ? mark : ' ',
			   (int)length, text);
	}
	return row;
}

/* From row 1 on; returns the row where the page begins. */
static unsigned int draw_trouble(const struct menu_model *model, struct screen *screen)
{
	unsigned int row = draw_message(screen, 1, '!', model->trouble);

	/* Where there are few rows, what failed is more than why the menu is there. */
	if (row == 1 || screen_height(screen) >= FEW_ROWS)
		row = draw_message(screen, row, '-', model->waits);
	return row > 2 ? row : 2;
}

/* ---- the last two rows */

/* The last row is left to what the kernel prints: see menu_draw() in menu.h. */
static void draw_progress(const struct menu_model *model, struct screen *screen)
{
	screen_put(screen, bottom(screen, 1), 1, EMPHASIS_STRONG, "%s", model->progress);
	screen_place_cursor(screen, bottom(screen, 0), 0);
}

static const char *keys_of(enum menu_page page, unsigned int width)
{
	static const char all[] =
		"Enter boot  e edit  d details  p plan  i info  l log  r rescan  s shell  ? more";

	switch (page) {
	case PAGE_LIST:
		return width >= sizeof(all) ? all : "Enter boot  e edit  d details  ? more";
	case PAGE_EDIT:
		return "Enter  boot   Esc  leave it as it was   up, down  other fields   ^U ^K ^W  cut";
	case PAGE_CONFIRM:
		return "y  yes   any other key  no";
	case PAGE_DETAILS:
	case PAGE_PLAN:
	case PAGE_LAST:
	case PAGE_INFO:
	case PAGE_LOG:
	case PAGE_HELP:
		break;
	}
	return "Esc or q  back   up, down, PgUp, PgDn  scroll";
}

static void draw_foot(const struct menu *menu, const struct menu_model *model,
		      struct screen *screen)
{
	if (model->progress) {
		draw_progress(model, screen);
		return;
	}
	if (model->countdown != MENU_NO_COUNTDOWN && model->preferred)
		screen_put(screen, bottom(screen, 1), 1, EMPHASIS_STRONG,
			   "%d s to the default; any key stops that", model->countdown);
	screen_put(screen, bottom(screen, 0), 1, EMPHASIS_NONE, "%s",
		   keys_of(menu->page, screen_width(screen)));
	screen_emphasize(screen, bottom(screen, 0), EMPHASIS_REVERSE);
}

/* ---- the list */

/* Rows of the screen that the first @count lines and their headings take. */
static size_t rows_of(const struct fold_line *lines, size_t count)
{
	size_t rows = 0;

	for (size_t i = 0; i < count; i++)
		rows += lines[i].has_heading ? 2 : 1;
	return rows;
}

/* Moves the list no further than it takes to show the selected line and its heading: on a slow line
 * every other row that moved would have to be sent. */
static void scroll_list(struct menu *menu, const struct fold_line *lines, size_t count)
{
	size_t first = rows_of(lines, menu->selected);
	size_t end = rows_of(lines, menu->selected + 1);
	size_t all = rows_of(lines, count);

	if (menu->top + menu->room > all)
		menu->top = all > menu->room ? all - menu->room : 0;
	if (menu->top > first)
		menu->top = first;
	if (menu->top + menu->room < end)
		menu->top = end - menu->room;
}

/* Signs as well as emphasis: a terminal need not show any other difference. */
static void draw_entry(const struct menu_model *model, const struct fold_line *line, char mark,
		       struct screen *screen, unsigned int row)
{
	const struct entry *entry = model->rows[line->row].entry;
	enum emphasis emphasis = entry->greyed ? EMPHASIS_WEAK : EMPHASIS_NONE;

	screen_put(screen, row, 1, emphasis, "%c%c%*s%s%s%s", mark,
		   entry == model->preferred ? '*' : ' ', 2 * (int)line->depth, "",
		   entry->greyed ? "[" : " ", entry->title ?: entry->id, entry->greyed ? "]" : "");
}

static void draw_line(const struct menu_model *model, const struct fold_line *line, bool selected,
		      struct screen *screen, unsigned int row)
{
	char mark = selected ? '>' : ' ';

	if (!line->count)
		draw_entry(model, line, mark, screen, row);
	else
		screen_put(screen, row, 1, EMPHASIS_NONE, "%c %*s%c %s (%zu)", mark,
			   2 * (int)line->depth, "", line->is_open ? '-' : '+',
			   fold_title(model, line), line->count);
	if (selected)
		screen_emphasize(screen, row, EMPHASIS_REVERSE);
}

static void draw_list(struct menu *menu, const struct menu_model *model, struct screen *screen,
		      unsigned int top)
{
	size_t at = 0, count;
	const struct fold_line *lines = fold_lines(menu->fold, model, &count);

	if (count == 0) {
		screen_put(screen, top, 1, EMPHASIS_NONE,
			   "Nothing to boot was found yet. Disks that come later appear here.");
		return;
	}
	scroll_list(menu, lines, count);
	for (size_t i = 0; i < count && at < menu->top + menu->room; i++) {
		if (lines[i].has_heading && at++ >= menu->top)
			screen_put(screen, top + (unsigned int)(at - 1 - menu->top), 1,
				   EMPHASIS_STRONG, "%s", model->rows[lines[i].row].system);
		if (at >= menu->top && at < menu->top + menu->room)
			draw_line(model, &lines[i], i == menu->selected, screen,
				  top + (unsigned int)(at - menu->top));
		at++;
	}
}

static void draw_hint(struct menu *menu, const struct menu_model *model, struct screen *screen)
{
	const struct menu_row *row = menu_selected(menu, model);

	if (!row && menu_selected_line(menu, model))
		screen_put(screen, bottom(screen, 2), 1, EMPHASIS_NONE,
			   "Enter opens and closes this submenu");
	if (!row)
		return;
	if (row->entry->greyed)
		screen_put(screen, bottom(screen, 2), 1, EMPHASIS_NONE, "cannot be booted: %s",
			   row->entry->greyed);
	else
		screen_put(screen, bottom(screen, 2), 1, EMPHASIS_NONE, "%s  %s",
			   row->entry->kernel.path ?: "", row->entry->options ?: "");
}

/* ---- the other pages */

static size_t count_rows(const char *text, size_t width)
{
	size_t rows = 0;

	for (; *text; rows++)
		row_length(text, width, &text);
	return rows;
}

static void draw_page(struct menu *menu, const struct menu_model *model, struct screen *screen,
		      unsigned int top)
{
	char buffer[PAGE_TEXT_MAX];
	const char *text = menu_page_text(menu, model, buffer, sizeof(buffer)), *next;
	size_t width = screen_width(screen) - 2, rows = count_rows(text, width);

	menu->scroll_max = rows > menu->room ? rows - menu->room : 0;
	/* The text may be another than when it was scrolled. */
	if (menu->scroll > menu->scroll_max)
		menu->scroll = menu->scroll_max;
	for (size_t row = 0; *text && row < menu->scroll + menu->room; row++, text = next) {
		size_t length = row_length(text, width, &next);

		if (row >= menu->scroll)
			screen_put(screen, top + (unsigned int)(row - menu->scroll), 1,
				   EMPHASIS_NONE, "%.*s", (int)length, text);
	}
	if (menu->scroll < menu->scroll_max)
		screen_put(screen, bottom(screen, 2), 1, EMPHASIS_STRONG, "%zu more lines below",
			   menu->scroll_max - menu->scroll);
}

/* One column a byte, whatever that shows as: the cursor stands where the next one goes. */
static void draw_field(const struct editor *editor, struct screen *screen, unsigned int row,
		       bool has_cursor)
{
	unsigned int width = screen_width(screen) - 4, column = 2;
	size_t start = editor_window(editor, width);

	if (start)
		screen_put(screen, row, 1, EMPHASIS_NONE, "<");
	for (size_t at = start; at < editor->length && at < start + width; at++)
		screen_put(screen, row, column++, EMPHASIS_NONE, "%c",
			   plain_byte((unsigned char)editor->text[at]) ?: '?');
	if (editor->length - start > width)
		screen_put(screen, row, column, EMPHASIS_NONE, ">");
	if (has_cursor)
		screen_place_cursor(screen, row, (unsigned int)(2 + editor->cursor - start));
}

/* One name above each, as a command line is as long as a row; in few rows only the one that is edited. */
static void draw_edit(struct menu *menu, const struct menu_model *model, struct screen *screen,
		      unsigned int top)
{
	static const char *const names[] = { "Kernel", "Initrds", "Command line" };
	const struct menu_row *row = menu_selected(menu, model);
	bool has_room = menu->room >= 3 * MENU_FIELDS;

	if (!row)
		return;
	for (int field = 0; field < MENU_FIELDS; field++) {
		bool is_edited = field == (int)menu->field;

		if (!is_edited && !has_room)
			continue;
		/* The cursor says which is edited where a terminal shows no difference. */
		screen_put(screen, top, 1, is_edited ? EMPHASIS_STRONG : EMPHASIS_NONE, "%s of %s",
			   names[field], row->entry->title ?: row->entry->id);
		draw_field(&menu->editors[field], screen, top + 1, is_edited);
		top += 3;
	}
	screen_put(screen, top, 1, EMPHASIS_NONE, "%zu characters; for this boot only",
		   menu->editors[menu->field].length);
}

static void draw_confirm(const struct menu *menu, struct screen *screen, unsigned int top)
{
	screen_put(screen, top + 1, 1, EMPHASIS_STRONG, "%s",
		   menu->asked == MENU_REBOOT ? "Restart through firmware? y or n"
					      : "Power off? y or n");
}

void menu_draw(struct menu *menu, const struct menu_model *model, struct screen *screen)
{
	unsigned int top;

	screen_clear(screen);
	draw_title(model, screen);
	top = draw_trouble(model, screen);
	menu->room = screen_height(screen) - 3 - top;
	switch (menu->page) {
	case PAGE_LIST:
		draw_list(menu, model, screen, top);
		draw_hint(menu, model, screen);
		break;
	case PAGE_EDIT:
		draw_edit(menu, model, screen, top);
		break;
	case PAGE_CONFIRM:
		draw_confirm(menu, screen, top);
		break;
	case PAGE_DETAILS:
	case PAGE_PLAN:
	case PAGE_LAST:
	case PAGE_INFO:
	case PAGE_LOG:
	case PAGE_HELP:
		draw_page(menu, model, screen, top);
		break;
	}
	/* Last: the cursor's place is its to say. */
	draw_foot(menu, model, screen);
}
