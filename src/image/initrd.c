// SPDX-License-Identifier: GPL-2.0-or-later
/* Several initrds as one file, since the kernel takes one; see initrd.h. */
#include "image/initrd.h"
#include "image/file.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define ALIGNMENT 4

/* All of @from to the end of @to. */
static int copy_all(int to, int from, unsigned long long bytes)
{
	while (bytes) {
		size_t piece = bytes < 1 << 24 ? (size_t)bytes : 1 << 24;
		ssize_t n = sendfile(to, from, NULL, piece);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO; /* it was cut meanwhile */
		bytes -= (unsigned long long)n;
	}
	return 0;
}

static int pad(int to, unsigned long long *bytes)
{
	static const char zeros[ALIGNMENT];
	size_t count = (ALIGNMENT - *bytes % ALIGNMENT) % ALIGNMENT;
	ssize_t n = write(to, zeros, count);

	if (n != (ssize_t)count)
		return n < 0 ? -errno : -ENOSPC;
	*bytes += count;
	return 0;
}

static int append(int to, const char *path, unsigned long long *total, struct error *e)
{
	unsigned long long bytes;
	int from = file_open(path, "--initrd", &bytes, e);
	int code;

	if (from < 0)
		return from;
	code = copy_all(to, from, bytes);
	close(from);
	if (!code) {
		*total += bytes;
		code = pad(to, total);
	}
	if (code)
		return error_set(e, code, "%s: --initrd cannot be copied into memory: %s", path,
				 errno_text(code));
	return 0;
}

static int initrd_join(const char *const paths[], size_t count, int *ret_fd,
		       unsigned long long *ret_bytes, struct error *e)
{
	unsigned long long total = 0;
	int fd = memfd_create("kexit-initrd", MFD_CLOEXEC);

	if (fd < 0)
		return error_set(e, -errno, "several --initrd: no memory to join them in: %s",
				 errno_text(errno));
	for (size_t i = 0; i < count; i++) {
		int code = append(fd, paths[i], &total, e);

		if (code) {
			close(fd);
			return code;
		}
	}
	*ret_fd = fd;
	*ret_bytes = total;
	return 0;
}

int initrd_open(const char *const paths[], size_t count, int *ret_fd, unsigned long long *ret_bytes,
		struct error *e)
{
	unsigned long long bytes = 0;
	int fd = -1;

	if (count > 1)
		return initrd_join(paths, count, ret_fd, ret_bytes, e);
	if (count == 1) {
		fd = file_open(paths[0], "--initrd", &bytes, e);
		if (fd < 0)
			return fd;
	}
	*ret_fd = fd;
	*ret_bytes = bytes;
	return 0;
}
