// SPDX-License-Identifier: GPL-2.0-or-later
/* The record of a run, written; see record.h. read.c reads it. */
#include "record/record.h"

#include "record/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_WAIT_MS 5000

struct record {
	int fd; /* "record", O_APPEND */
	int lock_fd;
	int status;	 /* first failure to write */
	bool is_torn;	 /* the file does not end in a newline */
	double start_ms; /* CLOCK_BOOTTIME */
};

/* Also counts a suspend, unlike CLOCK_MONOTONIC, and no one sets it, unlike CLOCK_REALTIME. */
static double boottime_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	/* Whole microseconds: what a person still reads in the record. */
	return ((double)now.tv_sec * 1e6 + (double)(now.tv_nsec / 1000)) / 1e3;
}

/* The disks go away during a run: a record on one of them could not be written, nor read back. */
static int check_folder(int dirfd, const char *dir, struct error *e)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(dirfd, &fs) || fstat(dirfd, &st))
		return error_set(e, -errno, "cannot look at %s: %m", dir);
	/* A rollback does as root what the record says. */
	if (st.st_uid != geteuid())
		return error_set(e, -EPERM, "%s belongs to user %u, not to user %u: remove it", dir,
				 (unsigned int)st.st_uid, (unsigned int)geteuid());
	if (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC)
		return error_set(e, -EROFS,
				 "%s is not in memory (tmpfs or ramfs), and the disks go away; "
				 "mount -t tmpfs tmpfs /run",
				 dir);
	return 0;
}

/* Opens @dir; *@ret_dirfd is the caller's. */
static int open_folder(const char *dir, bool make, int *ret_dirfd, struct error *e)
{
	int dirfd, code;

	if (make && mkdir(dir, 0700) && errno != EEXIST)
		return error_set(e, -errno, "cannot make %s for the record: %m", dir);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dirfd < 0)
		return error_set(e, -errno, "cannot open the record's folder %s: %m", dir);
	code = check_folder(dirfd, dir, e);
	if (code < 0) {
		close(dirfd);
		return code;
	}
	*ret_dirfd = dirfd;
	return 0;
}

static int record_new(int lock_fd, int fd, struct record **ret_record)
{
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		return -ENOMEM;
	record->fd = fd;
	record->lock_fd = lock_fd;
	record->start_ms = boottime_ms();
	*ret_record = record;
	return 0;
}

/*
 * A run that was killed leaves its workers behind, and one of them may be about to unbind a device
 * that a rollback has just found bound. Unlike the POSIX lock, flock(2)'s is shared by all who
 * inherited the file: it is free when the last of them has ended. One that is stuck never does.
 */
static void wait_for_workers(int fd)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	double end = boottime_ms() + WORKERS_WAIT_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK && boottime_ms() < end)
		nanosleep(&pause, NULL);
}

