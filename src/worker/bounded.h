/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call that may block, in a worker, with an end: what the main process does not do by itself. */
#pragma once

#include "worker/worker.h"

struct bounded {
	const char *name;	  /* what it works on, for a person */
	bool changes_nothing;	  /* as that of a struct job */
	unsigned int deadline_ms; /* without a sign of progress */
	double run_deadline_ms;	  /* CLOCK_BOOTTIME; 0: none */
	int wake_fd;		  /* signalfd; -1: none */
	void *subject;
	/* As those of a struct job. */
	size_t (*work)(void *subject, void *answer, size_t size);
	bool (*moved)(void *subject);
	bool (*waits_on)(void *subject);
};

/*
 * Runs @call->work and copies its answer, of which @size bytes are expected, to @ret_answer. 0,
 * -ETIMEDOUT when it was given up, -EINTR when @wake_fd was readable first (it is given up then as
 * well), -ECHILD when its worker died, or the errno that kept the worker from being made.
 */
int bounded_call(const struct sysroot *root, const struct bounded *call, void *ret_answer,
		 size_t size);
