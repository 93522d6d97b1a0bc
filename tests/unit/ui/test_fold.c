// SPDX-License-Identifier: GPL-2.0-or-later
/* Submenus that fold, and the files of an entry as a person edits them. */
#include "ui/files.h"
#include "ui/fold.h"
#include "ui/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Debian's GRUB beside another system: one entry, a submenu with one within, and behind it an entry. */
static const char *const advanced[] = { "Advanced options", "Older" };
static struct entry entries[] = {
	{ .id = "debian", .title = "Debian" },
	{ .id = "a>6.12", .title = "Linux 6.12", .menus = advanced, .menu_count = 1 },
	{ .id = "a>o>6.1", .title = "Linux 6.1", .menus = advanced, .menu_count = 2 },
	{ .id = "a>o>5.10", .title = "Linux 5.10", .menus = advanced, .menu_count = 2 },
	{ .id = "memtest", .title = "Memtest" },
	{ .id = "other>6.12", .title = "Linux 6.12", .menus = advanced, .menu_count = 1 },
};
static const struct menu_row rows[] = {
	{ .entry = &entries[0], .system = "Debian, sda1" },
	{ .entry = &entries[1], .system = "Debian, sda1" },
	{ .entry = &entries[2], .system = "Debian, sda1" },
	{ .entry = &entries[3], .system = "Debian, sda1" },
	{ .entry = &entries[4], .system = "Debian, sda1" },
	{ .entry = &entries[5], .system = "Other, sdb1" },
};
static struct menu_model model = {
	.title = "kexit-boot",
	.rows = rows,
	.row_count = 6,
	.countdown = MENU_NO_COUNTDOWN,
};

/* One line each: indented, + or - with the number of entries for a submenu, "H" for a heading. */
static const char *drawn(struct fold *fold)
{
	static char text[1024];
	size_t count, length = 0;
	const struct fold_line *lines = fold_lines(fold, &model, &count);

	for (size_t i = 0; i < count; i++) {
		const struct fold_line *line = &lines[i];

		length += (size_t)sprintf(text + length, "%s%*s", line->has_heading ? "H" : "",
					  (int)line->depth, "");
		if (line->count)
			length += (size_t)sprintf(text + length, "%c%s %zu\n",
						  line->is_open ? '-' : '+',
						  fold_title(&model, line), line->count);
		else
			length += (size_t)sprintf(text + length, "%s\n", rows[line->row].entry->id);
	}
	text[length] = '\0';
	return text;
}

static void set(struct fold *fold, size_t line, bool is_open)
{
	size_t count;
	const struct fold_line *lines = fold_lines(fold, &model, &count);

	assert_true(line < count && lines[line].count);
	fold_set(fold, &model, &lines[line], is_open);
}

static void submenus_are_closed_at_first(void **state)
{
	struct fold *fold = fold_new();

	model.preferred = &entries[0];
	assert_string_equal(drawn(fold), "Hdebian\n+Advanced options 3\nmemtest\n"
					 "H+Advanced options 1\n");
	fold_free(fold);
}

static void each_opens_and_closes_by_itself(void **state)
{
	struct fold *fold = fold_new();

	model.preferred = &entries[0];
	set(fold, 1, true);
	assert_string_equal(drawn(fold), "Hdebian\n-Advanced options 3\n a>6.12\n +Older 2\n"
					 "memtest\nH+Advanced options 1\n");
	set(fold, 3, true);
	assert_string_equal(drawn(fold),
			    "Hdebian\n-Advanced options 3\n a>6.12\n -Older 2\n  a>o>6.1\n"
			    "  a>o>5.10\nmemtest\nH+Advanced options 1\n");
	set(fold, 1, false);
	/* What was open within is so again. */
	set(fold, 1, true);
	assert_non_null(strstr(drawn(fold), "a>o>5.10"));
	fold_free(fold);
}

static void the_default_is_seen(void **state)
{
	struct fold *fold = fold_new();

	model.preferred = &entries[3];
	assert_non_null(strstr(drawn(fold), "  a>o>5.10\n"));
	assert_null(strstr(drawn(fold), "other>6.12"));
	/* Unless a person closed it. */
	set(fold, 1, false);
	assert_null(strstr(drawn(fold), "a>o>5.10"));
	fold_free(fold);
}

static void an_empty_model_has_no_lines(void **state)
{
	struct menu_model empty = { .countdown = MENU_NO_COUNTDOWN };
	struct fold *fold = fold_new();
	size_t count = 7;

	fold_lines(fold, &empty, &count);
	assert_int_equal(count, 0);
	fold_free(fold);
}

/* ---- the menu with them */

static const char *shown_row(struct menu *menu, struct screen *screen, const char *text)
{
	menu_draw(menu, &model, screen);
	for (unsigned int row = 0; row < screen_height(screen); row++)
		if (strstr(screen_row(screen, row), text))
			return screen_row(screen, row);
	return NULL;
}

