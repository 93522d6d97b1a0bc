// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls in a row, and where the worker is; see walk.h. */
#include "worker/walk.h"

#include "worker/bounded.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* When a person wants to know what is being waited for. */
#define WAITS_MS 2000.0

struct walking {
	const struct walk *walk;
	size_t *at; /* shared: which call the worker is at */
	size_t looked_at;
	double since_ms;
	bool told;
};

/* In the worker. The answer is the errno that ended it, or 0. */
static size_t work(void *subject, void *answer, size_t size)
{
	const struct walking *walking = subject;
	const struct walk *walk = walking->walk;
	int r = 0;

	while (r == 0 && *walking->at < walk->count && worker_is_wanted()) {
		r = walk->call(walk->subject, *walking->at);
		if (r == 0)
			__atomic_add_fetch(walking->at, 1, __ATOMIC_RELAXED);
	}
	memcpy(answer, &r, sizeof(r));
	return sizeof(r);
}

static bool moved(void *subject)
{
	struct walking *walking = subject;
	const struct walk *walk = walking->walk;
	size_t at = __atomic_load_n(walking->at, __ATOMIC_RELAXED);
	double now = clock_ms();
	bool has_moved = at != walking->looked_at;

	if (has_moved) {
		walking->since_ms = now;
		walking->told = false;
	}
	walking->looked_at = at;
	if (!walking->told && walk->waits && at < walk->count &&
	    now >= walking->since_ms + WAITS_MS) {
		walking->told = true;
		walk->waits(walk->subject, at);
	}
	return has_moved;
}

int walk_run(const struct sysroot *root, const struct walk *walk, size_t from, size_t *ret_at)
{
	struct walking walking = {
		.walk = walk,
		.looked_at = from,
		.since_ms = clock_ms(),
	};
	const struct bounded call = {
		.name = walk->name,
		.changes_nothing = walk->changes_nothing,
		.deadline_ms = walk->deadline_ms,
		.run_deadline_ms = walk->run_deadline_ms,
		.wake_fd = walk->wake_fd,
		.subject = &walking,
		.work = work,
		.moved = moved,
	};
	int answer = 0, r;

	walking.at = mmap(NULL, sizeof(*walking.at), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*ret_at = from;
	if (walking.at == MAP_FAILED)
		return -errno;
	*walking.at = from;
	r = bounded_call(root, &call, &answer, sizeof(answer)) ?: answer;
	/* The last one may have been made, and no answer come of it any more. */
	*ret_at = *walking.at < walk->count ? *walking.at : walk->count - 1;
	munmap(walking.at, sizeof(*walking.at));
	return r;
}
