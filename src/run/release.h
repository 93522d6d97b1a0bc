/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The release stage: unbinds what the plan says, as much at once as its edges allow, and looks at
 * the hardware after each.
 */
#pragma once

#include "inspect/inspect.h"
#include "plan/plan.h"
#include "record/record.h"
#include "sys/ops.h"

struct progress;

enum outcome {
	OUTCOME_PENDING,   /* not reached: the run ended first */
	OUTCOME_RELEASED,  /* the driver is gone and the hardware is not live or masked */
	OUTCOME_NOT_QUIET, /* the driver is gone, but its engine runs: named, the reset is next */
	OUTCOME_GONE,	   /* it went with its supplier, or was unplugged, before its turn */
	OUTCOME_LEFT,	   /* in use by now, or something that needs it was left */
	OUTCOME_FAILED,	   /* the kernel refused, or the driver link is still there */
	OUTCOME_STUCK,	   /* remove() did not come back */
};

struct release_result {
	const struct decision *decision;
	enum outcome outcome;
	int code;	      /* negative errno of a failure, or 0 */
	enum verdict verdict; /* of released and not-quiet PCI functions */
	bool inspected;
	char why[160];	   /* of verdicts unknown and unreadable; else "" */
	bool is_ending;	   /* not quiet, and on its way to stop by itself: not to be reset */
	bool cleared;	   /* Bus Master was cleared after remove() left it on */
	int not_cleared;   /* why Bus Master that remove() left on could not be: negative errno */
	char text[256];	   /* the reason, or the registers that show it live */
	double elapsed_ms; /* from its worker's start to its end */
	double path_ms;	   /* the slowest chain of releases that ends with this one */
};

struct release_options {
	unsigned int jobs;	/* 0: as many as are ready */
	double run_deadline_ms; /* CLOCK_BOOTTIME; 0: none */
	bool wait_for_stuck;	/* --on-stuck=wait: deadlines are told, not enforced */
	int wake_fd;		/* signalfd; -1: none */
	const struct progress *progress;
};

struct release_summary {
	size_t released, not_quiet, gone, left, failed, stuck, pending;
	double stage_ms;	 /* first start to last end */
	double critical_path_ms; /* the slowest chain of releases: no order can beat it */
};

/*
 * Runs the releases of @plan. *@ret_results has one entry for each of plan->order, in that order,
 * and lives in the plan's arena. 0 when it ran to its end, whatever became of single devices;
 * -EINTR when @wake_fd woke it: what was running has then ended, the rest was not started.
 */
int release_run(const struct sys *sys, struct graph *graph, const struct plan *plan,
		struct record *record, const struct release_options *options,
		struct release_result **ret_results, struct release_summary *ret_summary);

const char *outcome_name(enum outcome outcome);
