/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One reset, and what became of all that it hit.
 *
 * The kernel resets: it saves and restores config space, and waits. Whether it did is decided by
 * looking at the hardware, since -ENOTTY can mean "done, but the wait for the link failed".
 */
#pragma once

#include "inspect/inspect.h"
#include "sys/ops.h"

#include <stdbool.h>
#include <stddef.h>

/* What is reset: sysfs folders, "/sys/devices/...". */
struct reset_target {
	const char *path; /* the function, or the bridge above the bus */
	bool is_bus;
	/* What it hits: the function itself; or everything below the bridge, and first the bridge,
	 * whose link has to be up again. */
	const char *const *functions;
	size_t count;
};

/* One function after it. Plain data, so that a worker can leave it in shared memory. */
struct reset_after {
	bool was_there; /* it answered before */
	bool is_bridge;
	bool is_back;
	bool bus_master;	  /* still on, or on again */
	unsigned int differences; /* registers that are not as before; `text` names the first */
	enum verdict verdict;	  /* of an endpoint that is back */
	char text[160];		  /* what differs, or what makes it live */
};

enum reset_end {
	RESET_END_DONE,	   /* all are back, every register as before */
	RESET_END_CHANGED, /* all are back, but not as before */
	RESET_END_DEAD,	   /* one that was there does not answer any more */
	RESET_END_REFUSED, /* the kernel did not reset anything */
};

struct reset_report {
	enum reset_end end;
	int code;	  /* what the kernel answered: 0 or a negative errno */
	double kernel_ms; /* how long its answer took */
	size_t functions, dead, changed;
	char text[200]; /* the first thing that is wrong, or the refusal */
};

/*
 * Resets @target and waits, bounded (PCIe 6.0 6.6.1: one second), until each function answers and
 * is as before. The drivers of what it hits are gone, their Bus Master is off and port services that
 * watch the link are unbound: the caller's part. Blocks in the kernel, for up to a minute where a
 * function keeps asking for time, and for ever where it hangs: called in a worker.
 *
 * @ret_after has room for @target->count. *@ret_report is always filled.
 */
void reset_run(const struct sys *sys, const struct reset_target *target,
	       struct reset_after *ret_after, struct reset_report *ret_report);

const char *reset_end_name(enum reset_end end);
