// SPDX-License-Identifier: GPL-2.0-or-later
/* The lock beside the record; see lock.h. */
#include "record/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What the holder wrote into the file: "exec since 2024-05-01 10:00:00Z". */
static void holder_words(int fd, char *buffer, size_t size)
{
	ssize_t n = pread(fd, buffer, size - 1, 0);

	buffer[n > 0 ? n : 0] = '\0';
	buffer[strcspn(buffer, "\n")] = '\0';
}

/* The pid comes from the kernel: the file's content may be older than its holder by an instant. */
static int lock_is_held(int fd, struct error *e)
{
	struct flock holder = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char words[128], *since;
	int pid = 0;

	if (!fcntl(fd, F_GETLK, &holder) && holder.l_type != F_UNLCK)
		pid = (int)holder.l_pid;
	holder_words(fd, words, sizeof(words));
	since = strchr(words, ' ');
	if (since)
		*since++ = '\0';
	return error_set(e, -EBUSY, "kexit%s%s (process %d) is at work%s%s; wait for it to end",
			 words[0] ? " " : "", words, pid, since ? " " : "", since ?: "");
}

static void lock_sign(int fd, const char *verb)
{
	time_t now = time(NULL);
	struct tm tm;
	char when[32] = "", words[128];
	int length;
	ssize_t ignored = 0;

	if (gmtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%SZ", &tm);
	length = snprintf(words, sizeof(words), "%.32s since %s\nprocess %d\n", verb, when,
			  (int)getpid());
	/* Words for people only: the lock itself is the kernel's. */
	if (ftruncate(fd, 0) == 0)
		ignored = pwrite(fd, words, (size_t)length, 0);
	(void)ignored;
}

int lock_take(int dirfd, const char *verb, int *ret_fd, struct error *e)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = openat(dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int code;

	if (fd < 0)
		return error_set(e, -errno, "cannot open the record's lock file: %m");
	if (fcntl(fd, F_SETLK, &lock) == 0) {
		lock_sign(fd, verb);
		*ret_fd = fd;
		return 0;
	}
	code = -errno;
	if (code == -EAGAIN || code == -EACCES)
		code = lock_is_held(fd, e);
	else
		error_set(e, code, "cannot lock the record: %m");
	close(fd);
	return code;
}
