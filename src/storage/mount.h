/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system mounted so that nothing on its disk changes: as it is on the disk; or, where it was not
 * unmounted and its journal has more, with that replayed into a layer in RAM (overlay.h).
 */
#pragma once

#include "base/error.h"
#include "storage/disks.h"
#include "storage/kinds.h"
#include "sys/ops.h"

/* Which block device is mounted, and with which of the file system's options: to mount it once more. */
struct mount_source {
	char disk[DISK_NAME_SIZE];
	const char *options; /* static */
};

/* Loads a module by its name or an alias into the kernel, if it is there. */
typedef int mount_load_module(const char *name);

/*
 * Mounts @source, which holds @type, on the folder @target (made when missing), with @more of the
 * file system's options ("subvolid=5") or NULL. What the kernel answers.
 */
int storage_mount(const struct sys *sys, const struct mount_source *source,
		  const struct storage_type *type, const char *more, const char *target,
		  struct error *e);

/*
 * Finds out how the file system @type on the disk @names[0] (of a btrfs on several: these, all of them)
 * is to be mounted, and does it. Whoever calls has made the disks read-only, and has loaded the file
 * system's module. @note: filled, with a code, where a journal has more than is shown: why. 0 with
 * *@ret_source, or what the kernel answers with @e filled.
 */
int storage_mount_recent(const struct sys *sys, const char *const names[], size_t count,
			 const struct storage_type *type, const char *more, const char *target,
			 mount_load_module *load, struct mount_source *ret_source,
			 struct error *note, struct error *e);
