// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps of a takedown in processes; see takedown_run.h. */
#include "storage/takedown_run.h"

#include "base/arena.h"
#include "storage/takedown.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct takedown_limits takedown_reader = { .rounds = 1, .step_ms = 5000 };
const struct takedown_limits takedown_system = {
	.rounds = 10,
	.step_ms = 90000,
	.total_ms = 300000,
};

/* A line of what is left. */
struct left {
	struct left *next;
	const char *line;
	struct takedown_step step;
};

struct takedown {
	const struct sys *sys;
	const struct takedown_limits *limits;
	double deadline_ms; /* CLOCK_BOOTTIME; 0: none */
	struct arena *arena;
	struct left *refused; /* in this round, the last first */
	struct left *stuck;   /* in any round */
	size_t done;	      /* in this round */
};

struct job_subject {
	struct takedown *takedown;
	const struct takedown_step *step;
};

static size_t work(void *subject, void *answer, size_t size)
{
	const struct job_subject *job = subject;
	struct error e = ERROR_NONE;
	/* A NUL even when it went well: an empty answer is that of a process that died. */
	size_t length;

	takedown_step_run(job->takedown->sys, job->step, &e);
	length = strlen(e.text) + 1;
	if (length > size)
		length = size;
	memcpy(answer, e.text, length);
	return length;
}

static void leave(const struct job_subject *job, struct left **list, const char *line)
{
	struct arena *arena = job->takedown->arena;
	struct left *left = arena_alloc(arena, sizeof(*left));
	const char *copy = arena_strdup(arena, line);

	if (!left || !copy)
		return;
	*left = (struct left){ .next = *list, .line = copy, .step = *job->step };
	*list = left;
}

static void ended(void *subject, enum job_end end, const void *answer, size_t length,
		  double elapsed_ms)
{
	const struct job_subject *job = subject;
	struct takedown *takedown = job->takedown;
	char line[512];

	if (end == JOB_DONE && !*(const char *)answer) {
		takedown->done++;
		return;
	}
	if (end == JOB_DONE)
		snprintf(line, sizeof(line), "%.*s", (int)length, (const char *)answer);
	else if (end == JOB_STUCK)
		snprintf(line, sizeof(line), "%s: it did not answer for %.0f s, and is left",
			 job->step->subject, elapsed_ms / 1000);
	else
		snprintf(line, sizeof(line), "%s: %s", job->step->subject,
			 end == JOB_UNSTARTED ? "no time was left for it"
					      : "the process that took it down died");
	leave(job, end == JOB_STUCK ? &takedown->stuck : &takedown->refused, line);
}

static bool has_time(const struct takedown *takedown)
{
	return !takedown->deadline_ms || clock_ms() < takedown->deadline_ms;
}

static bool was_stuck(const struct takedown *takedown, const struct takedown_step *step)
{
	for (const struct left *left = takedown->stuck; left; left = left->next)
		if (left->step.kind == step->kind && !strcmp(left->step.subject, step->subject))
			return true;
	return false;
}

static void run_level(struct takedown *takedown, const struct takedown_step *steps, size_t count,
		      unsigned int level)
{
	struct pool *pool;

	if (pool_new(0, takedown->sys->root, &pool) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		struct job_subject *subject;
		struct job job = {
			.deadline_ms = takedown->limits->step_ms,
			.work = work,
			.ended = ended,
		};

		if (steps[i].level != level || was_stuck(takedown, &steps[i]))
			continue;
		subject = arena_alloc(takedown->arena, sizeof(*subject));
		if (!subject)
			continue;
		*subject = (struct job_subject){ takedown, &steps[i] };
		job.subject = subject;
		if (has_time(takedown))
			pool_start(pool, &job);
		else
			ended(subject, JOB_UNSTARTED, NULL, 0, 0);
	}
	pool_drain(pool, -1, takedown->deadline_ms);
	pool_free(pool);
}

/* Returns whether one more round may get further. */
static bool run_round(struct takedown *takedown, const char *below, void (*note)(const char *line))
{
	struct takedown_step *steps = NULL;
	struct error e = ERROR_NONE;
	unsigned int last = 0;
	size_t count = 0;

	takedown->done = 0;
	takedown->refused = NULL;
	if (takedown_plan(takedown->sys->root, below, takedown->arena, &steps, &count, &e) < 0)
		note(e.code ? e.text : "no memory to take the disks down");
	for (size_t i = 0; i < count; i++)
		if (steps[i].level > last)
			last = steps[i].level;
	for (unsigned int level = 0; count && level <= last; level++)
		run_level(takedown, steps, count, level);
	return takedown->done && has_time(takedown);
}

static void name_left(const struct left *left, void (*note)(const char *line))
{
	for (; left; left = left->next)
		note(left->line);
}

size_t takedown_run(const struct sys *sys, const char *below, const struct takedown_limits *limits,
		    void (*note)(const char *line))
{
	struct takedown takedown = {
		.sys = sys,
		.limits = limits,
		.deadline_ms = limits->total_ms ? clock_ms() + limits->total_ms : 0,
		.arena = arena_new(),
	};
	size_t done = 0;

	if (!takedown.arena) {
		note("no memory to take the disks down");
		return 0;
	}
	for (unsigned int round = 0; round < limits->rounds; round++) {
		bool goes_on = run_round(&takedown, below, note);

		done += takedown.done;
		if (!goes_on)
			break;
	}
	name_left(takedown.refused, note);
	name_left(takedown.stuck, note);
	arena_free(takedown.arena);
	return done;
}
