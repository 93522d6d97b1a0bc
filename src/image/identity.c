// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel told from others; see identity.h. */
#include "image/identity.h"
#include "image/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* http://www.isthe.com/chongo/tech/comp/fnv/index.html */
#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME  0x100000001b3u

static int add_file(const struct file_range *range, uint64_t *sum)
{
	unsigned char buffer[65536];
	unsigned long long left = range->bytes;
	off_t at = (off_t)range->offset;

	while (left) {
		size_t piece = left < sizeof(buffer) ? (size_t)left : sizeof(buffer);
		ssize_t n = pread(range->fd, buffer, piece, at);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		for (ssize_t i = 0; i < n; i++)
			*sum = (*sum ^ buffer[i]) * FNV_PRIME;
		at += n;
		left -= (unsigned long long)n;
	}
	return 0;
}

int image_identity(const struct image_request *request, char *ret_text, size_t size,
		   struct error *e)
{
	struct file_range range;
	uint64_t sum = FNV_OFFSET;
	int r = file_open(request->kernel, request->kernel_part, "the kernel", &range, e);

	if (r < 0)
		return r;
	r = add_file(&range, &sum);
	close(range.fd);
	if (r < 0)
		return error_set(e, r, "%s: the kernel cannot be read: %s", request->kernel,
				 errno_text(r));
	snprintf(ret_text, size, "%llu-%016llx", range.bytes, (unsigned long long)sum);
	return 0;
}
