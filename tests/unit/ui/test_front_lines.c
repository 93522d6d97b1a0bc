// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbered lines on a pseudo-terminal: what goes over the line, whatever the entries say. */
#include "ui/front.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

/* Far beyond what anything here takes; only a test that fails waits for it. */
#define PATIENCE_MS 20000

struct fixture {
	int master;
	struct loop *loop;
	struct front *front;
	unsigned int keys; /* that are still to come */
	struct menu_event event;
	char options[256];
	char said[1 << 20]; /* all that came over the line */
	size_t length;
};

static void on_touched(void *context)
{
	struct fixture *fixture = context;

	if (--fixture->keys == 0)
		loop_stop(fixture->loop);
}

static void on_wanted(void *context, struct front *front, const struct menu_event *event)
{
	struct fixture *fixture = context;

	fixture->event = *event;
	strncpy(fixture->options, event->options ?: "", sizeof(fixture->options) - 1);
}

static void on_failed(void *context, struct front *front, int code)
{
	fail();
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct front_events events = {
		.touched = on_touched,
		.wanted = on_wanted,
		.failed = on_failed,
		.context = fixture,
	};

	fixture->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(fixture->master >= 0);
	assert_int_equal(grantpt(fixture->master), 0);
	assert_int_equal(unlockpt(fixture->master), 0);
	assert_int_equal(loop_new(&fixture->loop), 0);
	assert_int_equal(front_start_lines(fixture->loop,
					   ptsname(fixture->master) + strlen("/dev/"), &events,
					   &fixture->front),
			 0);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	front_stop(fixture->front);
	loop_free(fixture->loop);
	close(fixture->master);
	free(fixture);
	return 0;
}

/* Waits until @text was said; returns all of it, NUL-terminated. */
static const char *wait_said(struct fixture *fixture, const char *text)
{
	struct pollfd p = { .fd = fixture->master, .events = POLLIN };

	while (!strstr(fixture->said, text)) {
		ssize_t n;

		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		n = read(fixture->master, fixture->said + fixture->length,
			 sizeof(fixture->said) - 1 - fixture->length);
		assert_true(n > 0);
		fixture->length += (size_t)n;
	}
	return fixture->said;
}

static void type(struct fixture *fixture, const char *keys)
{
	fixture->keys = (unsigned int)strlen(keys);
	assert_int_equal(write(fixture->master, keys, fixture->keys), fixture->keys);
	assert_int_equal(loop_run(fixture->loop), 0);
}

/* A line's ends and what can be printed. */
static void assert_harmless(const char *text)
{
	for (; *text; text++)
		assert_true((*text >= 0x20 && *text < 0x7f) || *text == '\r' || *text == '\n');
}

/* ESC, and the CSI of eight bits alone and as UTF-8. */
static char hostile[] = "The system\033[2J\2332J\302\2332J\a\177";

static void a_hostile_entry_cannot_speak_to_the_terminal(void **state)
{
	struct fixture *fixture = *state;
	struct entry entries[] = {
		{ .id = hostile, .title = hostile, .options = hostile },
		{ .id = "grey", .title = hostile, .greyed = hostile },
	};
	const struct menu_row rows[] = { { .entry = &entries[0], .system = hostile },
					 { .entry = &entries[1], .system = hostile } };
	struct menu_model model = {
		.title = "kexit-boot",
		.rows = rows,
		.row_count = 2,
		.preferred = &entries[0],
		.countdown = MENU_NO_COUNTDOWN,
		.trouble = hostile,
	};

	front_show(fixture->front, &model);
	wait_said(fixture, "*   1  The system?[2J2J?2J??\r\n");
	type(fixture, "e 1\r");
	wait_said(fixture, "boot with: The system?[2J");
	model.progress = hostile;
	front_show(fixture->front, &model);
	assert_harmless(wait_said(fixture, "... The system?[2J2J?2J??\r\n"));
}

static struct entry plain = { .id = "debian", .title = "Debian", .options = (char[]){ "quiet" } };
static const struct menu_row plain_row = { .entry = &plain, .system = "vda1" };
static const struct menu_model plain_model = {
	.title = "kexit-boot",
	.rows = &plain_row,
	.row_count = 1,
	.countdown = MENU_NO_COUNTDOWN,
};

static void a_command_line_is_edited_for_one_boot(void **state)
{
	struct fixture *fixture = *state;

	front_show(fixture->front, &plain_model);
	type(fixture, "e1\r\177\177\177\177\177ro\r");
	assert_int_equal(fixture->event.action, MENU_BOOT);
	assert_ptr_equal(fixture->event.entry, &plain);
	assert_string_equal(fixture->options, "ro");
}

static void what_is_no_entry_boots_nothing(void **state)
{
	struct fixture *fixture = *state;

	front_show(fixture->front, &plain_model);
	type(fixture, "2\r");
	assert_int_equal(fixture->event.action, MENU_NOTHING);
	wait_said(fixture, "There is no such entry.");
}

/* A submenu with two entries behind an entry. */
static const char *const submenu[] = { "Advanced options" };
static struct entry menu_entries[] = {
	{ .id = "a", .title = "First", .path = "/grub.cfg", .format = ENTRY_GRUB },
	{ .id = "b", .title = "Second", .path = "/grub.cfg", .menus = submenu, .menu_count = 1 },
	{ .id = "c", .title = "Third", .path = "/grub.cfg", .menus = submenu, .menu_count = 1 },
};
static const struct menu_row menu_rows[] = {
	{ .entry = &menu_entries[0], .system = "Debian, vda1", .also = "vda2: /boot/grub.cfg" },
	{ .entry = &menu_entries[1], .system = "Debian, vda1" },
	{ .entry = &menu_entries[2], .system = "Debian, vda1" },
};
static struct menu_model menu_model = {
	.title = "kexit-boot",
	.rows = menu_rows,
	.row_count = 3,
	.preferred = &menu_entries[0],
	.rule = "MENU DEFAULT",
	.countdown = MENU_NO_COUNTDOWN,
};

