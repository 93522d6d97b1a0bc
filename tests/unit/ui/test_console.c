// SPDX-License-Identifier: GPL-2.0-or-later
/* A console on a pseudo-terminal: what a person at the other end sees and types. */
#include "ui/console.h"
#include "ui/key.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

/* Far beyond what anything here takes; only a test that fails waits for it. */
#define PATIENCE_MS 20000

struct line {
	int master;
	struct console *console;
	char said[65536]; /* all that came over the line */
	size_t length;
};

static void open_line(struct line *line, unsigned short width, unsigned short height,
		      const char *type)
{
	struct winsize size = { .ws_row = height, .ws_col = width };
	int r;

	memset(line, 0, sizeof(*line));
	line->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(line->master >= 0);
	assert_int_equal(grantpt(line->master), 0);
	assert_int_equal(unlockpt(line->master), 0);
	if (width)
		ioctl(line->master, TIOCSWINSZ, &size);
	r = console_start(ptsname(line->master), type, &line->console);
	assert_int_equal(r, 0);
}

static void close_line(struct line *line)
{
	console_stop(line->console);
	close(line->master);
}

static bool listen_for(struct line *line, int ms)
{
	struct pollfd p = { .fd = line->master, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return false;
	n = read(line->master, line->said + line->length, sizeof(line->said) - 1 - line->length);
	if (n <= 0)
		return false;
	line->length += (size_t)n;
	line->said[line->length] = '\0';
	return true;
}

/* Takes what waits on the line; false when nothing came for PATIENCE_MS. */
static bool listen_once(struct line *line)
{
	return listen_for(line, PATIENCE_MS);
}

static bool listen_at_once(struct line *line)
{
	return listen_for(line, 0);
}

static void wait_said(struct line *line, const char *text)
{
	while (!strstr(line->said, text))
		assert_true(listen_once(line));
}

static int next_event(struct line *line, struct console_event *ret)
{
	struct pollfd p = { .fd = console_fd(line->console), .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	return console_read(line->console, ret);
}

static void show(struct line *line, unsigned int width, unsigned int height, const char *text)
{
	struct screen *screen = screen_new(width, height);

	screen_put(screen, 2, 3, EMPHASIS_STRONG, "%s", text);
	assert_int_equal(console_show(line->console, screen, false), 0);
	screen_free(screen);
}

static void a_screen_is_shown_and_keys_come_back(void **unused)
{
	static const char *const types[] = { "vt100", "vt220", "linux" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct console_event event;
		struct line line;

		open_line(&line, 80, 24, types[i]);
		assert_int_equal(next_event(&line, &event), 1);
		assert_int_equal(event.key, UI_KEY_NONE);
		assert_int_equal(event.width, 80);
		assert_int_equal(event.height, 24);
		show(&line, 80, 24, "Debian");
		wait_said(&line, "Debian");
		assert_int_equal(write(line.master, "e\r\025", 3), 3);
		assert_int_equal(next_event(&line, &event), 1);
		assert_int_equal(event.key, 'e');
		next_event(&line, &event);
		assert_int_equal(event.key, UI_KEY_ENTER);
		next_event(&line, &event);
		assert_int_equal(event.key, UI_KEY_CUT_HEAD);
		/* The arrow as that terminal sends it in the mode it was put in. */
		assert_true(write(line.master, i == 0 ? "\033OB" : "\033[B", 3) == 3);
		next_event(&line, &event);
		assert_int_equal(event.key, UI_KEY_DOWN);
		close_line(&line);
	}
}

/* 9600 baud is 960 characters a second. */
static void a_small_change_sends_little(void **unused)
{
	struct console_event event;
	struct line line;
	size_t before;

	open_line(&line, 80, 24, "vt100");
	next_event(&line, &event);
	show(&line, 80, 24, "9 s to the default");
	wait_said(&line, "9 s to the default");
	before = line.length;
	show(&line, 80, 24, "8 s to the default");
	do
		assert_true(listen_once(&line));
	while (!strchr(line.said + before, '8'));
	assert_true(line.length - before < 40);
	close_line(&line);
}

/* The list moves by a row: the terminal moves what it has, and is sent that row. */
static void a_list_that_scrolls_sends_a_row(void **unused)
{
	static const char text[] = "the quick brown fox jumps over the lazy dog and away it runs";
	struct screen *screen = screen_new(80, 24);
	struct console_event event;
	struct line line;
	size_t before;

	open_line(&line, 80, 24, "vt220");
	next_event(&line, &event);
	for (unsigned int first = 0; first < 2; first++) {
		/* No two rows are alike anywhere. */
		for (unsigned int row = 2; row < 22; row++)
			screen_put(screen, row, 0, EMPHASIS_NONE, "%.40s entry %02u",
				   text + row + first - 2, row + first);
		before = line.length;
		assert_int_equal(console_show(line.console, screen, false), 0);
		wait_said(&line, first ? "entry 22" : "entry 21");
	}
	assert_true(line.length - before < 120);
	screen_free(screen);
	close_line(&line);
}

/* What comes after the menu, such as a shell, finds an empty screen, its cursor, and an echo. */
static void the_terminal_is_given_back(void **unused)
{
	struct console_event event;
	struct termios before, after;
	struct line line;

	open_line(&line, 80, 24, "vt220");
	tcgetattr(line.master, &before);
	next_event(&line, &event);
	show(&line, 80, 24, "Debian");
	wait_said(&line, "Debian");
	line.length = 0;
	line.said[0] = '\0';
	console_stop(line.console);
	while (listen_at_once(&line))
		;
	assert_non_null(strstr(line.said, "\033[J"));
	assert_non_null(strstr(line.said, "\033[?25h"));
	tcgetattr(line.master, &after);
	assert_int_equal(after.c_lflag & (ICANON | ECHO), before.c_lflag & (ICANON | ECHO));
	assert_true(after.c_lflag & ECHO);
	close(line.master);
}

static void a_new_size_is_told(void **unused)
{
	struct winsize size = { .ws_row = 12, .ws_col = 40 };
	struct console_event event;
	struct line line;

	open_line(&line, 80, 24, "linux");
	next_event(&line, &event);
	ioctl(line.master, TIOCSWINSZ, &size);
	assert_int_equal(next_event(&line, &event), 1);
	assert_int_equal(event.key, UI_KEY_NONE);
	assert_int_equal(event.width, 40);
	assert_int_equal(event.height, 12);
	show(&line, 40, 12, "smaller");
	wait_said(&line, "smaller");
	close_line(&line);
}

/* `stty rows 50 cols 132` at that line, by a shell or by a getty. */
static void a_size_that_is_set_on_the_line_is_told(void **unused)
{
	struct winsize size = { .ws_row = 50, .ws_col = 132 };
	struct console_event event;
	struct line line;
	int slave;

	open_line(&line, 80, 24, "vt220");
	next_event(&line, &event);
	slave = open(ptsname(line.master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	ioctl(slave, TIOCSWINSZ, &size);
	close(slave);
	assert_int_equal(next_event(&line, &event), 1);
	assert_int_equal(event.width, 132);
	assert_int_equal(event.height, 50);
	close_line(&line);
}

/* A screen larger than the terminal, and one that is smaller than any that is drawn for. */
static void what_does_not_fit_is_left_out(void **unused)
{
	static const unsigned short sizes[][2] = { { 40, 12 }, { 10, 3 }, { 1, 1 } };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct console_event event;
		struct line line;

		open_line(&line, sizes[i][0], sizes[i][1], "vt100");
		assert_int_equal(next_event(&line, &event), 1);
		assert_int_equal(event.width, sizes[i][0]);
		show(&line, 80, 24, "Debian");
		/* It is alive and takes keys after it has painted. */
		assert_int_equal(write(line.master, "e", 1), 1);
		assert_int_equal(next_event(&line, &event), 1);
		assert_int_equal(event.key, 'e');
		close_line(&line);
	}
}

static void a_serial_terminal_is_asked_for_its_size(void **unused)
{
	struct console_event event;
	struct line line;

	open_line(&line, 0, 0, "vt220");
	wait_said(&line, "\033[6n");
	assert_int_equal(write(line.master, "\033[50;132R", 9), 9);
	assert_int_equal(next_event(&line, &event), 1);
	assert_int_equal(event.width, 132);
	assert_int_equal(event.height, 50);
	/* The window is another now, of which no line tells: ^L asks again. */
	line.length = 0;
	line.said[0] = '\0';
	assert_int_equal(write(line.master, "\f", 1), 1);
	wait_said(&line, "\033[6n");
	assert_int_equal(write(line.master, "\033[30;100R", 9), 9);
	/* Before the key came what the first answer changed. */
	do
		assert_int_equal(next_event(&line, &event), 1);
	while (event.key != UI_KEY_REPAINT);
	assert_int_equal(event.width, 100);
	assert_int_equal(event.height, 30);
	close_line(&line);

	/* Nobody answers: what every serial terminal can show. */
	open_line(&line, 0, 0, "vt220");
	assert_int_equal(next_event(&line, &event), 1);
	assert_int_equal(event.width, 80);
	assert_int_equal(event.height, 24);
	close_line(&line);
}

static void a_line_that_takes_nothing_blocks_nobody(void **unused)
{
	struct screen *screen = screen_new(80, 24);
	struct console_event event;
	struct line line;
	int r = 0;

	open_line(&line, 80, 24, "vt220");
	next_event(&line, &event);
	/* Nobody reads the other end: its buffer fills, then ours. */
	for (int i = 0; i < 100000 && r != -EAGAIN; i++) {
		for (unsigned int row = 0; row < 24; row++)
			screen_put(screen, row, 0, EMPHASIS_NONE, "%*d", 79, i);
		r = console_show(line.console, screen, true);
		assert_true(r == 0 || r == -EAGAIN);
	}
	assert_int_equal(r, -EAGAIN);
	close_line(&line);
	screen_free(screen);
}

/* The loop waits for any child that ended, and so for a console's before it is stopped. */
static void a_console_may_have_ended_before(void **unused)
{
	struct console_event event;
	struct console *console;
	struct line line;

	assert_int_equal(console_start("/dev/no-such-console", NULL, &console), 0);
	line.console = console;
	assert_int_equal(next_event(&line, &event), -ENODEV);
	assert_true(waitpid(-1, NULL, 0) > 0);
	console_stop(console);
}

static void what_cannot_show_a_menu_says_so(void **unused)
{
	struct console_event event;
	struct console *console;
	struct line line;

	open_line(&line, 80, 24, "dumb");
	assert_int_equal(next_event(&line, &event), -ENOTTY);
	close_line(&line);
	open_line(&line, 80, 24, "no-such-terminal");
	assert_int_equal(next_event(&line, &event), -ENOTTY);
	close_line(&line);

	assert_int_equal(console_start("/dev/no-such-console", NULL, &console), 0);
	line.console = console;
	assert_int_equal(next_event(&line, &event), -ENODEV);
	console_stop(console);
}

static void a_device_has_its_terminal(void **unused)
{
	assert_string_equal(console_type("/dev/tty0"), "linux");
	assert_string_equal(console_type("/dev/ttyS0"), "vt220");
	assert_string_equal(console_type("/dev/ttyAMA0"), "vt220");
	assert_string_equal(console_type("/dev/hvc0"), "vt220");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_screen_is_shown_and_keys_come_back),
		cmocka_unit_test(a_small_change_sends_little),
		cmocka_unit_test(a_list_that_scrolls_sends_a_row),
		cmocka_unit_test(the_terminal_is_given_back),
		cmocka_unit_test(a_new_size_is_told),
		cmocka_unit_test(a_size_that_is_set_on_the_line_is_told),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(a_serial_terminal_is_asked_for_its_size),
		cmocka_unit_test(a_line_that_takes_nothing_blocks_nobody),
		cmocka_unit_test(a_console_may_have_ended_before),
		cmocka_unit_test(what_cannot_show_a_menu_says_so),
		cmocka_unit_test(a_device_has_its_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
