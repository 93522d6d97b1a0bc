/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stop of an engine that nobody holds, by the registers of its class; see plan/halt_class.h.
 *
 * For a function without a driver whose engine runs all the same: firmware left it so, or whoever drove
 * it before. A function that a driver holds is never written to, nor one that firmware says is its own.
 */
#pragma once

#include "inspect/inspect.h"
#include "plan/halt_class.h"
#include "sys/ops.h"

enum halt_end {
	HALT_END_IDLE,	    /* nothing ran, or nothing can be read: nothing was written */
	HALT_END_HALTED,    /* it ran, and its registers show that it stands still */
	HALT_END_NOT_QUIET, /* it was told to stop, and its registers do not say that it did */
	HALT_END_REFUSED, /* not told: it is firmware's, a driver came, or the kernel refuses (lockdown) */
};

/* Plain data, so that it goes through a pipe. */
struct halt_report {
	enum halt_end end;
	int code; /* 0 or a negative errno: why it was refused; -ETIMEDOUT */
	enum verdict before, after;
	char ran[160]; /* what showed it at work: "P0CMD=0x0000c017 command list and FIS receive on" */
	char text[160]; /* of refused and not quiet: why; else "" */
};

/*
 * Stops the function at the sysfs folder @path, if it is of @class, no driver holds it and its registers
 * show its engine at work; then looks again. Each register is waited for as long as its specification
 * gives, a NVMe controller for 30 s and 30 s at most. A fault or a hang of a register is the caller's:
 * called in a worker. *@ret_report is always filled.
 */
void halt_here(const struct sys *sys, const char *path, const struct halt_class *class,
	       struct halt_report *ret_report);

/* The pure part, for tests: @pause as in halting.h. 0 or a negative errno, with why in *@ret_why. */
int halt_function(const struct function *f, const struct halt_class *class,
		  void (*pause)(void *context, unsigned int us), void *context,
		  const char **ret_why);

const char *halt_end_name(enum halt_end end);
