// SPDX-License-Identifier: GPL-2.0-or-later
/* The boot menu without a terminal: keys go in, actions and rows of text come out. */
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

/* ---- a menu of two systems, the second of which has an entry that cannot be booted */

static char debian_options[] = "root=/dev/vda1 ro quiet";
static struct entry entries[] = {
	{ .id = "debian-6.1",
	  .title = "Debian, Linux 6.1",
	  .path = "/boot/grub/grub.cfg",
	  .line = 120,
	  .format = ENTRY_GRUB,
	  .kernel = { .path = "/vmlinuz-6.1", .length = 8 << 20 },
	  .options = debian_options,
	  .tries_left = ENTRY_NOT_COUNTED },
	{ .id = "debian-6.12", .title = "Debian, Linux 6.12", .tries_left = ENTRY_NOT_COUNTED },
	{ .id = "fedora", .title = "Fedora", .tries_left = 2, .tries_done = 1 },
	{ .id = "xen",
	  .title = "Xen",
	  .greyed = "it loads a multiboot kernel",
	  .tries_left = ENTRY_NOT_COUNTED },
};
static const struct menu_row rows[] = {
	{ .entry = &entries[0], .system = "Debian on vda1" },
	{ .entry = &entries[1], .system = "Debian on vda1" },
	{ .entry = &entries[2], .system = "Fedora on vdb2" },
	{ .entry = &entries[3], .system = "Fedora on vdb2" },
};
static const struct menu_model model = {
	.title = "kexit-boot",
	.rows = rows,
	.row_count = 4,
	.preferred = &entries[1],
	.countdown = 5,
};

struct fixture {
	struct menu *menu;
	struct screen *screen;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->menu = menu_new();
	fixture->screen = screen_new(80, 24);
	menu_update(fixture->menu, &model);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	menu_free(fixture->menu);
	screen_free(fixture->screen);
	free(fixture);
	return 0;
}

/* The first row that has @text, or -1. */
static int shown(const struct screen *screen, const char *text)
{
	for (unsigned int row = 0; row < screen_height(screen); row++)
		if (strstr(screen_row(screen, row), text))
			return (int)row;
	return -1;
}

static int draws(struct fixture *fixture, const struct menu_model *what, const char *text)
{
	menu_draw(fixture->menu, what, fixture->screen);
	return shown(fixture->screen, text);
}

static void the_default_is_selected_and_boots(void **state)
{
	struct fixture *fixture = *state;
	struct menu_event event;
	int row = draws(fixture, &model, "Debian, Linux 6.12");

	assert_true(row > 0);
	assert_non_null(strstr(screen_row(fixture->screen, (unsigned int)row), ">*"));
	assert_int_equal(screen_emphasis(fixture->screen, (unsigned int)row, 0), EMPHASIS_REVERSE);
	assert_true(shown(fixture->screen, "5 s to the default") > 0);
	/* All keys fit into the usual 80 columns. */
	assert_int_equal(shown(fixture->screen, "l log  r rescan  s shell  ? more"), 23);
	event = menu_key(fixture->menu, &model, UI_KEY_ENTER);
	assert_int_equal(event.action, MENU_BOOT);
	assert_ptr_equal(event.entry, &entries[1]);
	assert_string_equal(event.options, "");
}

static void a_command_line_is_edited_for_one_boot(void **state)
{
	struct fixture *fixture = *state;
	struct menu_event event;

	menu_key(fixture->menu, &model, UI_KEY_UP);
	menu_key(fixture->menu, &model, 'e');
	assert_true(draws(fixture, &model, "Command line of Debian, Linux 6.1") > 0);
	/* Letters that are commands in the list are text here. */
	for (const char *c = " resdplR"; *c; c++)
		assert_int_equal(menu_key(fixture->menu, &model, *c).action, MENU_NOTHING);
	event = menu_key(fixture->menu, &model, UI_KEY_ENTER);
	assert_int_equal(event.action, MENU_BOOT);
	assert_ptr_equal(event.entry, &entries[0]);
	assert_string_equal(event.options, "root=/dev/vda1 ro quiet resdplR");
	/* It was for that boot: the next one begins anew. */
	menu_key(fixture->menu, &model, 'e');
	menu_key(fixture->menu, &model, 'x');
	menu_key(fixture->menu, &model, UI_KEY_ESCAPE);
	event = menu_key(fixture->menu, &model, UI_KEY_ENTER);
	assert_string_equal(event.options, "root=/dev/vda1 ro quiet");
}

