// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that survive a jump; see durable.h. */
#include "across/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "/var/lib" of the machine as this process reaches it. */
static int place(const struct sysroot *root, const char *path, char *full, size_t size)
{
	const char *top = sysroot_path(root);
	int length = snprintf(full, size, "%s%s", !strcmp(top, "/") ? "" : top, path);

	return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

static int write_whole(int fd, const char *text)
{
	size_t length = strlen(text);
	ssize_t n = write(fd, text, length);

	if (n == (ssize_t)length)
		n = write(fd, "\n", 1) == 1 ? n : -1;
	if (n != (ssize_t)length)
		return n < 0 ? -errno : -ENOSPC;
	return fsync(fd) ? -errno : 0;
}

/* A rename or an unlink is on disk once its folder is. */
static int sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return r;
}

int durable_write(const struct sysroot *root, const char *folder, const char *path,
		  const char *text)
{
	char full[PATH_MAX], draft[PATH_MAX + 8], above[PATH_MAX];
	int r = place(root, path, full, sizeof(full)), fd;

	r = r ?: place(root, folder, above, sizeof(above));
	if (r < 0)
		return r;
	if (mkdir(above, 0755) && errno != EEXIST)
		return -errno;
	snprintf(draft, sizeof(draft), "%s.new", full);
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_whole(fd, text);
	close(fd);
	if (r == 0 && rename(draft, full))
		r = -errno;
	if (r == 0)
		return sync_folder(above);
	unlink(draft);
	return r;
}

int durable_remove(const struct sysroot *root, const char *folder, const char *path)
{
	char full[PATH_MAX], above[PATH_MAX];
	int r = place(root, path, full, sizeof(full)) ?: place(root, folder, above, sizeof(above));

	if (r < 0)
		return r;
	if (unlink(full))
		return errno == ENOENT ? 0 : -errno;
	return sync_folder(above);
}
