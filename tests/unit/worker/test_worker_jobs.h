/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs for the tests of workers: what they do, and what their owner learns of their end. */
#pragma once

#include "unit/fake/fake_ops.h"

#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct subject {
	struct pool *pool;
	enum job_end end;
	int value; /* what the worker answered */
	int ended;
	int patience; /* how many times waits_on() says yes */
	int moves;    /* how many times moved() says yes */
	int event;    /* an eventfd: waited for, or told */
	int *at_once; /* shared: workers that run now, and the most there were */
	int partners; /* a turn ends when there were so many at once */
	double ended_ms;
	struct signs signs;
	const struct fake *fake;
	const char *place;    /* where it waits, for the fake's /proc */
	struct subject *next; /* started when this one ends */
};

static inline size_t answer_42(void *subject, void *answer, size_t size)
{
	int value = 42;

	(void)subject;
	assert_true(size >= sizeof(value));
	memcpy(answer, &value, sizeof(value));
	return sizeof(value);
}

/* As a remove() that never returns, but killable when the test ends. */
static inline size_t hang(void *subject, void *answer, size_t size)
{
	(void)subject;
	(void)answer;
	(void)size;
	for (;;)
		pause();
	return 0;
}

static inline size_t answer_later(void *subject, void *answer, size_t size)
{
	usleep(100000);
	return answer_42(subject, answer, size);
}

static const struct job template_42 = { .work = answer_42, .deadline_ms = 10000 };

static inline void ended(void *data, enum job_end end, const void *answer, size_t length,
			 double elapsed_ms)
{
	struct subject *subject = data;

	assert_true(elapsed_ms >= 0);
	subject->end = end;
	subject->ended_ms = clock_ms();
	subject->ended++;
	if (length == sizeof(subject->value))
		memcpy(&subject->value, answer, length);
	if (subject->next) {
		struct job job = template_42;

		job.subject = subject->next;
		job.ended = ended;
		assert_int_equal(pool_start(subject->pool, &job), 0);
	}
}

static inline struct job make(struct subject *subject, size_t (*work)(void *, void *, size_t),
			      unsigned int deadline_ms)
{
	return (struct job){
		.subject = subject,
		.work = work,
		.deadline_ms = deadline_ms,
		.ended = ended,
	};
}

static inline void drain(struct pool *pool)
{
	int r;

	do
		r = pool_wait(pool, -1, 0);
	while (r > 0);
	assert_int_equal(r, 0);
}

static inline int *shared_counters(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(shared != MAP_FAILED);
	return shared;
}

/* Workers that hang are children in this process's group: they end with the test. */
static inline int kill_children(void **state)
{
	(void)state;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return 0;
}
