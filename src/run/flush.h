/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data first: every writable disk is on stable storage before the first release. */
#pragma once

#include "base/error.h"
#include "graph/graph.h"
#include "record/record.h"
#include "run/sync.h"
#include "sys/ops.h"

/*
 * sync(2), then a cache flush of each writable whole disk that a device carries, none waiting for a slow
 * one (run/flushers.h). Both may
 * take @options->deadline_ms while nothing moves: the data that is to be written, and the disk's I/O
 * counters. What makes progress is never cut. Paths of a multipath map are flushed through the map. A
 * disk that answers with an I/O error and that nothing uses is a line and a "not-flushed" event. Nothing was released yet, so any other failure stops the run:
 * 0, -EINTR when @options->wake_fd woke it, or a negative errno with the disk named in @e.
 */
int flush_disks(const struct sys *sys, const struct graph *graph, struct record *record,
		const struct sync_options *options, struct error *e);
