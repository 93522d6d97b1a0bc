// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices that were stuck before this run; see earlier.h. */
#include "undo/earlier.h"

#include "base/map.h"
#include "undo/undo.h"
#include "worker/limits.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* A lock that nobody has takes no time. */
#define LOCK_DEADLINE_MS 2000

/* Of what was under way when kexit was killed. */
#define NEVER_ENDED	 "its remove() or reset had not returned when kexit ended"

/* What may have been stuck, while the events are read. */
struct reading {
	struct arena *arena;
	const json_t *events;
	struct map *by_path;	     /* struct earlier_stuck */
	struct earlier_stuck *stuck; /* those with a text of NULL are not any more */
	size_t count;
};

static void forget(struct reading *reading, const char *path)
{
	struct earlier_stuck *stuck = map_get(reading->by_path, path);

	if (stuck)
		stuck->text = NULL;
}

static int remember(struct reading *reading, const char *path, const char *why)
{
	struct earlier_stuck *stuck = map_get(reading->by_path, path);
	const char *slash;

	if (!stuck) {
		stuck = &reading->stuck[reading->count];
		stuck->path = arena_strdup(reading->arena, path);
		if (!stuck->path)
			return -ENOMEM;
		slash = strrchr(stuck->path, '/');
		stuck->name = slash ? slash + 1 : stuck->path;
		if (map_put(reading->by_path, stuck->path, stuck) < 0)
			return -ENOMEM;
		reading->count++;
	}
	stuck->text = arena_strdup(reading->arena, why);
	return stuck->text ? 0 : -ENOMEM;
}

/* The paths that the last reset of @device before the event @at hits; NULL: none is in the record. */
static const json_t *functions_before(const struct reading *reading, const char *device, size_t at)
{
	while (at-- > 0) {
		const json_t *event = json_array_get(reading->events, at);

		if (event_is(event, "reset") && !strcmp(event_field(event, "device"), device))
			return json_object_get(event, "functions");
	}
	return NULL;
}

/*
 * A reset that hangs has the locks of all that it hits, the bridge's too where it is one of a bus.
 * @why is NULL when it ended.
 */
static int read_reset(struct reading *reading, const json_t *event, size_t at, const char *why)
{
	const char *device = event_field(event, "device");
	const json_t *functions = functions_before(reading, device, at + 1), *function;
	int r = 0;
	size_t i;

	if (why)
		r = remember(reading, device, why);
	else
		forget(reading, device);
	json_array_foreach (functions, i, function) {
		const char *path = json_string_value(function) ?: "";

		if (why && r == 0)
			r = remember(reading, path, why);
		else if (!why)
			forget(reading, path);
	}
	return r;
}

static bool was_stuck(const json_t *event)
{
	return !strcmp(event_field(event, "outcome"), "stuck");
}

static void forget_all(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++)
		reading->stuck[i].text = NULL;
}

static int read_event(struct reading *reading, const json_t *event, size_t at)
{
	const char *device = event_field(event, "device"), *why = event_field(event, "reason");

	if (event_is(event, "rolled-back"))
		forget_all(reading);
	else if (event_is(event, "restored") || (event_is(event, "released") && !was_stuck(event)))
		forget(reading, device);
	else if (event_is(event, "release") || event_is(event, "released"))
		return remember(reading, device, event_is(event, "release") ? NEVER_ENDED : why);
	else if (event_is(event, "reset") || event_is(event, "reset-ended"))
		return read_reset(reading, event, at,
				  event_is(event, "reset") ? NEVER_ENDED
				  : was_stuck(event)	   ? why
							   : NULL);
	return 0;
}

/* How many devices the events name at most. */
static size_t count_devices(const json_t *events)
{
	size_t count = json_array_size(events), i;
	const json_t *event;

	json_array_foreach (events, i, event)
		count += json_array_size(json_object_get(event, "functions"));
	return count;
}

static int read_events(struct reading *reading)
{
	size_t count = count_devices(reading->events) + 1, i;
	const json_t *event;
	int r = 0;

	reading->stuck = arena_alloc(reading->arena, count * sizeof(*reading->stuck));
	reading->by_path = map_new();
	if (!reading->stuck || !reading->by_path)
		return -ENOMEM;
	json_array_foreach (reading->events, i, event)
		r = r ?: read_event(reading, event, i);
	return r;
}

/* Drops what did end. */
static void compact(struct reading *reading, struct earlier *earlier)
{
	earlier->stuck = reading->stuck;
	for (size_t i = 0; i < reading->count; i++)
		if (reading->stuck[i].text)
			earlier->stuck[earlier->count++] = reading->stuck[i];
}

/* ---- asking */

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
	/* Nothing to ask by (CONFIG_PM): what was only under way is not called stuck for that. */
	if (!sysroot_exists(root, path) && !strcmp(asked->stuck->text, NEVER_ENDED)) {
		memcpy(answer, "u", 1);
		return 1;
	}
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
	int r = pool_new((unsigned int)limits_make_room(sys->root, earlier->count), sys->root,
			 &pool);

	if (r < 0)
		return r;
	for (size_t i = 0; i < earlier->count && r == 0; i++) {
		struct job job = {
			.subject = &asked[i],
			.name = earlier->stuck[i].name,
			.changes_nothing = true,
			.deadline_ms = LOCK_DEADLINE_MS,
			.work = ask,
			.ended = answered,
		};

		asked[i] = (struct asked){ .sys = sys, .stuck = &earlier->stuck[i] };
		r = pool_start(pool, &job);
	}
	if (r >= 0)
		r = pool_drain(pool, -1, 0);
	pool_free(pool);
	return r;
}

int earlier_find(const struct sys *sys, const json_t *events, struct arena *arena,
		 struct earlier *ret_earlier)
{
	struct reading reading = { .arena = arena, .events = events };
	struct earlier earlier = { 0 };
	struct asked *asked = NULL;
	int r = read_events(&reading);
	size_t kept = 0;

	map_free(reading.by_path);
	if (r < 0)
		return r;
	compact(&reading, &earlier);
	asked = arena_alloc(arena, (earlier.count + 1) * sizeof(*asked));
	r = asked ? ask_all(sys, asked, &earlier) : -ENOMEM;
	if (r < 0)
		return r;
	for (size_t i = 0; i < earlier.count; i++)
		if (!asked[i].is_free)
			earlier.stuck[kept++] = earlier.stuck[i];
	earlier.count = kept;
	*ret_earlier = earlier;
	return 0;
}
