/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one worker does for one device: ask again whether it may go, unbind it, look at the
 * hardware. Runs in its own process, which may hang in remove() or fault on a register for ever.
 */
#pragma once

#include "run/release.h"

/* What a worker needs. */
struct release_task {
	const struct sys *sys;
	struct graph *graph;
	struct record *record;
	const struct decision *decision;
};

/* What it sends back through the pipe: plain data. */
struct release_answer {
	int outcome, code, verdict;
	bool inspected, cleared, is_ending;
	int not_cleared;
	char why[160];
	char text[256];
};

/* The work. Whatever happens is in *@ret_answer. */
void release_work(const struct release_task *task, struct release_answer *ret_answer);

/* Puts a worker's answer into @result. */
void release_answer_read(const struct release_answer *answer, struct release_result *result);

/* For a worker that died without an answer: what the driver link says became of the device. */
void release_answer_guess(const struct sys *sys, struct release_result *result);
