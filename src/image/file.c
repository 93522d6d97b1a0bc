// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of the command line, with messages that name them and what they were for. */
#include "image/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0, or why the open file @fd will not do. */
static int file_check(int fd, const char *path, const char *role, unsigned long long *ret_bytes,
		      struct error *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return error_set(e, -errno, "%s: %s cannot be looked at: %s", path, role,
				 errno_text(errno));
	if (S_ISDIR(st.st_mode))
		return error_set(e, -EISDIR, "%s: %s is a folder: name a file in it", path, role);
	if (!S_ISREG(st.st_mode))
		return error_set(e, -EINVAL, "%s: %s is not a regular file", path, role);
	if (!st.st_size)
		return error_set(e, -ENODATA, "%s: %s is empty: was it copied in full?", path,
				 role);
	*ret_bytes = (unsigned long long)st.st_size;
	return 0;
}

int file_open(const char *path, const char *role, unsigned long long *ret_bytes, struct error *e)
{
	/* O_NONBLOCK: a FIFO is refused below, not waited for. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int code;

	if (fd < 0)
		return error_set(e, -errno, "%s: %s cannot be opened: %s", path, role,
				 errno_text(errno));
	code = file_check(fd, path, role, ret_bytes, e);
	if (code) {
		close(fd);
		return code;
	}
	return fd;
}
