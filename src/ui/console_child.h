/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of a console, and the packet that a screen travels to it in. */
#pragma once

#include "ui/screen.h"

#include <stdbool.h>

/* Serves the terminal @path until the other end of @fd closes. Returns the process's exit status. */
int console_child(const char *path, const char *type, int fd);

/* One packet; 0, -EAGAIN when the last ones were not taken yet, or another negative errno. */
int console_send(int fd, const struct screen *screen, bool anew);
