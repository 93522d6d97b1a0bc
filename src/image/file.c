// SPDX-License-Identifier: GPL-2.0-or-later
/* Files to load, with messages that name them and what they were for; see file.h. */
#include "image/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
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

/* Makes of @range, which is all of the file, what @part says. */
static int take_part(const struct image_part *part, const char *path, const char *role,
		     struct file_range *range, struct error *e)
{
	if (part->offset > range->bytes || part->length > range->bytes - part->offset)
		return error_set(e, -ENODATA, "%s: %s is cut short: was it copied in full?", path,
				 role);
	range->offset = part->offset;
	range->bytes = part->length;
	return 0;
}

int file_open(const char *path, const struct image_part *part, const char *role,
	      struct file_range *ret_range, struct error *e)
{
	struct file_range range = { .fd = -1 };
	int code;

	/* O_NONBLOCK: a FIFO is refused below, not waited for. */
	range.fd = part ? fcntl(part->fd, F_DUPFD_CLOEXEC, 0)
			: open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (range.fd < 0)
		return error_set(e, -errno, "%s: %s cannot be opened: %s", path, role,
				 errno_text(errno));
	code = file_check(range.fd, path, role, &range.bytes, e);
	if (!code && part && part->length)
		code = take_part(part, path, role, &range, e);
	if (code) {
		close(range.fd);
		return code;
	}
	*ret_range = range;
	return 0;
}

int file_copy(int to, const struct file_range *range)
{
	unsigned long long left = range->bytes;
	off_t at = (off_t)range->offset;

	while (left) {
		size_t piece = left < 1 << 24 ? (size_t)left : 1 << 24;
		ssize_t n = sendfile(to, range->fd, &at, piece);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO; /* it was cut meanwhile */
		left -= (unsigned long long)n;
	}
	return 0;
}

static int is_all(const struct file_range *range)
{
	struct stat st;

	return !range->offset && !fstat(range->fd, &st) &&
	       range->bytes == (unsigned long long)st.st_size;
}

int file_whole(const struct file_range *range, const char *path, const char *role, int *ret_fd,
	       struct error *e)
{
	int code, fd;

	if (is_all(range)) {
		*ret_fd = range->fd;
		return 0;
	}
	fd = memfd_create("kexit-part", MFD_CLOEXEC);
	code = fd < 0 ? -errno : file_copy(fd, range);
	close(range->fd);
	if (!code) {
		*ret_fd = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return error_set(e, code, "%s: %s cannot be copied into memory: %s", path, role,
			 errno_text(code));
}
