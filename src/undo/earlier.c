// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices that were stuck before this run; see earlier.h. */
#include "undo/earlier.h"

#include "undo/undo.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* A lock that nobody has takes no time. */
#define LOCK_DEADLINE_MS 2000

static void forget(struct earlier *earlier, const char *path)
{
	size_t kept = 0;

	for (size_t i = 0; i < earlier->count; i++)
		if (strcmp(earlier->stuck[i].path, path) != 0)
			earlier->stuck[kept++] = earlier->stuck[i];
	earlier->count = kept;
}

static int remember(struct earlier *earlier, const json_t *event, struct arena *arena)
{
	struct earlier_stuck stuck = {
		.path = arena_strdup(arena, event_field(event, "device")),
		.text = arena_strdup(arena, event_field(event, "reason")),
	};
	const char *slash = stuck.path ? strrchr(stuck.path, '/') : NULL;

	if (!stuck.path || !stuck.text)
		return -ENOMEM;
	stuck.name = slash ? slash + 1 : stuck.path;
	forget(earlier, stuck.path);
	earlier->stuck[earlier->count++] = stuck;
	return 0;
}

static int read_event(struct earlier *earlier, const json_t *event, struct arena *arena)
{
	if (event_is(event, "rolled-back"))
		earlier->count = 0;
	else if (event_is(event, "restored"))
		forget(earlier, event_field(event, "device"));
	else if (event_is(event, "released") && !strcmp(event_field(event, "outcome"), "stuck"))
		return remember(earlier, event, arena);
	return 0;
}

struct asked {
	const struct sys *sys;
	const struct earlier_stuck *stuck;
	bool is_free;
};

/*
 * power/control is written with what it says: nothing changes, and every kernel takes the device's
 * lock for it (Linux: drivers/base/power/sysfs.c, control_store()). Without an answer it is not known,
 * and counts as stuck.
 */
static size_t ask(void *subject, void *answer, size_t size)
{
	const struct asked *asked = subject;
	const struct sysroot *root = asked->sys->root;
	char path[PATH_MAX], value[32];

	snprintf(path, sizeof(path), "/sys%s", asked->stuck->path);
	if (!sysroot_exists(root, path)) {
		memcpy(answer, "g", 1); /* gone: the kernel does not shut it down */
		return 1;
	}
	snprintf(path, sizeof(path), "/sys%s/power/control", asked->stuck->path);
	if (sysroot_read(root, path, value, sizeof(value)) <= 0 ||
	    sys_write(asked->sys, path, value) < 0)
		return 0;
	memcpy(answer, "f", 1);
	return 1;
}

static void answered(void *subject, enum job_end end, const void *answer, size_t length,
		     double elapsed_ms)
{
	struct asked *asked = subject;

	asked->is_free = end == JOB_DONE;
}

static int ask_all(const struct sys *sys, struct asked *asked, const struct earlier *earlier)
{
	struct pool *pool;
	int r = pool_new(0, "/proc", &pool);

	if (r < 0)
		return r;
	for (size_t i = 0; i < earlier->count && r == 0; i++) {
		struct job job = {
			.subject = &asked[i],
			.deadline_ms = LOCK_DEADLINE_MS,
			.work = ask,
			.ended = answered,
		};

		asked[i] = (struct asked){ .sys = sys, .stuck = &earlier->stuck[i] };
		r = pool_start(pool, &job);
	}
	while (r >= 0 && pool_running(pool))
		r = pool_wait(pool, -1, 0);
	pool_free(pool);
	return r < 0 ? r : 0;
}

int earlier_find(const struct sys *sys, const json_t *events, struct arena *arena,
		 struct earlier *ret_earlier)
{
	size_t count = json_array_size(events) + 1, kept = 0, i;
	struct earlier earlier = { .stuck = arena_alloc(arena, count * sizeof(*earlier.stuck)) };
	const json_t *event;
	struct asked *asked;
	int r = earlier.stuck ? 0 : -ENOMEM;

	json_array_foreach (events, i, event)
		r = r ?: read_event(&earlier, event, arena);
	asked = arena_alloc(arena, (earlier.count + 1) * sizeof(*asked));
	if (r == 0)
		r = asked ? ask_all(sys, asked, &earlier) : -ENOMEM;
	if (r < 0)
		return r;
	for (i = 0; i < earlier.count; i++)
		if (!asked[i].is_free)
			earlier.stuck[kept++] = earlier.stuck[i];
	earlier.count = kept;
	*ret_earlier = earlier;
	return 0;
}
