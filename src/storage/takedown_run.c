// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps of a takedown in processes; see takedown_run.h. */
#include "storage/takedown_run.h"

#include "storage/takedown.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of a boot loader, which writes nothing: what takes this long is a disk that does not answer. And of
 * a system that ends, which may have much to write to a slow one. */
#define READER_DEADLINE_MS 5000
#define SYSTEM_DEADLINE_MS 90000

struct job_subject {
	const struct sys *sys;
	const struct takedown_step *step;
	void (*note)(const char *line);
	size_t *done; /* one more when it is */
};

static size_t work(void *subject, void *answer, size_t size)
{
	const struct job_subject *job = subject;
	struct error e = ERROR_NONE;
	/* A NUL even when it went well: an empty answer is that of a process that died. */
	size_t length;

	takedown_step_run(job->sys, job->step, &e);
	length = strlen(e.text) + 1;
	if (length > size)
		length = size;
	memcpy(answer, e.text, length);
	return length;
}

static void ended(void *subject, enum job_end end, const void *answer, size_t length,
		  double elapsed_ms)
{
	const struct job_subject *job = subject;
	char line[512];

	if (end == JOB_DONE && !*(const char *)answer) {
		++*job->done;
		return;
	}
	if (end == JOB_DONE)
		snprintf(line, sizeof(line), "%.*s", (int)length, (const char *)answer);
	else
		snprintf(line, sizeof(line), "%s: %s", job->step->subject,
			 end == JOB_STUCK ? "its disk does not answer, and it is left"
					  : "the process that took it down died");
	job->note(line);
}

static size_t run_level(const struct sys *sys, const struct takedown_step *steps, size_t count,
			unsigned int level, unsigned int deadline_ms, struct arena *arena,
			void (*note)(const char *line))
{
	struct pool *pool;
	size_t done = 0;

	if (pool_new(0, sys->root, &pool) < 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct job_subject *subject = arena_alloc(arena, sizeof(*subject));
		struct job job = {
			.subject = subject,
			.deadline_ms = deadline_ms,
			.work = work,
			.ended = ended,
		};

		if (steps[i].level != level || !subject)
			continue;
		*subject = (struct job_subject){ sys, &steps[i], note, &done };
		pool_start(pool, &job);
	}
	pool_drain(pool, -1, 0);
	pool_free(pool);
	return done;
}

size_t takedown_run(const struct sys *sys, const char *below, void (*note)(const char *line))
{
	struct arena *arena = arena_new();
	struct takedown_step *steps = NULL;
	struct error e = ERROR_NONE;
	unsigned int last = 0;
	size_t count = 0, done = 0;

	if (!arena || takedown_plan(sys->root, below, arena, &steps, &count, &e) < 0)
		note(e.code ? e.text : "no memory to take the disks down");
	for (size_t i = 0; i < count; i++)
		if (steps[i].level > last)
			last = steps[i].level;
	for (unsigned int level = 0; count && level <= last; level++)
		done += run_level(sys, steps, count, level,
				  below ? SYSTEM_DEADLINE_MS : READER_DEADLINE_MS, arena, note);
	arena_free(arena);
	return done;
}
