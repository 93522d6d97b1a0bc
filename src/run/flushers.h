/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks' caches flushed by as few workers as keep it going. Most disks answer at once, and a process
 * for each costs more than that. Workers take one disk after the other; while none comes to another
 * one, there are twice as many from one moment to the next, up to one for each disk: what takes its time
 * keeps no other disk waiting.
 */
#pragma once

#include "graph/graph.h"
#include "run/sync.h"
#include "sys/ops.h"

struct flush {
	const struct disk *disk;
	int code; /* how it ended: 0 or a negative errno */
};

/*
 * Flushes all @count, whatever becomes of single ones, each bounded as flush_disks() says. 0, -EINTR
 * when @options->wake_fd woke it, or another negative errno that kept it from beginning.
 */
int flushers_run(const struct sys *sys, struct flush *flushes, size_t count,
		 const struct sync_options *options);
