/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks made of disks: md arrays, put together by mdadm, and LVM's volumes as lvm reports them, each
 * without a write to its members, which are read-only in the kernel before.
 *
 * Both can be called again with more members when these appear. Blocks as long as the members do.
 */
#pragma once

#include "base/error.h"
#include "storage/mount.h"
#include "sys/ops.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Assembles /dev/md@number of the @count disks @names, read-only. Unless @degraded, an array that
 * lacks members is left alone: -EAGAIN. -ENOENT: no mdadm in this image.
 */
int assemble_md(const struct sys *sys, unsigned int number, const char *const names[], size_t count,
		bool degraded, struct error *e);

/*
 * Maps the linear and striped volumes of the groups on the disks @names that are complete, read-only:
 * see lvm.h; and has lvm activate, in RAM, what lvm_ram.h can: @load is for its modules. -ENOENT: no lvm in
 * this image. Otherwise what can be read is there, and @e names the volumes and groups that cannot, with
 * the first one's code, which is returned. @e may not be NULL.
 */
int assemble_lvm(const struct sys *sys, const char *const names[], size_t count,
		 mount_load_module *load, struct error *e);
