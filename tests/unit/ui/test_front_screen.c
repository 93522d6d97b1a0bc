// SPDX-License-Identifier: GPL-2.0-or-later
/* The full menu on a pseudo-terminal: a line that is slower than what happens ends with what is the case. */
#include "ui/front.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

/* Far beyond what anything here takes; only a test that fails waits for it. */
#define PATIENCE_MS 20000

/* More screens than the socket and the terminal hold when nobody takes them. */
#define SCREENS	    2000

struct line {
	int master, timer;
	struct loop *loop;
	struct front *front;
	struct menu_model model;
	char title[16], trouble[400];
	char said[4096]; /* last */
	size_t length;
};

static void on_touched(void *context)
{
}

static void on_wanted(void *context, struct front *front, const struct menu_event *event)
{
}

static void on_failed(void *context, struct front *front, int code)
{
	fail();
}

static void on_late(void *context)
{
	fail_msg("the last screen did not come");
}

/* Within one event, so that nobody reads: each screen is another from edge to edge. */
static void show_too_much(struct line *line)
{
	for (int i = 0; i < SCREENS; i++) {
		snprintf(line->title, sizeof(line->title), "%d", i);
		memset(line->trouble, 'a' + i % 26, sizeof(line->trouble) - 1);
		line->model.trouble = line->trouble;
		front_show(line->front, &line->model);
	}
	strcpy(line->title, "the end");
	line->model.trouble = NULL;
	front_show(line->front, &line->model);
}

/* Keeps the end of what is said. */
static void on_said(void *context, uint32_t events)
{
	struct line *line = context;
	ssize_t n;

	if (line->length > sizeof(line->said) / 2) {
		memmove(line->said, line->said + line->length - 64, 64);
		line->length = 64;
	}
	n = read(line->master, line->said + line->length, sizeof(line->said) - 1 - line->length);
	if (n <= 0)
		return;
	line->length += (size_t)n;
	line->said[line->length] = '\0';
	if (strstr(line->said, "the end"))
		loop_stop(line->loop);
	else if (!*line->trouble && strstr(line->said, "begin"))
		show_too_much(line);
}

static void open_line(struct line *line)
{
	const struct front_events events = {
		.touched = on_touched,
		.wanted = on_wanted,
		.failed = on_failed,
		.context = line,
	};
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	memset(line, 0, sizeof(*line));
	line->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(line->master >= 0);
	assert_int_equal(grantpt(line->master), 0);
	assert_int_equal(unlockpt(line->master), 0);
	ioctl(line->master, TIOCSWINSZ, &size);
	assert_int_equal(loop_new(&line->loop), 0);
	line->timer = loop_add_timer(line->loop, on_late, line);
	loop_set_timer(line->timer, PATIENCE_MS);
	assert_int_equal(loop_add(line->loop, line->master, EPOLLIN, on_said, line), 0);
	assert_int_equal(front_start_screen(line->loop, ptsname(line->master) + strlen("/dev/"),
					    &events, &line->front),
			 0);
}

static void what_a_slow_line_shows_last_is_the_case(void **unused)
{
	struct line line;

	open_line(&line);
	strcpy(line.title, "begin");
	line.model.title = line.title;
	line.model.countdown = MENU_NO_COUNTDOWN;
	front_show(line.front, &line.model);
	assert_int_equal(loop_run(line.loop), 0);
	assert_non_null(strstr(line.said, "the end"));
	front_stop(line.front);
	loop_free(line.loop);
	close(line.timer);
	close(line.master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_slow_line_shows_last_is_the_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
