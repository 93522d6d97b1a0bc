/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks made of disks: md arrays and LVM's volumes, put together by Debian's own programs and
 * without a write to their members, which are read-only in the kernel before.
 *
 * Both can be called again with more members when these appear. Blocks as long as the members do.
 */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Assembles /dev/md@number of the @count disks @names, read-only. Unless @degraded, an array that
 * lacks members is left alone: -EAGAIN. -ENOENT: no mdadm in this image.
 */
int assemble_md(const struct sys *sys, unsigned int number, const char *const names[], size_t count,
		bool degraded, struct error *e);

/* Activates whatever is complete of the volume groups on the disks @names. -ENOENT: no lvm in this
 * image. -EIO: some of it could not be; @e has lvm's words. */
int assemble_lvm(const struct sys *sys, const char *const names[], size_t count, struct error *e);
