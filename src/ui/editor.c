// SPDX-License-Identifier: GPL-2.0-or-later
/* A line and its cursor; see editor.h. */
#include "ui/editor.h"

#include <stdio.h>
#include <string.h>

void editor_set(struct editor *editor, const char *text)
{
	snprintf(editor->text, sizeof(editor->text), "%s", text);
	editor->length = strlen(editor->text);
	editor->cursor = editor->length;
}

static void insert(struct editor *editor, char c)
{
	if (editor->length == EDITOR_MAX)
		return;
	memmove(editor->text + editor->cursor + 1, editor->text + editor->cursor,
		editor->length - editor->cursor + 1);
	editor->text[editor->cursor++] = c;
	editor->length++;
}

/* Takes out what lies between @from and @to, and leaves the cursor there. */
static void cut(struct editor *editor, size_t from, size_t to)
{
	memmove(editor->text + from, editor->text + to, editor->length - to + 1);
	editor->length -= to - from;
	editor->cursor = from;
}

static size_t word_before(const struct editor *editor)
{
	size_t at = editor->cursor;

	while (at > 0 && editor->text[at - 1] == ' ')
		at--;
	while (at > 0 && editor->text[at - 1] != ' ')
		at--;
	return at;
}

static void move(struct editor *editor, int key)
{
	if (key == UI_KEY_LEFT && editor->cursor > 0)
		editor->cursor--;
	else if (key == UI_KEY_RIGHT && editor->cursor < editor->length)
		editor->cursor++;
	else if (key == UI_KEY_HOME)
		editor->cursor = 0;
	else if (key == UI_KEY_END)
		editor->cursor = editor->length;
}

bool editor_key(struct editor *editor, int key)
{
	switch (key) {
	case UI_KEY_LEFT:
	case UI_KEY_RIGHT:
	case UI_KEY_HOME:
	case UI_KEY_END:
		move(editor, key);
		return true;
	case UI_KEY_BACKSPACE:
		if (editor->cursor > 0)
			cut(editor, editor->cursor - 1, editor->cursor);
		return true;
	case UI_KEY_DELETE:
		if (editor->cursor < editor->length)
			cut(editor, editor->cursor, editor->cursor + 1);
		return true;
	case UI_KEY_DELETE_WORD:
		cut(editor, word_before(editor), editor->cursor);
		return true;
	case UI_KEY_CUT_HEAD:
		cut(editor, 0, editor->cursor);
		return true;
	case UI_KEY_CUT_TAIL:
		cut(editor, editor->cursor, editor->length);
		return true;
	}
	if (key < 0x20 || key > 0x7e)
		return false;
	insert(editor, (char)key);
	return true;
}

size_t editor_window(const struct editor *editor, size_t width)
{
	/* The cursor may stand behind the last character, and needs a column there. */
	if (width == 0 || editor->length < width)
		return 0;
	if (editor->cursor < width)
		return 0;
	return editor->cursor - width + 1;
}
