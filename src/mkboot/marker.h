/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The marks by which a boot loader knows its own image (sys/boot_image.h), as they are written. */
#pragma once

#include "base/arena.h"
#include "mkboot/buffer.h"

#include <time.h>

/* Begins the empty @initrd with the archive of the marker, dated @time. 0, or an errno with @e filled. */
int marker_begin(struct buffer *initrd, time_t time, struct error *e);

/* @command_line, which may be NULL, with the word in front; in @arena. NULL: no memory. */
const char *marker_command_line(struct arena *arena, const char *command_line);
