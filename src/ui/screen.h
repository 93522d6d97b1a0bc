/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a console shall show: rows of characters with an emphasis each, and where the cursor is.
 *
 * The menu draws into one, and a terminal paints it (ui/terminal.h). In between nothing knows of
 * ncurses, so a test reads the rows. Characters are ASCII: a serial console's encoding is not known,
 * and what is not ASCII in a title shows as '?'.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* None needs colour: bold and reverse are on every terminal that has anything. */
enum emphasis {
	EMPHASIS_NONE,
	EMPHASIS_STRONG,  /* headings, what went wrong */
	EMPHASIS_REVERSE, /* the selected row, the title */
	EMPHASIS_WEAK,	  /* what cannot be chosen */
};

struct screen;

/* Smaller ones are drawn as if they were this large, and the terminal shows what fits. */
#define SCREEN_WIDTH_MIN  30
#define SCREEN_HEIGHT_MIN 8

/* Blank, the cursor hidden. NULL when memory is short. */
struct screen *screen_new(unsigned int width, unsigned int height);
void screen_free(struct screen *screen);

unsigned int screen_width(const struct screen *screen);
unsigned int screen_height(const struct screen *screen);

void screen_clear(struct screen *screen);

/* Writes into @row from @column; what does not fit is cut off, rows outside are ignored. Returns the
 * column after the text. */
unsigned int screen_put(struct screen *screen, unsigned int row, unsigned int column,
			enum emphasis emphasis, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Gives all of @row, blanks too, one emphasis. */
void screen_emphasize(struct screen *screen, unsigned int row, enum emphasis emphasis);

void screen_place_cursor(struct screen *screen, unsigned int row, unsigned int column);
/* False: it is hidden, and the outputs are untouched. */
bool screen_cursor(const struct screen *screen, unsigned int *ret_row, unsigned int *ret_column);

/* The characters of @row, all of them, NUL at the end; and how each is shown. */
const char *screen_row(const struct screen *screen, unsigned int row);
enum emphasis screen_emphasis(const struct screen *screen, unsigned int row, unsigned int column);
