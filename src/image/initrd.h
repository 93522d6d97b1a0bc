/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several initrds as one file. */
#pragma once

#include "base/error.h"
#include "image/file.h"

#include <stddef.h>

/*
 * Opens the one file of @paths, or puts several one behind the other into memory, each padded with
 * zeros to 4 bytes as the kernel's unpacker wants it (Linux: Documentation/driver-api/early-
 * userspace/buffer-format.rst). @parts (may be NULL): what is read instead, see image_part. @last (may
 * be NULL) comes behind them, where there are any. *@ret_fd is the caller's, O_CLOEXEC, -1 when @count is 0. Returns a negative errno with @e, which
 * names the file.
 */
int initrd_open(const char *const paths[], const struct image_part *parts, size_t count,
		const struct image_part *last, int *ret_fd, unsigned long long *ret_bytes,
		struct error *e);
