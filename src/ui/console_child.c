// SPDX-License-Identifier: GPL-2.0-or-later
/* The terminal's side of a console: keys out, screens in, one process; see console_child.h. */
#include "ui/console_child.h"

#include "ui/console.h"
#include "ui/key.h"
#include "ui/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* A packet: this, then the rows' characters, then their emphases. Both ends are one program. */
struct frame {
	uint32_t width, height;
	uint32_t cursor_row, cursor_column;
	bool has_cursor, anew;
	char cells[];
};

/* ---- the packet */

int console_send(int fd, const struct screen *screen, bool anew)
{
	unsigned int width = screen_width(screen), height = screen_height(screen);
	size_t area = (size_t)width * height, size = sizeof(struct frame) + 2 * area;
	struct frame *frame = calloc(1, size);
	ssize_t n;

	if (!frame)
		return -ENOMEM;
	*frame = (struct frame){ .width = width, .height = height, .anew = anew };
	frame->has_cursor = screen_cursor(screen, &frame->cursor_row, &frame->cursor_column);
	for (unsigned int row = 0; row < height; row++) {
		memcpy(frame->cells + (size_t)row * width, screen_row(screen, row), width);
		for (unsigned int column = 0; column < width; column++)
			frame->cells[area + (size_t)row * width + column] =
				(char)screen_emphasis(screen, row, column);
	}
	n = send(fd, frame, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	free(frame);
	return n < 0 ? -errno : 0;
}

/* NULL when memory is short or the packet is none of ours. */
static struct screen *unpack(const struct frame *frame, size_t size)
{
	size_t area = (size_t)frame->width * frame->height;
	struct screen *screen;

	if (size != sizeof(*frame) + 2 * area)
		return NULL;
	screen = screen_new(frame->width, frame->height);
	if (!screen)
		return NULL;
	for (size_t i = 0; i < area; i++)
		screen_put(screen, (unsigned int)(i / frame->width),
			   (unsigned int)(i % frame->width), (enum emphasis)frame->cells[area + i],
			   "%c", frame->cells[i]);
	if (frame->has_cursor)
		screen_place_cursor(screen, frame->cursor_row, frame->cursor_column);
	return screen;
}

/* ---- the process */

struct child {
	int fd, signals;
	unsigned int width, height;
	bool anew; /* asked for, in this frame or in one that was passed over */
};

static bool tell(const struct child *child, int key)
{
	struct console_event event = { .key = key, .width = child->width, .height = child->height };

	return send(child->fd, &event, sizeof(event), MSG_NOSIGNAL) == (ssize_t)sizeof(event);
}

static bool tell_size(struct child *child)
{
	terminal_size(&child->width, &child->height);
	return tell(child, UI_KEY_NONE);
}

/* Not every terminal says that it changed. */
static bool tell_new_size(struct child *child)
{
	unsigned int width, height;

	terminal_size(&width, &height);
	return (width == child->width && height == child->height) || tell_size(child);
}

static bool paint(struct child *child, const struct frame *frame, size_t size)
{
	struct screen *screen = unpack(frame, size);

	if (!screen)
		return false;
	terminal_paint(screen, child->anew || frame->anew);
	child->anew = false;
	screen_free(screen);
	return tell_new_size(child);
}

/* Takes what there is and paints the last: a slow line gets no screen that is out of date. */
static bool take_frames(struct child *child)
{
	struct frame *last = NULL;
	size_t last_size = 0;
	bool goes_on = true;

	for (;;) {
		ssize_t size = recv(child->fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
		struct frame *frame;

		if (size < (ssize_t)sizeof(*frame)) {
			goes_on = size < 0 && errno == EAGAIN;
			break;
		}
		frame = malloc((size_t)size);
		if (!frame || recv(child->fd, frame, (size_t)size, 0) != size) {
			free(frame);
			goes_on = false;
			break;
		}
		if (last)
			child->anew = child->anew || last->anew;
		free(last);
		last = frame;
		last_size = (size_t)size;
	}
	if (last && goes_on)
		goes_on = paint(child, last, last_size);
	free(last);
	return goes_on;
}

static bool take_keys(struct child *child)
{
	int key;

	while ((key = terminal_key()) > 0) {
		if (key == UI_KEY_REPAINT) {
			terminal_ask_size();
			terminal_size(&child->width, &child->height);
		}
		if (!tell(child, key))
			return false;
	}
	if (key == 0)
		return true;
	tell(child, -ENODEV);
	return false;
}

static bool take_resize(struct child *child)
{
	struct signalfd_siginfo info;

	while (read(child->signals, &info, sizeof(info)) > 0)
		;
	return tell_size(child);
}

static void serve(struct child *child)
{
	struct pollfd polls[] = {
		{ .fd = child->fd, .events = POLLIN },
		{ .fd = terminal_fd(), .events = POLLIN },
		{ .fd = child->signals, .events = POLLIN },
	};

	for (;;) {
		if (poll(polls, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (polls[0].revents && !take_frames(child))
			return;
		if (polls[1].revents && !take_keys(child))
			return;
		if (polls[2].revents && !take_resize(child))
			return;
	}
}

static int resize_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_SETMASK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int console_child(const char *path, const char *type, int fd)
{
	struct child child = { .fd = fd };
	int r;

	/* A loop that dies takes its consoles with it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setsid();
	child.signals = resize_signals();
	r = terminal_open(path, type);
	if (r < 0) {
		tell(&child, r == -ENOTTY ? -ENOTTY : -ENODEV);
		return EXIT_FAILURE;
	}
	if (tell_size(&child))
		serve(&child);
	terminal_close();
	return EXIT_SUCCESS;
}