/* The numbers are the entries' whether it is open or not. */
static void a_submenu_folds_and_its_numbers_stay(void **state)
{
	struct fixture *fixture = *state;

	front_show(fixture->front, &menu_model);
	wait_said(fixture, "*   1  First\r\n+      Advanced options (2 to 3)\r\n\r\n");
	type(fixture, "m 3\r");
	wait_said(fixture,
		  "-      Advanced options (2 to 3)\r\n    2    Second\r\n    3    Third\r\n");
	type(fixture, "m 3\r3\r");
	assert_int_equal(fixture->event.action, MENU_BOOT);
	assert_ptr_equal(fixture->event.entry, &menu_entries[2]);
	type(fixture, "m 1\r");
	wait_said(fixture, "That one is in no submenu.");
}

static void details_are_printed(void **state)
{
	struct fixture *fixture = *state;

	front_show(fixture->front, &menu_model);
	type(fixture, "d1\r");
	wait_said(fixture, "default   by MENU DEFAULT\r\n");
	wait_said(fixture, "said by   /grub.cfg (grub)\r\nalso by   vda2: /boot/grub.cfg\r\n");
}

/* They are made once they are asked for, and printed when they are there. */
static void the_log_is_printed_when_it_is_there(void **state)
{
	struct fixture *fixture = *state;

	front_show(fixture->front, &menu_model);
	type(fixture, "l\r");
	assert_int_equal(fixture->event.action, MENU_WANT_LOG);
	menu_model.log = "vda1: 10 MiB\n  3 entries\033[2J\n";
	front_show(fixture->front, &menu_model);
	assert_harmless(wait_said(fixture, "vda1: 10 MiB\r\n  3 entries?[2J\r\n"));
	menu_model.log = NULL;
}

static void the_files_are_edited_before_the_command_line(void **state)
{
	struct fixture *fixture = *state;
	struct fsroot *root;

	assert_int_equal(fsroot_name("/mnt/vda1", &root), 0);
	plain.kernel = (struct entry_file){ .root = root, .path = "/vmlinuz" };
	front_show(fixture->front, &plain_model);
	type(fixture, "E 1\r");
	wait_said(fixture, "kernel: /vmlinuz");
	type(fixture, "2\r/initrd\r");
	wait_said(fixture, "boot with: quiet");
	type(fixture, "\r");
	assert_int_equal(fixture->event.action, MENU_BOOT);
	assert_string_equal(fixture->event.kernel, "/vmlinuz2");
	assert_string_equal(fixture->event.initrds, "/initrd");
	assert_string_equal(fixture->options, "quiet");
	/* It was for that boot. */
	type(fixture, "1\r");
	assert_null(fixture->event.kernel);
	fsroot_close(root);
	plain.kernel = (struct entry_file){ .root = NULL };
}

/* ---- a line that is slower than what happens */

#define MANY 500

static void on_late(void *context)
{
	fail_msg("the last list did not come");
}

/* Reads what was said; the last list is the one of the last time. */
static void on_said(void *context, uint32_t events)
{
	struct fixture *fixture = context;
	ssize_t n = read(fixture->master, fixture->said + fixture->length,
			 sizeof(fixture->said) - 1 - fixture->length);

	assert_true(n > 0);
	fixture->length += (size_t)n;
	if (strstr(fixture->said, " 500  time 49\r\n") &&
	    strstr(fixture->said, "power off\r\n\r\n> "))
		loop_stop(fixture->loop);
}

static size_t count(const char *text, const char *what)
{
	size_t found = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		found++;
	return found;
}

static void a_slow_line_gets_whole_lists_and_no_old_ones(void **state)
{
	struct fixture *fixture = *state;
	static struct entry entries[MANY];
	static struct menu_row rows[MANY];
	struct menu_model model = { .title = "kexit-boot",
				    .rows = rows,
				    .row_count = MANY,
				    .countdown = MENU_NO_COUNTDOWN };
	int timer = loop_add_timer(fixture->loop, on_late, NULL);
	char title[16];
	size_t lists;

	for (int i = 0; i < MANY; i++) {
		entries[i] = (struct entry){ .id = "id", .title = title };
		rows[i] = (struct menu_row){ .entry = &entries[i], .system = "system" };
	}
	/* Nobody reads. */
	for (int time = 0; time < 50; time++) {
		snprintf(title, sizeof(title), "time %d", time);
		front_show(fixture->front, &model);
	}
	loop_set_timer(timer, PATIENCE_MS);
	loop_add(fixture->loop, fixture->master, EPOLLIN, on_said, fixture);
	assert_int_equal(loop_run(fixture->loop), 0);
	/* What the terminal's own buffer took at once, and the last. */
	lists = count(fixture->said, "kexit-boot");
	assert_true(lists < 10);
	assert_int_equal(count(fixture->said, "  time "), lists * MANY);
	assert_int_equal(count(fixture->said, "time 49\r\n"), MANY);
	close(timer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_hostile_entry_cannot_speak_to_the_terminal, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_command_line_is_edited_for_one_boot, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_no_entry_boots_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_submenu_folds_and_its_numbers_stay, setup,
						teardown),
		cmocka_unit_test_setup_teardown(details_are_printed, setup, teardown),
		cmocka_unit_test_setup_teardown(the_log_is_printed_when_it_is_there, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_files_are_edited_before_the_command_line, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_slow_line_gets_whole_lists_and_no_old_ones, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