static void a_greyed_entry_says_why_and_does_nothing(void **state)
{
	struct fixture *fixture = *state;

	menu_key(fixture->menu, &model, UI_KEY_END);
	assert_true(draws(fixture, &model, "[Xen]") > 0);
	assert_true(shown(fixture->screen, "cannot be booted: it loads a multiboot kernel") > 0);
	assert_int_equal(menu_key(fixture->menu, &model, UI_KEY_ENTER).action, MENU_NOTHING);
	menu_key(fixture->menu, &model, 'e');
	assert_true(draws(fixture, &model, "Command line") < 0);
}

static void leaving_through_firmware_is_confirmed(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(menu_key(fixture->menu, &model, 'R').action, MENU_NOTHING);
	assert_true(draws(fixture, &model, "Restart through firmware?") > 0);
	assert_int_equal(menu_key(fixture->menu, &model, 'n').action, MENU_NOTHING);
	menu_key(fixture->menu, &model, 'R');
	assert_int_equal(menu_key(fixture->menu, &model, 'y').action, MENU_REBOOT);
	menu_key(fixture->menu, &model, 'O');
	assert_int_equal(menu_key(fixture->menu, &model, 'y').action, MENU_POWER_OFF);
	assert_int_equal(menu_key(fixture->menu, &model, 'y').action, MENU_NOTHING);
}

static void keys_wait_while_something_is_done(void **state)
{
	struct fixture *fixture = *state;
	struct menu_model busy = model;

	busy.progress = "releasing: 3 of 12, nvme";
	assert_int_equal(menu_key(fixture->menu, &busy, UI_KEY_ENTER).action, MENU_NOTHING);
	assert_int_equal(menu_key(fixture->menu, &busy, 'R').action, MENU_NOTHING);
	assert_true(draws(fixture, &busy, "releasing: 3 of 12, nvme") > 0);
	assert_true(shown(fixture->screen, "to the default") < 0);
}

/* What the kernel prints begins where the cursor is: this kernel or, after the jump, the next. */
static void what_the_kernel_prints_begins_below_the_menu(void **state)
{
	struct fixture *fixture = *state;
	struct menu_model busy = model;
	unsigned int row, column;

	busy.progress = "jump";
	/* Also where the command line is edited at another console. */
	for (const char *key = "ede"; *key; key++) {
		assert_true(draws(fixture, &busy, "jump") == 22);
		assert_true(screen_cursor(fixture->screen, &row, &column));
		assert_int_equal(row, 23);
		assert_int_equal(column, 0);
		assert_int_equal(strspn(screen_row(fixture->screen, 23), " "), 80);
		assert_int_equal(screen_emphasis(fixture->screen, 23, 0), EMPHASIS_NONE);
		menu_key(fixture->menu, &model, *key);
	}
}

static void pages_come_and_go(void **state)
{
	struct fixture *fixture = *state;
	struct menu_model full = model;

	full.trouble = "Fedora: vmlinuz: EIO";
	full.plan = "release 4 devices\nleave 2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"
		    "13\n14\n15\n16\n17\n18\n19\n20\nthe last\n";
	menu_key(fixture->menu, &full, UI_KEY_UP);
	menu_key(fixture->menu, &full, 'd');
	assert_true(draws(fixture, &full, "/boot/grub/grub.cfg, line 120 (grub)") > 0);
	assert_true(shown(fixture->screen, "/vmlinuz-6.1  8.0 MiB") > 0);
	assert_true(shown(fixture->screen, "root=/dev/vda1 ro quiet") > 0);
	assert_int_equal(shown(fixture->screen, "! Fedora: vmlinuz: EIO"), 1);
	menu_key(fixture->menu, &full, UI_KEY_ESCAPE);
	assert_int_equal(menu_key(fixture->menu, &full, 'p').action, MENU_WANT_PLAN);
	assert_int_equal(draws(fixture, &full, "release 4 devices"), 2);
	assert_true(shown(fixture->screen, "2 more lines below") > 0);
	menu_key(fixture->menu, &full, UI_KEY_DOWN);
	assert_int_equal(draws(fixture, &full, "leave 2"), 2);
	/* And no further than it takes to see the end. */
	for (int i = 0; i < 3; i++)
		menu_key(fixture->menu, &full, i == 1 ? UI_KEY_PAGE_DOWN : UI_KEY_DOWN);
	assert_int_equal(draws(fixture, &full, "the last"), 20);
	assert_true(shown(fixture->screen, "below") < 0);
	menu_key(fixture->menu, &full, 'q');
	assert_true(draws(fixture, &full, "Debian on vda1") > 0);
}

