/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of text being edited: a kernel's command line, longer than any screen is wide. */
#pragma once

#include "ui/key.h"

#include <stdbool.h>
#include <stddef.h>

/* No kernel takes more (x86: COMMAND_LINE_SIZE 2048; POWER and arm64: 2048). */
#define EDITOR_MAX 4095

struct editor {
	char text[EDITOR_MAX + 1];
	size_t length, cursor;
};

/* With the cursor behind @text; what is beyond EDITOR_MAX is cut off. */
void editor_set(struct editor *editor, const char *text);

/* True if @key means something in a line; Enter and Escape do not, they end it. A character that
 * no longer fits is dropped. */
bool editor_key(struct editor *editor, int key);

/* The stretch of the text that a field of @width columns shows so that the cursor is in it: its
 * start. The cursor is then at editor->cursor minus that. */
size_t editor_window(const struct editor *editor, size_t width);
