// SPDX-License-Identifier: GPL-2.0-or-later
/* Which workers get on, which wait for a lock, and which are stuck; see pool.h and watch.h. */
#include "worker/pool.h"

#include <string.h>

bool pool_is_late(const struct pool *pool)
{
	return pool->run_deadline_ms > 0 && clock_ms() >= pool->run_deadline_ms;
}

/* The innermost function is one that takes a lock, or another worker has come past it. */
static bool waits_for_lock(const struct pool *pool, const struct running *running)
{
	const struct stack *stack = &running->watch.stack;

	if (!stack->depth)
		return false;
	if (stack_is_at_lock(stack))
		return true;
	for (const struct running *other = pool->running; other; other = other->next)
		if (other != running && stack_has_passed(&other->watch.stack, stack->frames[0]))
			return true;
	return false;
}

/* A lock that it waits for may be held by a worker that does not wait for one itself. */
static bool is_queued(const struct pool *pool, const struct running *running)
{
	if (!running->is_at_lock)
		return false;
	for (const struct running *other = pool->running; other; other = other->next)
		if (other != running && !other->is_at_lock)
			return true;
	return false;
}

static void look(const struct pool *pool, struct running *running, double now)
{
	const struct job *job = &running->job;

	if (pool_is_late(pool))
		watch_set_late(&running->watch);
	watch_look(&running->watch, pool->root, running->pid,
		   job->moved && job->moved(job->subject), now);
}

static bool is_stuck(const struct pool *pool, const struct running *running)
{
	const struct job *job = &running->job;

	if (!job->needs_proof && pool_is_late(pool))
		return true;
	if (!watch_is_over(&running->watch))
		return false;
	return !job->needs_proof || running->watch.signs.is_proven || pool_is_late(pool);
}

static bool is_due(const struct running *running, double now)
{
	return running->job.deadline_ms && now >= running->look_ms;
}

/* All looks first: whether one is in a queue is told by where the others are. */
void pool_check_deadlines(struct pool *pool)
{
	double now = clock_ms();
	struct running *running, *next;

	for (running = pool->running; running; running = running->next)
		if (is_due(running, now))
			look(pool, running, now);
	for (running = pool->running; running; running = running->next)
		if (is_due(running, now))
			running->is_at_lock = waits_for_lock(pool, running);
	for (running = pool->running; running; running = running->next) {
		if (!is_due(running, now))
			continue;
		watch_count(&running->watch, is_queued(pool, running), now);
		running->look_ms = now + watch_interval_ms(&running->watch);
	}
	for (running = pool->running; running; running = next) {
		const struct job *job = &running->job;

		next = running->next;
		if (!is_stuck(pool, running))
			continue;
		if (job->waits_on && job->waits_on(job->subject))
			watch_again(&running->watch);
		else
			pool_end_job(pool, running, JOB_STUCK, NULL, 0);
	}
}