/* A command line is longer than a narrow screen is high and wide: its end can be read all the same. */
static void a_long_line_is_read_to_its_end(void **state)
{
	struct fixture *fixture = *state;
	struct screen *narrow = screen_new(40, 12);
	static char options[1500];
	struct entry entry = { .id = "long", .options = options, .tries_left = ENTRY_NOT_COUNTED };
	struct menu_row row = { .entry = &entry, .system = "" };
	struct menu_model one = { .rows = &row, .row_count = 1, .countdown = MENU_NO_COUNTDOWN };

	memset(options, 'x', sizeof(options) - 5);
	strcpy(options + sizeof(options) - 5, "END");
	entry.path = "/entry";
	menu_update(fixture->menu, &one);
	menu_key(fixture->menu, &one, 'd');
	menu_draw(fixture->menu, &one, narrow);
	assert_true(shown(narrow, "END") < 0);
	menu_key(fixture->menu, &one, UI_KEY_END);
	menu_draw(fixture->menu, &one, narrow);
	assert_true(shown(narrow, "END") > 0);
	menu_key(fixture->menu, &one, UI_KEY_HOME);
	menu_draw(fixture->menu, &one, narrow);
	assert_true(shown(narrow, "END") < 0);
	screen_free(narrow);
}

/* What failed, what was tried, what to do next: that is more than a row. */
static void a_long_message_is_shown_whole(void **state)
{
	struct fixture *fixture = *state;
	struct menu_model wrong = model;

	wrong.trouble = "nvme0n1:fedora.conf: /boot/vmlinuz-6.12.9-200.fc41.x86_64 cannot be read: "
			"EIO; the disk has errors: copy what you need from it";
	assert_int_equal(draws(fixture, &wrong, "! nvme0n1:fedora.conf"), 1);
	assert_int_equal(shown(fixture->screen, "copy what you need from it"), 2);
	/* Its words are whole. */
	assert_non_null(strstr(screen_row(fixture->screen, 1), " cannot be read:  "));
	assert_non_null(strstr(screen_row(fixture->screen, 2), "   EIO; the disk"));
	/* And takes nothing from the list. */
	assert_int_equal(shown(fixture->screen, "Debian on vda1"), 3);
}

static void why_nothing_boots_by_itself_is_shown(void **state)
{
	struct fixture *fixture = *state;
	struct menu_model waiting = model;
	struct screen *low = screen_new(80, 12);

	waiting.countdown = MENU_NO_COUNTDOWN;
	waiting.waits = "sda: its default, 'Windows', leads elsewhere; nothing boots by itself";
	assert_int_equal(draws(fixture, &waiting, "- sda: its default, 'Windows', leads elsewhere"),
			 1);
	waiting.trouble = "sda:a.conf: EIO";
	assert_int_equal(draws(fixture, &waiting, "! sda:a.conf: EIO"), 1);
	assert_int_equal(shown(fixture->screen, "- sda: its default"), 2);
	assert_int_equal(shown(fixture->screen, "Debian on vda1"), 3);
	/* Where there is no room for both, what failed is. */
	menu_draw(fixture->menu, &waiting, low);
	assert_int_equal(shown(low, "! sda:a.conf: EIO"), 1);
	assert_int_equal(shown(low, "- sda"), -1);
	screen_free(low);
}

/* A disk came, and with it rows above the one that was chosen. */
static void a_rescan_keeps_what_a_person_chose(void **state)
{
	static const struct menu_row later[] = {
		{ .entry = &entries[3], .system = "Fedora on vda2" },
		{ .entry = &entries[0], .system = "Debian on vda1" },
		{ .entry = &entries[1], .system = "Debian on vda1" },
	};
	struct fixture *fixture = *state;
	struct menu_model now = model;

	now.rows = later;
	now.row_count = 3;
	menu_key(fixture->menu, &model, UI_KEY_HOME);
	menu_update(fixture->menu, &now);
	assert_ptr_equal(menu_key(fixture->menu, &now, UI_KEY_ENTER).entry, &entries[0]);
	/* And one that is gone with its disk makes room for the default. */
	menu_key(fixture->menu, &now, 'e');
	now.rows = later + 2;
	now.row_count = 1;
	menu_update(fixture->menu, &now);
	assert_true(draws(fixture, &now, "Command line") < 0);
	assert_ptr_equal(menu_key(fixture->menu, &now, UI_KEY_ENTER).entry, &entries[1]);
	/* The disk is back. */
	now.rows = later;
	now.row_count = 3;
	menu_update(fixture->menu, &now);
	assert_ptr_equal(menu_key(fixture->menu, &now, UI_KEY_ENTER).entry, &entries[0]);
}

