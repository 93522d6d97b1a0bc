/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk seen through a layer in RAM: what is written to it stays there, and the disk is never opened
 * for writing (Linux: Documentation/admin-guide/device-mapper/snapshot.rst, a snapshot that does not
 * persist). What is full is an error to whoever writes, never a write to the disk.
 */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

/* At most so much is kept of one disk, and never more than the eighth part of what is free. */
#define OVERLAY_BYTES_MAX (512ULL << 20)
/* Less would not hold what a journal writes. */
#define OVERLAY_BYTES_MIN (8ULL << 20)

/*
 * Makes the layer over /dev/@name; the name of the block device that shows it ("dm-3") goes to
 * @ret_name, of DISK_NAME_SIZE. The device mapper's snapshot target and loop devices must be in the
 * kernel. It goes as other stacked devices do (takedown.h), or by overlay_remove().
 */
int overlay_make(const struct sys *sys, const char *name, char *ret_name, struct error *e);
void overlay_remove(const struct sys *sys, const char *name);
