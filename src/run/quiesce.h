/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan, run up to the jump: flush, prepare, release, halt, clear, reset. Stages in this order because each
 * makes the next safe; see the headers of each.
 */
#pragma once

#include "base/error.h"
#include "halt/stage.h"
#include "plan/plan.h"
#include "record/record.h"
#include "run/release.h"
#include "run/resets.h"
#include "sys/ops.h"
#include "undo/earlier.h"

struct progress;

struct quiesce_options {
	unsigned int jobs; /* 0: as many as are ready */
	/* From the end of the flush to the last reset; raised to the largest single deadline. What
	 * has begun by then gets its own deadline in full, what has not is left. */
	unsigned int run_deadline_ms;
	bool wait_for_stuck;
	int wake_fd; /* signalfd for SIGINT and SIGTERM; -1: none */
	const struct progress *progress;
};

struct quiesce_result {
	const struct plan *plan;
	struct release_result *results; /* one for each of plan->order */
	struct release_summary summary;
	struct halts halts;
	size_t cleared;
	struct resets resets;
	struct earlier earlier; /* stuck before this run, and still so; for who reads the result */
	bool changed;		/* something may have been changed: a failure needs a rollback */
};

/* True when something is stuck, of this run or before it: device_shutdown() would wait for it. */
bool quiesce_is_stuck(const struct quiesce_result *result);

/*
 * 0 when it ran to its end, even with devices left, failed or stuck (see the summary); -EINTR when
 * a signal came; else a negative errno with @e. *@ret_result is always filled.
 */
int quiesce(const struct sys *sys, struct graph *graph, const struct plan *plan,
	    struct record *record, const struct quiesce_options *options,
	    struct quiesce_result *ret_result, struct error *e);