static void keys_open_and_close_a_submenu(void **state)
{
	struct screen *screen = screen_new(80, 24);
	struct menu *menu = menu_new();
	struct menu_event event;

	model.preferred = &entries[0];
	menu_update(menu, &model);
	menu_key(menu, &model, UI_KEY_DOWN);
	assert_non_null(strstr(shown_row(menu, screen, "Advanced"), "> + Advanced options (3)"));
	assert_int_equal(menu_key(menu, &model, UI_KEY_ENTER).action, MENU_NOTHING);
	assert_non_null(shown_row(menu, screen, "Linux 6.12"));
	menu_key(menu, &model, UI_KEY_DOWN);
	/* A rescan keeps it open, and what is selected. */
	menu_update(menu, &model);
	assert_non_null(strstr(shown_row(menu, screen, "Linux 6.12"), ">"));
	event = menu_key(menu, &model, UI_KEY_ENTER);
	assert_int_equal(event.action, MENU_BOOT);
	assert_ptr_equal(event.entry, &entries[1]);
	/* Left goes to the submenu's title and closes it; a submenu has no details and nothing to edit. */
	menu_key(menu, &model, UI_KEY_LEFT);
	assert_non_null(strstr(shown_row(menu, screen, "Advanced"), "> + Advanced options (3)"));
	menu_key(menu, &model, 'e');
	menu_key(menu, &model, 'd');
	assert_non_null(shown_row(menu, screen, "Debian, sda1"));
	menu_key(menu, &model, UI_KEY_RIGHT);
	assert_non_null(strstr(shown_row(menu, screen, "Advanced"), "> - Advanced options (3)"));
	menu_free(menu);
	screen_free(screen);
}

/* ---- files */

static struct fsroot *own, *other;

static int open_roots(void **state)
{
	return fsroot_name("/run/kexit/mnt/sda1", &own) ||
	       fsroot_name("/run/kexit/mnt/sdb2/@", &other);
}

static int close_roots(void **state)
{
	fsroot_close(own);
	fsroot_close(other);
	return 0;
}

static void files_are_words(void **state)
{
	struct entry_file files[] = {
		{ .root = own, .path = "/boot/initrd 1" },
		{ .root = other, .path = "/in\\itrd" },
	};
	struct entry entry = { .kernel = { .root = own, .path = "/boot/vmlinuz" } };
	char text[256], *at = text, *volume;

	files_text(&entry, files, 2, "/run/kexit/mnt", text, sizeof(text));
	assert_string_equal(text, "/boot/initrd\\ 1 (sdb2/@)/in\\\\itrd");
	assert_string_equal(files_next(&at, &volume), "/boot/initrd 1");
	assert_null(volume);
	assert_string_equal(files_next(&at, &volume), "/in\\itrd");
	assert_string_equal(volume, "sdb2/@");
	assert_null(files_next(&at, &volume));
}

static void what_does_not_fit_is_cut_off(void **state)
{
	struct entry entry = { .kernel = { .root = own, .path = "/boot/vmlinuz" } };
	char text[8];

	files_text(&entry, &entry.kernel, 1, "/run/kexit/mnt", text, sizeof(text));
	assert_string_equal(text, "/boot/v");
}

/* Only what a person changed is handed on: a unified image's sections are no files of their own. */
static void edited_files_go_with_the_boot(void **state)
{
	static struct entry uki = { .id = "uki", .title = "uki" };
	static const struct menu_row row = { .entry = &uki, .system = "x" };
	static const struct menu_model one = { .rows = &row,
					       .row_count = 1,
					       .countdown = MENU_NO_COUNTDOWN,
					       .mounts = "/run/kexit/mnt" };
	struct menu *menu = menu_new();
	struct menu_event event;

	uki.kernel = (struct entry_file){ .root = own, .path = "/a.efi", .offset = 512 };
	menu_update(menu, &one);
	menu_key(menu, &one, 'e');
	menu_key(menu, &one, 'x');
	event = menu_key(menu, &one, UI_KEY_ENTER);
	assert_string_equal(event.options, "x");
	assert_null(event.kernel);
	assert_null(event.initrds);
	/* Up once more: the initrds; Tab goes around, by the command line to the kernel. */
	menu_key(menu, &one, 'e');
	menu_key(menu, &one, UI_KEY_UP);
	for (const char *c = "/my.img"; *c; c++)
		menu_key(menu, &one, *c);
	menu_key(menu, &one, UI_KEY_TAB);
	menu_key(menu, &one, UI_KEY_TAB);
	menu_key(menu, &one, '2');
	event = menu_key(menu, &one, UI_KEY_ENTER);
	assert_int_equal(event.action, MENU_BOOT);
	assert_string_equal(event.kernel, "/a.efi2");
	assert_string_equal(event.initrds, "/my.img");
	menu_free(menu);
}

#define WITH_ROOTS(name) cmocka_unit_test_setup_teardown(name, open_roots, close_roots)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(submenus_are_closed_at_first),
		cmocka_unit_test(each_opens_and_closes_by_itself),
		cmocka_unit_test(the_default_is_seen),
		cmocka_unit_test(an_empty_model_has_no_lines),
		cmocka_unit_test(keys_open_and_close_a_submenu),
		WITH_ROOTS(files_are_words),
		WITH_ROOTS(what_does_not_fit_is_cut_off),
		WITH_ROOTS(edited_files_go_with_the_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
