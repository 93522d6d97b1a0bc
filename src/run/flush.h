/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data first: every writable disk is on stable storage before the first release. */
#pragma once

#include "base/error.h"
#include "graph/graph.h"
#include "record/record.h"
#include "sys/ops.h"

/* What one flush may take while its disk's I/O counters stand still; Linux gives an ATA or NVMe
 * cache flush as much. A flush that makes progress is never cut. */
#define FLUSH_DEADLINE_MS 180000

/*
 * sync(2), then a cache flush of each writable whole disk that a device carries, all at once. Nothing
 * was released yet, so a failure stops the run: 0, -EINTR when @wake_fd woke it, or a negative errno
 * with the disk named in @e.
 */
int flush_disks(const struct sys *sys, const struct graph *graph, struct record *record,
		int wake_fd, struct error *e);
