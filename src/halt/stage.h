/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The halt stage: an engine that runs although no driver holds its function (firmware left it so, or a
 * driver that is absent now) is stopped by the registers of its class, and looked at again.
 *
 * After the releases, since nothing that is bound is touched, and before Bus Master is cleared: what cannot
 * end what it began may never say that it has stopped. What that does not quiet is the reset stage's.
 */
#pragma once

#include "halt/halt.h"
#include "plan/plan.h"
#include "record/record.h"
#include "sys/ops.h"

/* One function that may be halted. */
struct halt_result {
	const struct halt *halt;
	bool is_known;	/* it was looked at: report.after says what was seen last */
	bool was_asked; /* its engine ran, and it was told to stop, or was to be */
	bool ended;
	struct halt_report report;
	double elapsed_ms;
};

struct halts {
	struct halt_result *results; /* in the plan's arena; NULL: the stage did not run */
	size_t count;
	size_t halted, failed; /* of those that ran */
};

struct halts_options {
	unsigned int jobs;	/* 0: all at once */
	double run_deadline_ms; /* CLOCK_BOOTTIME; 0: none */
	int wake_fd;		/* signalfd; -1: none */
	void (*told)(
		const struct halt_result *result); /* each that was told to stop; may be NULL */
};

/*
 * Runs the stage. 0 when it ran to its end, whatever became of single functions; -EINTR when @wake_fd
 * woke it: what was running has then ended; or another negative errno.
 */
int halts_run(const struct sys *sys, struct graph *graph, const struct plan *plan,
	      struct record *record, const struct halts_options *options, struct halts *ret_halts);

/* What was seen of @device, or NULL. */
const struct halt_result *halts_find(const struct halts *halts, const struct device *device);
