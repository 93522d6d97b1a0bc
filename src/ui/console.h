/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One console of several that show the menu at once. Each has a process of its own that paints and
 * reads keys: a serial line that is held by flow control, or that nobody drains, blocks that process
 * and nothing else.
 */
#pragma once

#include "ui/screen.h"

#include <stdbool.h>

struct console;

struct console_event {
	int key; /* of ui/key.h; UI_KEY_NONE: none, the size changed or is known now */
	unsigned int width, height;
};

/*
 * Starts the process for the terminal device @path ("/dev/tty0") of type @type (terminfo(5); NULL: by
 * its name). Its first event tells the size. 0 or a negative errno.
 */
int console_start(const char *path, const char *type, struct console **ret_console);

/* Ends it and gives the terminal back as it was: for a shell, or before the jump. NULL is fine. */
void console_stop(struct console *console);

const char *console_path(const struct console *console);

/* To be polled for reading. */
int console_fd(const struct console *console);

/*
 * 1 with an event, 0 when there is none, -ENODEV when the terminal could not be opened or is gone
 * (stop it then), -ENOTTY when it is no terminal that can show a menu.
 */
int console_read(struct console *console, struct console_event *ret_event);

/*
 * Shows @screen, @anew from nothing. Never blocks: a console that has not yet taken the last one gets
 * -EAGAIN, and is to be shown a later one.
 */
int console_show(struct console *console, const struct screen *screen, bool anew);

/* The terminal type that goes with a device's name: "linux" for a virtual console, else "vt220". */
const char *console_type(const char *path);
