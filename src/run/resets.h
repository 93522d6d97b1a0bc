/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reset stage: what is not quiet once its driver is gone is reset, by the smallest domain that
 * may be, as much at once as does not overlap; and what that did not quiet by the next bigger one.
 */
#pragma once

#include "halt/stage.h"
#include "plan/plan.h"
#include "record/record.h"
#include "reset/reset.h"
#include "run/release.h"
#include "sys/ops.h"

/* One domain that was reset, or was to be. */
struct reset_result {
	const struct reset_domain *domain;
	const char *why;   /* "live", "masked", "unknown", "always", "all": what asked for it */
	bool ended, stuck; /* stuck: the write did not return */
	struct reset_report report;
	struct reset_after *after; /* parallel to domain->functions; NULL where stuck */
	size_t running;		   /* of its functions: still live or masked */
	double elapsed_ms;
};

/* A function that had to be reset and could not be. */
struct unreset {
	const struct device *device;
	enum verdict verdict;
	const char *reason;
};

struct resets_summary {
	size_t done, changed, dead, refused, stuck; /* domains */
	size_t running;				    /* functions that no reset quieted */
	double stage_ms, slowest_ms;		    /* of the stage, and of one domain */
};

/* What the registers of a function said last. */
struct look {
	bool is_known; /* somebody looked */
	enum verdict verdict;
	const char *
		doubt; /* not quiet: what shows it, or why nobody knows; NULL or "": nothing more */
};

struct resets {
	const struct look *looks; /* by device->id; NULL: the stage did not run */
	struct reset_result *results;
	size_t count;
	struct unreset *unreset;
	size_t unreset_count;
	/* Buses left to the late module: the plan's, and those of what could not be reset or was
	 * left since. None lies inside another. */
	const struct reset_domain **late;
	size_t late_count;
	struct resets_summary summary;
};

struct resets_options {
	unsigned int jobs;	  /* 0: all at once */
	unsigned int deadline_ms; /* of one reset; 0: what the kernel's own waits may take */
	double run_deadline_ms;	  /* CLOCK_BOOTTIME; 0: none */
	bool wait_for_stuck;	  /* --on-stuck=wait */
	int wake_fd;		  /* signalfd; -1: none */
	const struct halts
		*halts; /* of the stage before: what it saw quiet is not read again; or NULL */
	const struct progress *progress;
};

/*
 * Runs the stage after the releases of @plan, whose @released are parallel to plan->order. What is
 * in *@ret_resets lives in the plan's arena. 0 when it ran to its end, whatever became of single
 * domains; -EINTR when @wake_fd woke it: what was running has then ended; or another errno.
 */
int resets_run(const struct sys *sys, const struct plan *plan,
	       const struct release_result *released, struct record *record,
	       const struct resets_options *options, struct resets *ret_resets);

/* The last reset that hit @device and came to its end, or NULL. */
const struct reset_after *resets_find(const struct resets *resets, const struct device *device);

/* True when a reset left nothing running in @device: quiet, or no decoder says otherwise. */
bool resets_have_quieted(const struct resets *resets, const struct device *device);
