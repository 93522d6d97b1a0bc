// SPDX-License-Identifier: GPL-2.0-or-later
/* Flushing all disks at once, each in a worker; see flush.h. */
#include "run/flush.h"

#include "worker/limits.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flush {
	const struct sys *sys;
	const struct disk *disk;
	char counters[256]; /* /sys/class/block/X/stat at the last look; "": none yet */
	int code;	    /* how it ended */
};

static size_t flush_work(void *subject, void *answer, size_t size)
{
	const struct flush *flush = subject;
	int r = sys_flush(flush->sys, flush->disk->name);

	(void)size;
	memcpy(answer, &r, sizeof(r));
	return sizeof(r);
}

static void flush_ended(void *subject, enum job_end end, const void *answer, size_t length,
			double elapsed_ms)
{
	struct flush *flush = subject;

	if ((end == JOB_DONE || end == JOB_UNSTARTED) && length == sizeof(flush->code))
		memcpy(&flush->code, answer, sizeof(flush->code));
	else
		flush->code = end == JOB_STUCK ? -ETIMEDOUT : -ECHILD;
}

/* A cache flush shows in the disk's counters when it ends, the writes before it while they go on. */
static bool flush_moved(void *subject)
{
	struct flush *flush = subject;
	char path[128], now[sizeof(flush->counters)];
	bool moved;

	snprintf(path, sizeof(path), "/sys/class/block/%s/stat", flush->disk->name);
	if (sysroot_read(flush->sys->root, path, now, sizeof(now)) < 0)
		return false;
	moved = flush->counters[0] && strcmp(now, flush->counters) != 0;
	strcpy(flush->counters, now);
	return moved;
}

/* What a disk answers that has no cache to flush, no medium, or cannot be written. */
static bool is_harmless(int code)
{
	return code == -EOPNOTSUPP || code == -ENOTTY || code == -EINVAL || code == -ENOMEDIUM ||
	       code == -ENXIO || code == -ENODEV || code == -ENOENT || code == -EROFS;
}

static int run_jobs(const struct sys *sys, struct flush *flushes, size_t count,
		    const struct sync_options *options)
{
	struct pool *pool;
	int r = pool_new((unsigned int)limits_make_room(sys->root, count), sys->root, &pool);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		struct job job = {
			.subject = &flushes[i],
			.name = flushes[i].disk->name,
			.changes_nothing = true,
			.deadline_ms = options->deadline_ms ?: SYNC_DEADLINE_MS,
			.work = flush_work,
			.moved = flush_moved,
			.ended = flush_ended,
		};

		flushes[i].code = pool_start(pool, &job);
	}
	r = pool_drain(pool, options->wake_fd, 0);
	pool_free(pool);
	return r;
}

static int check(const char *name, int code, struct error *e)
{
	if (!code || is_harmless(code))
		return 0;
	return error_set(
		e, code,
		"%s: its data could not be flushed: %s; nothing was released. Look at the "
		"kernel log; a disk that is lost anyway can be pulled or its driver unbound by hand",
		name, errno_text(code));
}

static bool is_read_only(const struct sysroot *root, const struct disk *disk)
{
	unsigned long long value;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/ro", disk->path);
	return sysroot_read_u64(root, path, &value) == 0 && value;
}

/* A path may be a standby one, reserved by another machine, or dead: its map knows which to take. */
static bool is_wanted(const struct sysroot *root, const struct disk *disk)
{
	/* One that does not answer an open(2) cannot be flushed either; sync(2) says whether anything
	 * of it is lost. */
	return !disk->is_partition && !disk->is_empty && !disk->is_path &&
	       disk->claim != -ETIMEDOUT && (disk->owner_count || disk->is_multipath) &&
	       !is_read_only(root, disk);
}

static bool is_used(const struct disk *disk)
{
	return disk->words || disk->is_held || disk->claim == 1 || disk->part_told ||
	       disk->part_busy;
}

/* What nobody uses has nothing to lose: a dead disk is told and costs no more. */
static int judge(const struct flush *flush, struct record *record,
		 const struct sync_options *options, struct error *e)
{
	const struct disk *disk = flush->disk;
	char line[300];

	if (!flush->code || is_harmless(flush->code))
		return 0;
	if (flush->code != -EIO && flush->code != -EREMOTEIO && flush->code != -ENOLINK &&
	    flush->code != -EBADE)
		return check(disk->name, flush->code, e);
	if (is_used(disk))
		return check(disk->name, flush->code, e);
	record_write(record, "not-flushed",
		     json_pack("{s:s, s:s}", "disk", disk->name, "errno", errno_name(flush->code)));
	snprintf(line, sizeof(line), "%s could not be flushed: %s; nothing uses it, going on",
		 disk->title, errno_text(flush->code));
	if (options->note)
		options->note(line);
	return 0;
}

int flush_disks(const struct sys *sys, const struct graph *graph, struct record *record,
		const struct sync_options *options, struct error *e)
{
	struct flush *flushes = calloc(graph->disk_count + 1, sizeof(*flushes));
	size_t count = 0;
	int r;

	if (!flushes)
		return error_set(e, -ENOMEM, "no memory to flush the disks");
	for (size_t i = 0; i < graph->disk_count; i++) {
		if (is_wanted(sys->root, graph->disks[i]))
			flushes[count++] = (struct flush){ .sys = sys, .disk = graph->disks[i] };
	}
	/* First what file systems hold back, then what the disks' caches do. */
	r = sync_bounded(sys, record, options);
	if (r != -EINTR)
		r = check("all file systems (sync)", r, e);
	if (r == 0)
		r = run_jobs(sys, flushes, count, options);
	for (size_t i = 0; i < count && r == 0; i++)
		r = judge(&flushes[i], record, options, e);
	record_write(record, "flush",
		     json_pack("{s:i, s:s}", "disks", (int)count, "result",
			       r == 0 ? "done" : errno_name(r)));
	free(flushes);
	return r;
}
