// SPDX-License-Identifier: GPL-2.0-or-later
/* A pool of one; see bounded.h. */
#include "worker/bounded.h"

#include <errno.h>
#include <string.h>

struct calling {
	const struct bounded *call;
	void *answer;
	size_t size;
	int code;
};

static size_t work(void *subject, void *answer, size_t size)
{
	const struct calling *calling = subject;

	return calling->call->work(calling->call->subject, answer, size);
}

static bool moved(void *subject)
{
	const struct calling *calling = subject;

	return calling->call->moved && calling->call->moved(calling->call->subject);
}

static bool waits_on(void *subject)
{
	const struct calling *calling = subject;

	return calling->call->waits_on && calling->call->waits_on(calling->call->subject);
}

static void ended(void *subject, enum job_end end, const void *answer, size_t length,
		  double elapsed_ms)
{
	struct calling *calling = subject;

	if (end == JOB_STUCK)
		calling->code = -ETIMEDOUT;
	else if (end == JOB_UNSTARTED)
		calling->code = *(const int *)answer;
	else if (end != JOB_DONE || length != calling->size)
		calling->code = -ECHILD;
	else
		memcpy(calling->answer, answer, length);
}

int bounded_call(const struct sysroot *root, const struct bounded *call, void *ret_answer,
		 size_t size)
{
	struct calling calling = { .call = call, .answer = ret_answer, .size = size };
	const struct job job = {
		.subject = &calling,
		.name = call->name,
		.changes_nothing = call->changes_nothing,
		.deadline_ms = call->deadline_ms,
		.work = work,
		.moved = moved,
		.waits_on = waits_on,
		.ended = ended,
	};
	struct pool *pool;
	int r = pool_new(1, root, &pool);

	if (r < 0)
		return r;
	r = pool_start(pool, &job);
	if (r == 0)
		r = pool_drain(pool, call->wake_fd, call->run_deadline_ms);
	pool_free(pool);
	return r < 0 ? r : calling.code;
}