static void an_empty_menu_is_safe(void **state)
{
	struct fixture *fixture = *state;
	struct menu_model empty = { .countdown = MENU_NO_COUNTDOWN };

	menu_update(fixture->menu, &empty);
	for (int key = 1; key <= UI_KEY_REPAINT; key++) {
		struct menu_event event = menu_key(fixture->menu, &empty, key);

		assert_int_not_equal(event.action, MENU_BOOT);
		menu_draw(fixture->menu, &empty, fixture->screen);
	}
	menu_key(fixture->menu, &empty, UI_KEY_ESCAPE);
	assert_true(draws(fixture, &empty, "Nothing to boot was found yet") > 0);
}

/* ---- a menu of more than any screen shows */

#define MANY 500

struct many {
	struct entry entries[MANY];
	struct menu_row rows[MANY];
	char names[MANY][16];
	struct menu_model model;
};

/* Three entries a system. */
static struct many *many_new(void)
{
	struct many *many = calloc(1, sizeof(*many));

	for (int i = 0; i < MANY; i++) {
		snprintf(many->names[i], sizeof(many->names[i]), "entry-%03d", i);
		many->entries[i] =
			(struct entry){ .id = many->names[i], .tries_left = ENTRY_NOT_COUNTED };
		many->rows[i] = (struct menu_row){ .entry = &many->entries[i],
						   .system = many->names[i - i % 3] };
	}
	many->model = (struct menu_model){ .rows = many->rows,
					   .row_count = MANY,
					   .countdown = MENU_NO_COUNTDOWN };
	return many;
}

/* The selected one is always seen, on the way down and on the way up. */
static void what_is_selected_is_shown_on_any_screen(void **unused)
{
	static const unsigned int sizes[][2] = { { 80, 24 }, { 40, 12 }, { 10, 3 }, { 200, 60 } };
	struct many *many = many_new();

	for (size_t size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++) {
		struct screen *screen = screen_new(sizes[size][0], sizes[size][1]);
		struct menu *menu = menu_new();

		menu_update(menu, &many->model);
		for (int i = 0; i < 2 * MANY; i++) {
			int at = i < MANY ? i : 2 * MANY - 1 - i;
			char expected[32];

			snprintf(expected, sizeof(expected), ">  entry-%03d", at);
			menu_draw(menu, &many->model, screen);
			assert_true(shown(screen, expected) > 0);
			if (i != MANY - 1)
				menu_key(menu, &many->model, i < MANY ? UI_KEY_DOWN : UI_KEY_UP);
		}
		menu_free(menu);
		screen_free(screen);
	}
	free(many);
}

/* The list moves only when it must: else a key sends a whole screen over a slow line. */
static void the_list_stays_where_it_is(void **unused)
{
	struct many *many = many_new();
	struct screen *screen = screen_new(80, 24);
	struct menu *menu = menu_new();
	int row;

	menu_update(menu, &many->model);
	for (int i = 0; i < 40; i++)
		menu_key(menu, &many->model, UI_KEY_DOWN);
	menu_draw(menu, &many->model, screen);
	row = shown(screen, "entry-035");
	assert_true(row > 0);
	for (int i = 0; i < 5; i++)
		menu_key(menu, &many->model, UI_KEY_UP);
	menu_draw(menu, &many->model, screen);
	assert_int_equal(shown(screen, "entry-035"), row);
	/* A screenful at once, and back. */
	menu_key(menu, &many->model, UI_KEY_PAGE_DOWN);
	menu_draw(menu, &many->model, screen);
	assert_true(shown(screen, ">  entry-054") > 0);
	menu_free(menu);
	screen_free(screen);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_default_is_selected_and_boots, setup, teardown),
		cmocka_unit_test_setup_teardown(a_command_line_is_edited_for_one_boot, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_greyed_entry_says_why_and_does_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(leaving_through_firmware_is_confirmed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(keys_wait_while_something_is_done, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_kernel_prints_begins_below_the_menu, setup,
						teardown),
		cmocka_unit_test_setup_teardown(pages_come_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_line_is_read_to_its_end, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_message_is_shown_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(why_nothing_boots_by_itself_is_shown, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_rescan_keeps_what_a_person_chose, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_empty_menu_is_safe, setup, teardown),
		cmocka_unit_test(what_is_selected_is_shown_on_any_screen),
		cmocka_unit_test(the_list_stays_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
