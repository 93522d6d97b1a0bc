/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From sysfs to a graph, in one pass and with no child process; the cost grows linearly.
 *
 * A device that vanishes while it is read is left out and is no error. What cannot be read as an
 * unprivileged user is marked (USE_UNKNOWN, has_config = false), never guessed.
 */
#pragma once

#include "base/error.h"
#include "graph/graph.h"
#include "sys/root.h"

/* The caller owns *@ret_graph. -ENOMEM, or what the kernel said when /sys itself cannot be read. */
int scan(const struct sysroot *root, struct graph **ret_graph, struct error *e);

/*
 * Asks again, right before @device is released, whether it is in use: only what concerns it is
 * read. device->uses becomes what holds now for it and those below it. Returns 1 when it is in use
 * now, 0 when not, -ENODEV when it is gone or bound to another driver than @device says, or another
 * negative errno.
 */
int scan_recheck(const struct sysroot *root, struct graph *graph, struct device *device);
