/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last list before a jump: every PCI function that still masters the bus, was not verified, or
 * was left, each with its reason; and what else was to go and did not. Only when it is empty all is
 * called fine.
 *
 * Not in it: bridges (class 06), which have no engine and pass on what the functions behind them
 * send; and a function that nobody drove and that never mastered the bus, if nothing shows it at work.
 */
#pragma once

#include "run/quiesce.h"

#include <stdbool.h>

struct doubt {
	const char *device; /* path below /sys */
	const char *name, *driver;
	bool is_master;	  /* Bus Master is on now */
	bool is_bound;	  /* a driver holds it: the kernel's shutdown() is next */
	const char *what; /* "in use and left", "left", "not verified", "masked", "stuck", ... */
	const char *reason;
};

struct doubts {
	struct doubt *items; /* in the plan's arena, as are the strings; NULL: nobody looked */
	size_t count;
	size_t masters, unverified,
		left; /* each counts in one at least; a left one may master too */
};

/*
 * Looks at Bus Master of every function again. @late_armed: the late module has the list it was
 * given. 0 or -ENOMEM.
 */
int doubts_find(const struct sys *sys, const struct quiesce_result *result, bool late_armed,
		struct doubts *ret_doubts);

/* Writes the list into the record, as one "doubts" event. */
void doubts_record(struct record *record, const struct doubts *doubts);

/* A line for each into the kernel log, or one that says that all is fine. */
void doubts_say(const struct sys *sys, const struct doubts *doubts);

/* "12 left, 3 not verified, 1 masters the bus", or "fine: ...". */
void doubts_describe(const struct doubts *doubts, char *text, size_t size);
