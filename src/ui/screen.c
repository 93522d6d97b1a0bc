// SPDX-License-Identifier: GPL-2.0-or-later
/* A grid of characters; see screen.h. */
#include "ui/screen.h"

#include "ui/plain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A command line is the longest text anybody draws, and of that only what fits. */
#define TEXT_MAX 1024

struct screen {
	unsigned int width, height;
	bool has_cursor;
	unsigned int cursor_row, cursor_column;
	char *cells;	      /* rows of width characters and a NUL */
	unsigned char *marks; /* rows of width emphases */
};

static char *cells_of(const struct screen *screen, unsigned int row)
{
	return screen->cells + (size_t)row * (screen->width + 1);
}

static unsigned char *marks_of(const struct screen *screen, unsigned int row)
{
	return screen->marks + (size_t)row * screen->width;
}

struct screen *screen_new(unsigned int width, unsigned int height)
{
	struct screen *screen = calloc(1, sizeof(*screen));

	if (!screen)
		return NULL;
	screen->width = width > SCREEN_WIDTH_MIN ? width : SCREEN_WIDTH_MIN;
	screen->height = height > SCREEN_HEIGHT_MIN ? height : SCREEN_HEIGHT_MIN;
	screen->cells = calloc(screen->height, screen->width + 1);
	screen->marks = calloc(screen->height, screen->width);
	if (!screen->cells || !screen->marks) {
		screen_free(screen);
		return NULL;
	}
	screen_clear(screen);
	return screen;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	free(screen->cells);
	free(screen->marks);
	free(screen);
}

unsigned int screen_width(const struct screen *screen)
{
	return screen->width;
}

unsigned int screen_height(const struct screen *screen)
{
	return screen->height;
}

void screen_clear(struct screen *screen)
{
	for (unsigned int row = 0; row < screen->height; row++) {
		memset(cells_of(screen, row), ' ', screen->width);
		memset(marks_of(screen, row), EMPHASIS_NONE, screen->width);
	}
	screen->has_cursor = false;
}

unsigned int screen_put(struct screen *screen, unsigned int row, unsigned int column,
			enum emphasis emphasis, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (row >= screen->height)
		return column;
	for (const char *c = text; *c && column < screen->width; c++) {
		char plain = plain_byte((unsigned char)*c);

		if (!plain)
			continue;
		cells_of(screen, row)[column] = plain;
		marks_of(screen, row)[column++] = (unsigned char)emphasis;
	}
	return column;
}

void screen_emphasize(struct screen *screen, unsigned int row, enum emphasis emphasis)
{
	if (row < screen->height)
		memset(marks_of(screen, row), emphasis, screen->width);
}

void screen_place_cursor(struct screen *screen, unsigned int row, unsigned int column)
{
	screen->has_cursor = row < screen->height && column < screen->width;
	screen->cursor_row = row;
	screen->cursor_column = column;
}

bool screen_cursor(const struct screen *screen, unsigned int *ret_row, unsigned int *ret_column)
{
	if (!screen->has_cursor)
		return false;
	*ret_row = screen->cursor_row;
	*ret_column = screen->cursor_column;
	return true;
}

const char *screen_row(const struct screen *screen, unsigned int row)
{
	return cells_of(screen, row);
}

enum emphasis screen_emphasis(const struct screen *screen, unsigned int row, unsigned int column)
{
	return (enum emphasis)marks_of(screen, row)[column];
}
