// SPDX-License-Identifier: GPL-2.0-or-later
/* Few workers for many disks; see flushers.h. */
#include "run/flushers.h"

#include "worker/limits.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_WORKERS 2

/* How long no worker came to another disk when there are to be more: longer than a cache without
 * anything in it takes, shorter than what a person notices. */
#define STILL_MS      5

/* Shared with the workers. */
struct shared {
	atomic_size_t next; /* the first disk that nobody has taken; may go beyond the last */
	struct flushed {
		atomic_size_t taker; /* the number of the worker that took it, from 1 on */
		atomic_bool done;
		int code;
	} each[]; /* by disk */
};

struct flushing;

struct flusher {
	struct flushing *flushing;
	size_t number;		       /* from 1 on */
	const struct flush *looked_at; /* the disk that it was at when it was looked at, */
	char counters[256];	       /* and its /sys/class/block/X/stat then */
};

struct flushing {
	const struct sys *sys;
	const struct sync_options *options;
	struct flush *flushes;
	size_t count;
	struct shared *shared;
	struct pool *pool;
	struct flusher *flushers;
	size_t flusher_count, flusher_room;
	int unstarted; /* why a worker could not be made */
};

static size_t taken(const struct flushing *flushing)
{
	size_t next = atomic_load(&flushing->shared->next);

	return next < flushing->count ? next : flushing->count;
}

/* ---- a worker */

static size_t work(void *subject, void *answer, size_t size)
{
	const struct flusher *flusher = subject;
	const struct flushing *flushing = flusher->flushing;
	struct shared *shared = flushing->shared;
	size_t i;

	while (worker_is_wanted() && (i = atomic_fetch_add(&shared->next, 1)) < flushing->count) {
		atomic_store(&shared->each[i].taker, flusher->number);
		shared->each[i].code = sys_flush(flushing->sys, flushing->flushes[i].disk->name);
		atomic_store(&shared->each[i].done, true);
	}
	(void)size;
	memset(answer, 0, 1);
	return 1;
}

/* ---- the parent's side */

/* The disk that it is at; NULL: none yet, or none any more. */
static struct flush *flush_of(const struct flusher *flusher)
{
	const struct flushing *flushing = flusher->flushing;

	for (size_t i = 0; i < taken(flushing); i++) {
		const struct flushed *flushed = &flushing->shared->each[i];

		if (atomic_load(&flushed->taker) == flusher->number && !atomic_load(&flushed->done))
			return &flushing->flushes[i];
	}
	return NULL;
}

/* It came to another disk, or the disk moves: a cache flush shows in the disk's counters when it ends,
 * the writes before it while they go on. */
static bool has_moved(void *subject)
{
	struct flusher *flusher = subject;
	const struct flush *flush = flush_of(flusher);
	char path[128], now[sizeof(flusher->counters)] = "";
	bool is_same = flush == flusher->looked_at, moved;

	if (flush) {
		snprintf(path, sizeof(path), "/sys/class/block/%s/stat", flush->disk->name);
		if (sysroot_read(flusher->flushing->sys->root, path, now, sizeof(now)) < 0)
			now[0] = '\0';
	}
	moved = !is_same || (flusher->counters[0] && strcmp(now, flusher->counters) != 0);
	flusher->looked_at = flush;
	strcpy(flusher->counters, now);
	return moved;
}

static void ended(void *subject, enum job_end end, const void *answer, size_t length,
		  double elapsed_ms)
{
	const struct flusher *flusher = subject;
	struct flush *flush = flush_of(flusher);

	(void)length;
	(void)elapsed_ms;
	if (end == JOB_UNSTARTED)
		flusher->flushing->unstarted = *(const int *)answer;
	else if (end == JOB_STUCK && flush)
		flush->code = -ETIMEDOUT;
}

static void add_one(struct flushing *flushing)
{
	struct flusher *flusher = &flushing->flushers[flushing->flusher_count];
	const struct job job = {
		.subject = flusher,
		.name = "disks",
		.changes_nothing = true,
		.deadline_ms = flushing->options->deadline_ms ?: SYNC_DEADLINE_MS,
		.work = work,
		.moved = has_moved,
		.ended = ended,
	};
	int r;

	*flusher = (struct flusher){ .flushing = flushing, .number = flushing->flusher_count + 1 };
	r = pool_start(flushing->pool, &job);
	if (r < 0)
		flushing->unstarted = r;
	else
		flushing->flusher_count++;
}

/* As many as there are disks left for, and room. */
static void add(struct flushing *flushing, size_t wanted)
{
	size_t left = flushing->count - taken(flushing);

	for (size_t i = 0; i < wanted && i < left && !flushing->unstarted; i++)
		if (flushing->flusher_count < flushing->flusher_room)
			add_one(flushing);
}

static int run_all(struct flushing *flushing)
{
	double still_since_ms = clock_ms();
	size_t looked_at = 0;
	int r;

	pool_set_tick(flushing->pool, STILL_MS);
	add(flushing, FIRST_WORKERS);
	do {
		double now;

		r = pool_wait(flushing->pool, flushing->options->wake_fd, 0);
		now = clock_ms();
		if (taken(flushing) != looked_at) {
			looked_at = taken(flushing);
			still_since_ms = now;
		} else if (r > 0 && now - still_since_ms >= STILL_MS) {
			add(flushing, pool_running(flushing->pool));
			still_since_ms = now;
		}
		/* The last one ended before its time, and disks are left. */
		if (r == 0 && looked_at < flushing->count && !flushing->unstarted &&
		    flushing->flusher_count < flushing->flusher_room) {
			add(flushing, 1);
			r = 1;
		}
	} while (r > 0);
	return r;
}

/* What no worker told: given up, or its worker died, or none could be made for it. */
static void settle(struct flushing *flushing)
{
	for (size_t i = 0; i < flushing->count; i++) {
		const struct flushed *flushed = &flushing->shared->each[i];
		struct flush *flush = &flushing->flushes[i];

		if (atomic_load(&flushed->done))
			flush->code = flushed->code;
		else if (!flush->code)
			flush->code = i >= taken(flushing) && flushing->unstarted
					      ? flushing->unstarted
					      : -ECHILD;
	}
}

int flushers_run(const struct sys *sys, struct flush *flushes, size_t count,
		 const struct sync_options *options)
{
	size_t bytes = sizeof(struct shared) + count * sizeof(struct flushed);
	struct flushing flushing = {
		.sys = sys,
		.options = options,
		.flushes = flushes,
		.count = count,
		.flusher_room = count,
	};
	int r = 0;

	if (!count)
		return 0;
	flushing.flushers = calloc(count, sizeof(*flushing.flushers));
	flushing.shared =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!flushing.flushers || flushing.shared == MAP_FAILED)
		r = -ENOMEM;
	if (r == 0)
		r = pool_new((unsigned int)limits_make_room(sys->root, count), sys->root,
			     &flushing.pool);
	if (r == 0)
		r = run_all(&flushing);
	pool_free(flushing.pool);
	if (r == 0)
		settle(&flushing);
	if (flushing.shared != MAP_FAILED)
		munmap(flushing.shared, bytes);
	free(flushing.flushers);
	return r;
}
