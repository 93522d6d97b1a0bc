/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Child processes that do one blocking thing each, and the parent that waits for all at once.
 *
 * A remove() that hangs holds its process in the kernel for ever, where no signal reaches it; a
 * process of its own is the only thing that can be abandoned. A worker sends one answer through a
 * pipe and exits. Workers inherit nothing that outlives them: the record's lock is a POSIX lock,
 * which fork(2) does not pass on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pool;

/* How a job ended. */
enum job_end {
	JOB_DONE,  /* the worker answered */
	JOB_DIED,  /* it ended without an answer (a fault) */
	JOB_STUCK, /* past its deadline with its kernel stack unchanged: abandoned */
};

struct job {
	void *subject;		  /* the caller's */
	unsigned int deadline_ms; /* from its start */
	/* Runs in the worker. Fills @answer (at most @size bytes) and returns its length. */
	size_t (*work)(void *subject, void *answer, size_t size);
	/* Asked in the parent at the deadline, besides the kernel stack: true if it makes progress
	 * that the stack does not show (a disk's I/O counters). May be NULL. */
	bool (*progresses)(void *subject);
	/* Runs in the parent when it ended. @elapsed_ms since its start. @answer is NULL unless done.
	 * May start further jobs. */
	void (*ended)(void *subject, enum job_end end, const void *answer, size_t length,
		      double elapsed_ms);
};

#define JOB_ANSWER_SIZE 4096

/* @jobs: how many run at once, 0: as many as are started. @stack_dir is "/proc" (tests: another). */
int pool_new(unsigned int jobs, const char *stack_dir, struct pool **ret_pool);
void pool_free(struct pool *pool);

/* Starts @job, or queues it while @jobs are running. Copied. 0, -ENOMEM or fork's errno. */
int pool_start(struct pool *pool, const struct job *job);

/*
 * Waits until something ends, a deadline passes, or the file descriptor @wake_fd (a signalfd; -1:
 * none) is readable, and calls ended(). Returns 1 while jobs are running or queued, 0 when there is
 * none, -EINTR when @wake_fd is readable, or another negative errno. @run_deadline_ms: CLOCK_BOOTTIME
 * milliseconds after which every job still running is stuck; 0: none.
 */
int pool_wait(struct pool *pool, int wake_fd, double run_deadline_ms);

/* Takes back what is queued and not started; their ended() is not called. */
void pool_cancel_queued(struct pool *pool);

size_t pool_running(const struct pool *pool);

/* Milliseconds on CLOCK_BOOTTIME. */
double clock_ms(void);
