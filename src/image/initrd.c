// SPDX-License-Identifier: GPL-2.0-or-later
/* Several initrds as one file, since the kernel takes one; see initrd.h. */
#include "image/initrd.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT 4

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

static int append(int to, const char *path, const struct image_part *part,
		  unsigned long long *total, struct error *e)
{
	struct file_range range;
	int code = file_open(path, part, "--initrd", &range, e);

	if (code)
		return code;
	code = file_copy(to, &range);
	close(range.fd);
	if (!code) {
		*total += range.bytes;
		code = pad(to, total);
	}
	if (code)
		return error_set(e, code, "%s: --initrd cannot be copied into memory: %s", path,
				 errno_text(code));
	return 0;
}

static int initrd_join(const char *const paths[], const struct image_part *parts, size_t count,
		       const struct image_part *last, int *ret_fd, unsigned long long *ret_bytes,
		       struct error *e)
{
	unsigned long long total = 0;
	int code = 0;
	int fd = memfd_create("kexit-initrd", MFD_CLOEXEC);

	if (fd < 0)
		return error_set(e, -errno, "%s: no memory to join it with what follows: %s",
				 paths[0], errno_text(errno));
	for (size_t i = 0; i < count && !code; i++)
		code = append(fd, paths[i], parts ? &parts[i] : NULL, &total, e);
	if (!code && last)
		code = append(fd, "what crosses the jump", last, &total, e);
	if (code) {
		close(fd);
		return code;
	}
	*ret_fd = fd;
	*ret_bytes = total;
	return 0;
}

int initrd_open(const char *const paths[], const struct image_part *parts, size_t count,
		const struct image_part *last, int *ret_fd, unsigned long long *ret_bytes,
		struct error *e)
{
	struct file_range range;
	int code;

	if (!count) {
		*ret_fd = -1;
		*ret_bytes = 0;
		return 0;
	}
	if (count > 1 || last)
		return initrd_join(paths, parts, count, last, ret_fd, ret_bytes, e);
	code = file_open(paths[0], parts, "--initrd", &range, e);
	if (!code)
		code = file_whole(&range, paths[0], "--initrd", ret_fd, e);
	if (!code)
		*ret_bytes = range.bytes;
	return code;
}
