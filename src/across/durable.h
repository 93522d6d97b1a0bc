/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small file that is on disk when the call returns, since the machine jumps right after. */
#pragma once

#include "sys/root.h"

/*
 * Writes @text, and a line's end, to the file @path in @folder (made when missing, 0755; the one above it must be there), as on
 * the machine, whole or not at all, mode 0600. 0 or a negative errno; the old file stays when it fails.
 */
int durable_write(const struct sysroot *root, const char *folder, const char *path,
		  const char *text);

/* Takes it away. None there is success. */
int durable_remove(const struct sysroot *root, const char *folder, const char *path);
