/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What udev of a machine that runs knows of its file systems: their UUIDs and labels. */
#pragma once

#include "entry/entry.h"
#include "sys/root.h"

#include <sys/types.h>

/*
 * The UUID or label (@kind) of the file system on the block device @device, which is in udev's database
 * for each device; the caller frees it. NULL: nothing is known of it. Copies of a disk have the same.
 */
char *udev_name(const struct sysroot *machine, enum entry_volume kind, dev_t device);

/*
 * The block device that the link of that UUID or label leads to; of several that are called so, it is
 * one. -ENOENT: there is none.
 */
int udev_find(const struct sysroot *machine, enum entry_volume kind, const char *name,
	      dev_t *ret_device);

/* The UUID whose link leads to @device; the caller frees it. NULL: none does. */
char *udev_linked_uuid(const struct sysroot *machine, dev_t device);

/* UUIDs that differ in their letters' case only are one, to GRUB. */
bool udev_is_same(enum entry_volume kind, const char *a, const char *b);