bool record_has_others(const struct record *record)
{
	return flock(record->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
}

/* Opens the file "record" in @dirfd with @flags, under the lock. */
static int open_locked(int dirfd, const char *verb, int flags, struct record **ret_record,
		       struct error *e)
{
	int lock_fd, fd, code;

	code = lock_take(dirfd, verb, &lock_fd, e);
	if (code < 0)
		return code;
	/* Only now: whoever holds the lock still writes to the earlier one. */
	if (flags & O_CREAT && renameat(dirfd, "record", dirfd, "record.previous") &&
	    errno != ENOENT) {
		code = error_set(e, -errno, "cannot put the earlier record aside: %m");
		goto fail;
	}
	fd = openat(dirfd, "record", flags | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		code = error_set(e, -errno,
				 errno == ENOENT ? "there is no record"
						 : "cannot open the record: %m");
		goto fail;
	}
	wait_for_workers(fd);
	code = record_new(lock_fd, fd, ret_record);
	if (code < 0) {
		close(fd);
		goto fail;
	}
	return 0;
fail:
	close(lock_fd);
	return code;
}

static void write_start(struct record *record, const char *verb)
{
	struct utsname host;
	char boot_id[64] = "", when[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f) {
		if (fscanf(f, "%63s", boot_id) != 1)
			boot_id[0] = '\0';
		fclose(f);
	}
	if (uname(&host))
		memset(&host, 0, sizeof(host));
	if (gmtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	record_write(record, "start",
		     json_pack("{s:i s:s s:i s:s s:s s:s s:s s:f}", "schema", RECORD_SCHEMA, "verb",
			       verb, "pid", (int)getpid(), "time", when, "boot_id", boot_id,
			       "kernel", host.release, "machine", host.machine, "boottime_ms",
			       record->start_ms));
}

int record_create(const char *dir, const char *verb, struct record **ret_record, struct error *e)
{
	struct record *record = NULL;
	int dirfd, code;

	code = open_folder(dir, true, &dirfd, e);
	if (code < 0)
		return code;
	code = open_locked(dirfd, verb, O_RDWR | O_CREAT | O_EXCL, &record, e);
	close(dirfd);
	if (code < 0)
		return code;
	write_start(record, verb);
	if (record->status < 0) {
		code = error_set(e, record->status, "cannot write to the record in %s: %m", dir);
		record_close(record);
		return code;
	}
	*ret_record = record;
	return 0;
}

static bool ends_torn(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last;

	return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

/* So that times go on from the first event, whoever writes. */
static double recorded_start_ms(const char *dir, double otherwise)
{
	json_t *events = NULL;
	double start_ms = otherwise;
	const json_t *value;

	if (record_load(dir, false, &events, NULL) < 0)
		return otherwise;
	value = json_object_get(record_start(events), "boottime_ms");
	if (json_is_number(value))
		start_ms = json_number_value(value);
	json_decref(events);
	return start_ms;
}

int record_reopen(const char *dir, struct record **ret_record, struct error *e)
{
	struct record *record = NULL;
	int dirfd, code;

	code = open_folder(dir, false, &dirfd, e);
	if (code < 0)
		return code;
	code = open_locked(dirfd, "rollback", O_RDWR, &record, e);
	close(dirfd);
	if (code < 0)
		return code;
	record->is_torn = ends_torn(record->fd);
	record->start_ms = recorded_start_ms(dir, record->start_ms);
	*ret_record = record;
	return 0;
}

void record_close(struct record *record)
{
	if (!record)
		return;
	close(record->fd);
	close(record->lock_fd);
	free(record);
}

/* One write(2): what a reader finds after a kill is whole lines and at most one torn one. */
static int write_line(struct record *record, const char *json)
{
	char *line = NULL;
	int length = asprintf(&line, "%s%s\n", record->is_torn ? "\n" : "", json);
	ssize_t n;
	int code = 0;

	if (length < 0)
		return -ENOMEM;
	do
		n = write(record->fd, line, (size_t)length);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		code = -errno;
	else if (n < length)
		code = -ENOSPC;
	/* The next event starts on a line of its own, or both would be lost. */
	if (n > 0)
		record->is_torn = n < length;
	free(line);
	return code;
}

void record_write(struct record *record, const char *event, json_t *fields)
{
	double us = record_elapsed_ms(record) * 1e3;
	json_t *line =
		json_pack("{s:s s:f}", "event", event, "time_ms", (double)(long long)us / 1e3);
	char *text = NULL;
	int code = -ENOMEM;

	if (line && (!fields || json_object_update(line, fields) == 0))
		text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15));
	if (text)
		code = write_line(record, text);
	if (code < 0 && !record->status)
		record->status = code;
	free(text);
	json_decref(line);
	json_decref(fields);
}

int record_status(const struct record *record)
{
	return record->status;
}

double record_elapsed_ms(const struct record *record)
{
	return boottime_ms() - record->start_ms;
}
