/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A takedown done: nothing in use any more, and what cannot be ended does not hold up the rest. */
#pragma once

#include "sys/ops.h"

/* How long it may take. */
struct takedown_limits {
	unsigned int rounds;   /* what is busy in one may be free in the next */
	unsigned int step_ms;  /* of one step without a sign of progress */
	unsigned int total_ms; /* after which nothing is begun; 0: none */
};

/* Of a boot loader, which writes nothing: what takes this long is a disk that does not answer. */
extern const struct takedown_limits takedown_reader;

/* Of a system that ends, which may have much to write to a slow disk. */
extern const struct takedown_limits takedown_system;

/*
 * Runs the steps of takedown_plan(), those of one level at once, each in a process with a deadline: a
 * dead disk's file system may never be unmounted. Begins anew while one got further, as @limits say; what
 * did not answer is not asked again. @note is called at the end with a line for each that is left: its
 * devices are in use, and the plan of the handover leaves them. @below is takedown_plan()'s. Returns how
 * many steps were done.
 */
size_t takedown_run(const struct sys *sys, const char *below, const struct takedown_limits *limits,
		    void (*note)(const char *line));
