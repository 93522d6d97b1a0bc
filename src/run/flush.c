// SPDX-License-Identifier: GPL-2.0-or-later
/* Which disks are flushed, and what one that cannot be costs; see flush.h. */
#include "run/flush.h"

#include "run/flushers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a disk answers that has no cache to flush, no medium, or cannot be written. */
static bool is_harmless(int code)
{
	return code == -EOPNOTSUPP || code == -ENOTTY || code == -EINVAL || code == -ENOMEDIUM ||
	       code == -ENXIO || code == -ENODEV || code == -ENOENT || code == -EROFS;
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
			flushes[count++] = (struct flush){ .disk = graph->disks[i] };
	}
	/* First what file systems hold back, then what the disks' caches do. */
	r = sync_bounded(sys, record, options);
	if (r != -EINTR)
		r = check("all file systems (sync)", r, e);
	if (r == 0)
		r = flushers_run(sys, flushes, count, options);
	for (size_t i = 0; i < count && r == 0; i++)
		r = judge(&flushes[i], record, options, e);
	record_write(record, "flush",
		     json_pack("{s:i, s:s}", "disks", (int)count, "result",
			       r == 0 ? "done" : errno_name(r)));
	free(flushes);
	return r;
}
