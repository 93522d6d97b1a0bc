/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A terminal that screens are painted on and keys come from: the one file that knows ncurses, which
 * sends a slow line no more than what changed. One a process, as it blocks while a terminal takes
 * nothing (ui/console.h keeps that from the others).
 */
#pragma once

#include "ui/screen.h"

#include <stdbool.h>

/*
 * Opens the terminal device @path ("/dev/ttyS0") as a terminal of type @type (terminfo(5)) and
 * makes it this process's. 0; -ENOTTY for a type that is unknown or that cannot place a cursor; or
 * another negative errno. To be closed also when the process is about to end: the line would be left
 * without echo, and with a menu on it.
 */
int terminal_open(const char *path, const char *type);
void terminal_close(void);

/* To poll(2) for keys; -1 before terminal_open(). */
int terminal_fd(void);

/* The next key of ui/key.h, UI_KEY_NONE when none waits, or -EIO when the terminal is gone. */
int terminal_key(void);

/* Columns and rows now: a console's own, or what a serial terminal answered when it was opened, or
 * 80 by 24. */
void terminal_size(unsigned int *ret_width, unsigned int *ret_height);

/* Asks a serial terminal again how large it is, whose window may be another since: no line tells.
 * For when a person says that the screen is wrong, as keys typed before the answer are lost. */
void terminal_ask_size(void);

/* Shows @screen. @anew: paints all of it, whatever is thought to be there. */
void terminal_paint(const struct screen *screen, bool anew);
