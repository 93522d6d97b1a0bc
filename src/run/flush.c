// SPDX-License-Identifier: GPL-2.0-or-later
/* Flushing all disks at once, each in a worker; see flush.h. */
#include "run/flush.h"

#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flush {
	const struct sys *sys;
	const struct disk *disk; /* NULL: sync(2) of the whole machine */
	char counters[256];	 /* /sys/class/block/X/stat at the last look */
	int code;		 /* how it ended */
	bool stuck;
};

static size_t flush_work(void *subject, void *answer, size_t size)
{
	const struct flush *flush = subject;
	int r = flush->disk ? sys_flush(flush->sys, flush->disk->name) : sys_sync(flush->sys);

	(void)size;
	memcpy(answer, &r, sizeof(r));
	return sizeof(r);
}

static void flush_ended(void *subject, enum job_end end, const void *answer, size_t length,
			double elapsed_ms)
{
	struct flush *flush = subject;

	(void)elapsed_ms;
	if (end == JOB_DONE && length == sizeof(flush->code))
		memcpy(&flush->code, answer, sizeof(flush->code));
	else
		flush->code = end == JOB_STUCK ? -ETIMEDOUT : -ECHILD;
}

/* A cache flush shows in the disk's counters when it ends, the writes before it while they go on. */
static bool flush_progresses(void *subject)
{
	struct flush *flush = subject;
	char path[128], now[sizeof(flush->counters)];
	bool moved;

	if (!flush->disk)
		return false;
	snprintf(path, sizeof(path), "/sys/class/block/%s/stat", flush->disk->name);
	if (sysroot_read(flush->sys->root, path, now, sizeof(now)) < 0)
		return false;
	moved = strcmp(now, flush->counters) != 0;
	strcpy(flush->counters, now);
	return moved;
}

/* What a disk answers that has no cache to flush, no medium, or cannot be written. */
static bool is_harmless(int code)
{
	return code == -EOPNOTSUPP || code == -ENOTTY || code == -EINVAL || code == -ENOMEDIUM ||
	       code == -ENXIO || code == -ENODEV || code == -ENOENT || code == -EROFS;
}

static int run_jobs(struct flush *flushes, size_t count, int wake_fd)
{
	struct pool *pool;
	int r = pool_new(0, "/proc", &pool);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		struct job job = {
			.subject = &flushes[i],
			.deadline_ms = FLUSH_DEADLINE_MS,
			.work = flush_work,
			.progresses = flush_progresses,
			.ended = flush_ended,
		};

		flushes[i].code = pool_start(pool, &job);
	}
	do
		r = pool_wait(pool, wake_fd, 0);
	while (r > 0);
	pool_free(pool);
	return r;
}

static int check(const struct flush *flush, struct error *e)
{
	const char *name = flush->disk ? flush->disk->name : "all file systems (sync)";

	if (!flush->code || is_harmless(flush->code))
		return 0;
	return error_set(
		e, flush->code,
		"%s: its data could not be flushed: %s; nothing was released. Look at the "
		"kernel log; a disk that is lost anyway can be pulled or its driver unbound by hand",
		name, errno_text(flush->code));
}

static bool is_wanted(const struct disk *disk)
{
	return !disk->is_partition && !disk->is_read_only && !disk->is_empty && disk->owner_count;
}

int flush_disks(const struct sys *sys, const struct graph *graph, struct record *record,
		int wake_fd, struct error *e)
{
	struct flush all = { .sys = sys };
	struct flush *flushes = calloc(graph->disk_count + 1, sizeof(*flushes));
	size_t count = 0;
	int r;

	if (!flushes)
		return error_set(e, -ENOMEM, "no memory to flush the disks");
	for (size_t i = 0; i < graph->disk_count; i++) {
		if (is_wanted(graph->disks[i]))
			flushes[count++] = (struct flush){ .sys = sys, .disk = graph->disks[i] };
	}
	/* First what file systems hold back, then what the disks' caches do. */
	r = run_jobs(&all, 1, wake_fd);
	if (r == 0)
		r = check(&all, e);
	if (r == 0)
		r = run_jobs(flushes, count, wake_fd);
	for (size_t i = 0; i < count && r == 0; i++)
		r = check(&flushes[i], e);
	record_write(record, "flush",
		     json_pack("{s:i, s:s}", "disks", (int)count, "result",
			       r == 0 ? "done" : errno_name(r)));
	free(flushes);
	return r;
}
