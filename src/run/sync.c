// SPDX-License-Identifier: GPL-2.0-or-later
/* sync(2) in a worker, and whether it gets on; see sync.h. */
#include "run/sync.h"

#include "worker/bounded.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NOTE_MS 15000.0

struct syncing {
	const struct sys *sys;
	const struct sync_options *options;
	bool has_dirty;
	struct dirty dirty; /* at the last look */
	double still_since_ms, told_ms;
};

static size_t work(void *subject, void *answer, size_t size)
{
	const struct syncing *syncing = subject;
	int r = sys_sync(syncing->sys);

	(void)size;
	memcpy(answer, &r, sizeof(r));
	return sizeof(r);
}

static void tell(struct syncing *syncing, double now)
{
	char line[160];

	if (!syncing->options->note || now < syncing->told_ms + NOTE_MS)
		return;
	syncing->told_ms = now;
	snprintf(line, sizeof(line),
		 "sync is under way: %llu kB to be written, %llu kB being written",
		 syncing->dirty.dirty_kb, syncing->dirty.writeback_kb);
	syncing->options->note(line);
}

static bool moved(void *subject)
{
	struct syncing *syncing = subject;
	double now = clock_ms();
	struct dirty dirty;
	bool has_moved;

	dirty_read(syncing->sys->root, &dirty);
	has_moved = syncing->has_dirty && memcmp(&dirty, &syncing->dirty, sizeof(dirty)) != 0;
	if (!syncing->has_dirty || has_moved)
		syncing->still_since_ms = now;
	syncing->has_dirty = true;
	syncing->dirty = dirty;
	tell(syncing, now);
	return has_moved;
}

static unsigned int deadline_of(const struct sync_options *options)
{
	return options->deadline_ms ?: SYNC_DEADLINE_MS;
}

/* Past the shorter deadline: as long as something is to be written, the longer one holds. */
static bool waits_on(void *subject)
{
	const struct syncing *syncing = subject;

	return syncing->dirty.dirty_kb + syncing->dirty.writeback_kb &&
	       clock_ms() < syncing->still_since_ms + deadline_of(syncing->options);
}

int sync_bounded(const struct sys *sys, struct record *record, const struct sync_options *options)
{
	struct syncing syncing = { .sys = sys, .options = options, .told_ms = clock_ms() };
	const struct bounded call = {
		.name = "sync",
		.changes_nothing = true,
		.deadline_ms = options->idle_deadline_ms ?: deadline_of(options),
		.wake_fd = options->wake_fd,
		.subject = &syncing,
		.work = work,
		.moved = moved,
		.waits_on = options->idle_deadline_ms ? waits_on : NULL,
	};
	double started = clock_ms();
	struct dirty left;
	int answer = 0;
	int r = bounded_call(sys->root, &call, &answer, sizeof(answer)) ?: answer;

	dirty_read(sys->root, &left);
	record_write(record, "sync",
		     json_pack("{s:s, s:f, s:I, s:I}", "result", r == 0 ? "done" : errno_name(r),
			       "ms", clock_ms() - started, "dirty_kb", (json_int_t)left.dirty_kb,
			       "writeback_kb", (json_int_t)left.writeback_kb));
	return r;
}
