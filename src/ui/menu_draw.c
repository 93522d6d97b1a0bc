// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a menu looks. From the top: the title, one line of trouble, the page, what is to be known of the
 * selected entry, the countdown or the progress, and the keys.
 */
#include "ui/menu_state.h"

#include <stdio.h>
#include <string.h>

#define PAGE_TEXT_MAX 16384

static unsigned int bottom(const struct screen *screen, unsigned int line)
{
	return screen_height(screen) - 1 - line;
}

static void draw_title(const struct menu_model *model, struct screen *screen)
{
	screen_put(screen, 0, 1, EMPHASIS_NONE, "%s", model->title ?: "kexit-boot");
	screen_emphasize(screen, 0, EMPHASIS_REVERSE);
	if (model->trouble)
		screen_put(screen, 1, 1, EMPHASIS_STRONG, "! %s", model->trouble);
}

static void draw_time(const struct menu_model *model, struct screen *screen)
{
	const struct entry *entry = model->preferred;

	if (model->progress)
		screen_put(screen, bottom(screen, 1), 1, EMPHASIS_STRONG, "%s", model->progress);
	else if (model->countdown != MENU_NO_COUNTDOWN && entry)
		screen_put(screen, bottom(screen, 1), 1, EMPHASIS_STRONG,
			   "%d s to the default; any key stops that", model->countdown);
}

static void draw_keys(struct screen *screen, const char *keys)
{
	screen_put(screen, bottom(screen, 0), 1, EMPHASIS_NONE, "%s", keys);
	screen_emphasize(screen, bottom(screen, 0), EMPHASIS_REVERSE);
}

/* ---- the list */

/* Lines that rows and their headings take, up to and with row @upto. */
static size_t lines_to(const struct menu_model *model, size_t upto)
{
	size_t lines = 0;

	for (size_t i = 0; i <= upto && i < model->row_count; i++) {
		bool heads =
			i == 0 || strcmp(model->rows[i].system, model->rows[i - 1].system) != 0;

		lines += heads ? 2 : 1;
	}
	return lines;
}

static void draw_entry(const struct menu_model *model, const struct menu_row *row, bool selected,
		       struct screen *screen, unsigned int line)
{
	const struct entry *entry = row->entry;
	const char *title = entry->title ?: entry->id;
	enum emphasis emphasis = entry->greyed ? EMPHASIS_WEAK : EMPHASIS_NONE;

	/* Signs as well as emphasis: a dumb terminal shows no other difference. */
	screen_put(screen, line, 1, emphasis, "%c%c%s%s%s", selected ? '>' : ' ',
		   entry == model->preferred ? '*' : ' ', entry->greyed ? "[" : " ", title,
		   entry->greyed ? "]" : "");
	if (selected)
		screen_emphasize(screen, line, EMPHASIS_REVERSE);
}

static void draw_list(const struct menu *menu, const struct menu_model *model,
		      struct screen *screen, unsigned int top, unsigned int end)
{
	size_t room = end - top, wanted = lines_to(model, menu->selected);
	size_t skip = wanted > room ? wanted - room : 0, at = 0;

	for (size_t i = 0; i < model->row_count; i++) {
		const struct menu_row *row = &model->rows[i];

		if (i == 0 || strcmp(row->system, model->rows[i - 1].system) != 0) {
			if (at >= skip && at - skip < room)
				screen_put(screen, top + (unsigned int)(at - skip), 1,
					   EMPHASIS_STRONG, "%s", row->system);
			at++;
		}
		if (at >= skip && at - skip < room)
			draw_entry(model, row, i == menu->selected, screen,
				   top + (unsigned int)(at - skip));
		at++;
	}
	if (model->row_count == 0)
		screen_put(screen, top, 1, EMPHASIS_NONE,
			   "Nothing to boot was found yet. Disks that come later appear here.");
}

static void draw_hint(const struct menu *menu, const struct menu_model *model,
		      struct screen *screen)
{
	const struct menu_row *row = menu_selected(menu, model);

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

static void draw_text(const char *text, size_t scroll, struct screen *screen, unsigned int top,
		      unsigned int end)
{
	unsigned int width = screen_width(screen) - 2, line = top;

	while (*text && line < end) {
		size_t length = strcspn(text, "\n");
		size_t shown = length < width ? length : width;

		/* A long line, such as a command line, goes on in the next row. */
		if (scroll)
			shown = length;
		else
			screen_put(screen, line++, 1, EMPHASIS_NONE, "%.*s", (int)shown, text);
		scroll -= scroll > 0;
		text += shown;
		if (shown == length && *text == '\n')
			text++;
	}
}

static void draw_page(const struct menu *menu, const struct menu_model *model,
		      struct screen *screen, unsigned int top, unsigned int end)
{
	char buffer[PAGE_TEXT_MAX];

	draw_text(menu_page_text(menu, model, buffer, sizeof(buffer)), menu->scroll, screen, top,
		  end);
	draw_keys(screen, "up, down, PgUp, PgDn  scroll   Esc or q  back");
}

static void draw_edit(const struct menu *menu, const struct menu_model *model,
		      struct screen *screen, unsigned int top)
{
	const struct editor *editor = &menu->editor;
	const struct menu_row *row = menu_selected(menu, model);
	unsigned int width = screen_width(screen) - 4;
	size_t start = editor_window(editor, width);

	if (!row)
		return;
	screen_put(screen, top, 1, EMPHASIS_STRONG, "Command line of %s",
		   row->entry->title ?: row->entry->id);
	screen_put(screen, top + 2, 1, EMPHASIS_NONE, "%c%.*s%c", start ? '<' : ' ', (int)width,
		   editor->text + start, editor->length - start > width ? '>' : ' ');
	screen_place_cursor(screen, top + 2, (unsigned int)(2 + editor->cursor - start));
	screen_put(screen, top + 4, 1, EMPHASIS_NONE, "%zu characters; for this boot only",
		   editor->length);
	draw_keys(screen, "Enter  boot   Esc  leave it as it was   ^U ^K ^W  cut");
}

static void draw_confirm(const struct menu *menu, struct screen *screen, unsigned int top)
{
	screen_put(screen, top + 1, 1, EMPHASIS_STRONG, "%s",
		   menu->asked == MENU_REBOOT ? "Restart through firmware? y or n"
					      : "Power off? y or n");
	draw_keys(screen, "y  yes   any other key  no");
}

void menu_draw(const struct menu *menu, const struct menu_model *model, struct screen *screen)
{
	unsigned int top = 2, end = screen_height(screen) - 3;

	screen_clear(screen);
	draw_title(model, screen);
	draw_time(model, screen);
	switch (menu->page) {
	case PAGE_LIST:
		draw_list(menu, model, screen, top, end);
		draw_hint(menu, model, screen);
		draw_keys(screen,
			  "Enter boot  e edit  d details  p plan  l last  r rescan  s shell  "
			  "? more");
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
	case PAGE_HELP:
		draw_page(menu, model, screen, top, end);
		break;
	}
}
