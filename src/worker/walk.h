/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many calls of which each may block, made one after the other in one worker: a worker for each would
 * be thousands. The parent sees which one it is at.
 */
#pragma once

#include "worker/worker.h"

struct walk {
	const char *name;     /* what it works on, for a person */
	bool changes_nothing; /* as that of a struct job */
	size_t count;
	unsigned int deadline_ms; /* of one call, without a sign of progress */
	double run_deadline_ms;	  /* CLOCK_BOOTTIME; 0: none */
	int wake_fd;		  /* signalfd; -1: none */
	void *subject;
	/* In the worker: the call number @i. A negative errno ends the walk. */
	int (*call)(void *subject, size_t i);
	/* In the parent, once for a call that takes more than 2 s. May be NULL. */
	void (*waits)(void *subject, size_t i);
};

/*
 * Makes the calls from number @from on. 0 when all were made. Else *@ret_at is the number of the call
 * that ended it: with its errno, with -ETIMEDOUT when it did not return, -EINTR when @wake_fd was
 * readable meanwhile, -ECHILD when the worker died, or what kept it from being made.
 */
int walk_run(const struct sysroot *root, const struct walk *walk, size_t from, size_t *ret_at);
