/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Child processes that do one blocking thing each, and the parent that waits for all at once.
 *
 * A remove() that hangs holds its process in the kernel for ever, where no signal reaches it; a
 * process of its own is the only thing that can be abandoned. A worker sends one answer through a
 * pipe and exits. Workers inherit nothing that outlives them: the record's lock is a POSIX lock,
 * which fork(2) does not pass on. One that is given up is killed, and so is each when the parent
 * dies.
 */
#pragma once

#include "sys/root.h"
#include "worker/watch.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pool;

/* How a job ended. */
enum job_end {
	JOB_DONE,      /* the worker answered */
	JOB_DIED,      /* it ended without an answer (a fault) */
	JOB_STUCK,     /* a deadline without a sign of progress (worker/watch.h): given up */
	JOB_UNSTARTED, /* no worker was made; the answer is an int, the negative errno that says why:
			* -ETIME past the run's deadline, starting()'s, or fork's */
};

struct job {
	void *subject;		  /* the caller's */
	const char *name;	  /* what it works on, for a person; NULL: not told */
	bool changes_nothing;	  /* given up, it is no obstacle to calling a rollback finished */
	unsigned int deadline_ms; /* without a sign of progress; 0: none */
	/* Jobs of a kind wait for the same locks: at most @kind_jobs (0: no limit) run at once, and
	 * the end of one is a sign of progress for the others. NULL: none. */
	const char *kind;
	unsigned int kind_jobs;
	/* Stuck only by proof, or when the run's deadline has passed as well, which then never cuts
	 * its own. Others are stuck at their deadline, with what could be seen, or at the run's. */
	bool needs_proof;
	/* In the parent, right before its worker is made: 0, or an errno that keeps it from that. */
	int (*starting)(void *subject);
	/* Runs in the worker. Fills @answer (at most @size bytes) and returns its length. */
	size_t (*work)(void *subject, void *answer, size_t size);
	/* In the parent, at each look: has a counter moved since the last call (the first: no)? Must
	 * not block. May be NULL. */
	bool (*moved)(void *subject);
	/* In the parent, before it is called stuck: true to wait for another deadline. May be NULL. */
	bool (*waits_on)(void *subject);
	/* In the parent, before ended() and if there was a look: what was seen of it. May be NULL. */
	void (*watched)(void *subject, const struct signs *signs);
	/* Runs in the parent when it ended. @elapsed_ms since its start. @answer is NULL unless done or
	 * unstarted. May start further jobs. */
	void (*ended)(void *subject, enum job_end end, const void *answer, size_t length,
		      double elapsed_ms);
};

#define JOB_ANSWER_SIZE 4096

/* @jobs: how many run at once, 0: as many as are started. Workers are watched in the /proc of @root,
 * which the pool borrows. */
int pool_new(unsigned int jobs, const struct sysroot *root, struct pool **ret_pool);

/* Workers that still run are given up. */
void pool_free(struct pool *pool);

/* Starts @job, or queues it: while @jobs are running, or as many of its kind as may, or for want of
 * processes, descriptors or memory. Copied. 0 or -ENOMEM. */
int pool_start(struct pool *pool, const struct job *job);

/*
 * Waits until something ends, a look is due, or the file descriptor @wake_fd (a signalfd; -1: none)
 * is readable, and calls ended(). Returns 1 while jobs are running or queued, 0 when there is none,
 * -EINTR when @wake_fd is readable, or another negative errno. @run_deadline_ms: CLOCK_BOOTTIME
 * milliseconds after which nothing is started any more; 0: none.
 */
int pool_wait(struct pool *pool, int wake_fd, double run_deadline_ms);

/* pool_wait() returns after @ms at the latest from now on, whether anything happened or not. */
void pool_set_tick(struct pool *pool, unsigned int ms);

/* pool_wait() until nothing is left: 0 or its errno. */
int pool_drain(struct pool *pool, int wake_fd, double run_deadline_ms);

/* Takes back what is queued and not started; their ended() is not called. */
void pool_cancel_queued(struct pool *pool);

/* How many workers there are now; and with what is queued. */
size_t pool_running(const struct pool *pool);
size_t pool_left(const struct pool *pool);

/*
 * In a worker: false once it was given up, or its parent died. To be asked right before what must not
 * happen then; true in a process that is no worker.
 */
bool worker_is_wanted(void);

/* Milliseconds on CLOCK_BOOTTIME. */
double clock_ms(void);
