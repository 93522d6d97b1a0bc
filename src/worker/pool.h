/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a pool share: worker.c has starts and ends, deadlines.c who is stuck. */
#pragma once

#include "worker/worker.h"

struct running {
	struct running *next;
	struct job job;
	pid_t pid;
	int fd; /* the worker's answer */
	double started_ms;
	double look_ms;	 /* when to look at it again */
	bool is_at_lock; /* it waited for one at the last look */
	struct watch watch;
};

struct queued {
	struct queued *next;
	struct job job;
	bool is_ready; /* starting() has been asked */
	int code;      /* why it will never start; 0: it may */
};

struct pool {
	unsigned int jobs;
	const struct sysroot *root;
	size_t count, queue_count;
	struct running *running;
	struct queued *first, **last;
	double short_ms; /* since when nothing could be started; 0: it could */
	double run_deadline_ms;
	unsigned int tick_ms; /* 0: none */
};

/* The run's deadline has passed. */
bool pool_is_late(const struct pool *pool);

/* Takes @running out of the pool and tells its owner. */
void pool_end_job(struct pool *pool, struct running *running, enum job_end end, const void *answer,
		  size_t length);

/* Looks at the workers whose turn it is, and ends those that are stuck. */
void pool_check_deadlines(struct pool *pool);
