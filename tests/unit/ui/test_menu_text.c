// SPDX-License-Identifier: GPL-2.0-or-later
/* What is typed into the menu, and what comes from a disk and ends on a terminal. */
#include "ui/editor.h"
#include "ui/key.h"
#include "ui/menu.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the line editor */

static void type(struct editor *editor, const char *text)
{
	for (; *text; text++)
		assert_true(editor_key(editor, *text));
}

static void a_line_is_edited_where_the_cursor_is(void **unused)
{
	struct editor editor;

	editor_set(&editor, "root=/dev/sda1 quiet");
	editor_key(&editor, UI_KEY_DELETE_WORD);
	assert_string_equal(editor.text, "root=/dev/sda1 ");
	type(&editor, "ro");
	editor_key(&editor, UI_KEY_HOME);
	type(&editor, "x ");
	assert_string_equal(editor.text, "x root=/dev/sda1 ro");
	editor_key(&editor, UI_KEY_BACKSPACE);
	editor_key(&editor, UI_KEY_LEFT);
	editor_key(&editor, UI_KEY_DELETE);
	assert_string_equal(editor.text, "root=/dev/sda1 ro");
	for (int i = 0; i < 4; i++)
		editor_key(&editor, UI_KEY_RIGHT);
	editor_key(&editor, UI_KEY_CUT_TAIL);
	assert_string_equal(editor.text, "root");
	editor_key(&editor, UI_KEY_CUT_HEAD);
	assert_string_equal(editor.text, "");
	editor_key(&editor, UI_KEY_BACKSPACE);
	editor_key(&editor, UI_KEY_DELETE);
	assert_string_equal(editor.text, "");
	assert_false(editor_key(&editor, UI_KEY_ENTER));
	assert_false(editor_key(&editor, UI_KEY_ESCAPE));
}

static void a_full_line_takes_no_more(void **unused)
{
	struct editor editor;
	char *text = malloc(EDITOR_MAX + 10);

	memset(text, 'a', EDITOR_MAX + 9);
	text[EDITOR_MAX + 9] = '\0';
	editor_set(&editor, text);
	assert_int_equal(editor.length, EDITOR_MAX);
	editor_key(&editor, 'b');
	assert_int_equal(editor.length, EDITOR_MAX);
	assert_null(strchr(editor.text, 'b'));
	free(text);
}

static void the_cursor_is_always_in_the_window(void **unused)
{
	struct editor editor;

	editor_set(&editor, "0123456789");
	for (size_t width = 1; width < 14; width++) {
		for (editor.cursor = 0; editor.cursor <= editor.length; editor.cursor++) {
			size_t start = editor_window(&editor, width);

			assert_true(start <= editor.cursor);
			assert_true(editor.cursor - start < width);
		}
	}
}

/* ---- what comes from a disk and ends on a terminal */

static void what_is_not_ascii_is_one_question_mark(void **unused)
{
	struct screen *screen = screen_new(40, 10);

	screen_put(screen, 1, 0, EMPHASIS_NONE, "Système\033[2J");
	assert_int_equal(strncmp(screen_row(screen, 1), "Syst?me?[2J ", 12), 0);
	assert_int_equal(screen_put(screen, 2, 38, EMPHASIS_NONE, "long"), 40);
	assert_int_equal(strlen(screen_row(screen, 2)), 40);
	screen_free(screen);
}

/* ESC, the CSI of eight bits alone and as UTF-8, and every control character. */
static void a_hostile_entry_cannot_speak_to_the_terminal(void **unused)
{
	char hostile[300] = "\033]0;x\a\2332J\302\2332J";
	struct entry entry = { .id = hostile,
			       .title = hostile,
			       .path = hostile,
			       .kernel = { .path = hostile },
			       .options = hostile,
			       .tries_left = ENTRY_NOT_COUNTED };
	struct menu_row row = { .entry = &entry, .system = hostile };
	struct menu_model bad = { .title = hostile,
				  .rows = &row,
				  .row_count = 1,
				  .countdown = MENU_NO_COUNTDOWN,
				  .trouble = hostile,
				  .plan = hostile,
				  .last = hostile };
	struct screen *screen = screen_new(80, 24);
	struct menu *menu = menu_new();
	size_t length = strlen(hostile);

	for (int c = 1; c < 256; c++)
		hostile[length++] = (char)c;
	menu_update(menu, &bad);
	for (const char *key = "\021dqpqlqe"; *key; key++) {
		menu_key(menu, &bad, *key);
		menu_draw(menu, &bad, screen);
		for (unsigned int i = 0; i < 24; i++)
			for (const char *c = screen_row(screen, i); *c; c++)
				assert_true(*c >= 0x20 && *c < 0x7f);
	}
	menu_free(menu);
	screen_free(screen);
}

/* In a command line that is not ASCII a byte is a column, so that the cursor is where the next goes. */
static void the_cursor_is_where_it_is_typed(void **unused)
{
	static char options[] = "label=Système";
	struct entry entry = { .id = "utf-8", .options = options };
	struct menu_row row = { .entry = &entry, .system = "" };
	struct menu_model one = { .rows = &row, .row_count = 1, .countdown = MENU_NO_COUNTDOWN };
	struct screen *screen = screen_new(80, 24);
	struct menu *menu = menu_new();
	unsigned int at, column;

	menu_update(menu, &one);
	menu_key(menu, &one, 'e');
	menu_key(menu, &one, 'X');
	menu_draw(menu, &one, screen);
	assert_true(screen_cursor(screen, &at, &column));
	assert_int_equal(strncmp(screen_row(screen, at) + 2, "label=Syst??meX ", 16), 0);
	assert_int_equal(column, 2 + 15);
	menu_free(menu);
	screen_free(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_edited_where_the_cursor_is),
		cmocka_unit_test(a_full_line_takes_no_more),
		cmocka_unit_test(the_cursor_is_always_in_the_window),
		cmocka_unit_test(what_is_not_ascii_is_one_question_mark),
		cmocka_unit_test(a_hostile_entry_cannot_speak_to_the_terminal),
		cmocka_unit_test(the_cursor_is_where_it_is_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
