// SPDX-License-Identifier: GPL-2.0-or-later
/* The release in a kernel's own header; see release.h. */
#include "image/release.h"
#include "image/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Linux: Documentation/arch/x86/boot.rst, the real-mode header. */
#define OFFSET_MAGIC   0x202 /* "HdrS" */
#define OFFSET_VERSION 0x20e /* 16 bits: where the text is, less 0x200 */
#define OFFSET_TEXT    0x200
#define HEAD_SIZE      0x210
#define RELEASE_MAX    128 /* struct utsname has 65 */

/* The text up to its first blank: "6.12.57+deb13-amd64 (debian-kernel@...) #1 SMP ...". */
static int read_text(const struct file_range *range, unsigned int at, char *text, size_t size)
{
	ssize_t n;

	if (range->bytes < at + 2ull)
		return -ENOTSUP;
	n = pread(range->fd, text, size - 1, (off_t)(range->offset + at));
	if (n < 0)
		return -errno;
	text[n] = '\0';
	text[strcspn(text, " ")] = '\0';
	/* A folder is looked for by this name. */
	return *text && *text != '.' && !strchr(text, '/') ? 0 : -ENOTSUP;
}

static int read_release(const struct file_range *range, char *text, size_t size)
{
	unsigned char head[HEAD_SIZE];
	unsigned int at;

	if (range->bytes < sizeof(head))
		return -ENOTSUP;
	if (pread(range->fd, head, sizeof(head), (off_t)range->offset) != sizeof(head))
		return -EIO;
	at = (unsigned int)(head[OFFSET_VERSION] | head[OFFSET_VERSION + 1] << 8);
	if (memcmp(head + OFFSET_MAGIC, "HdrS", 4) != 0 || !at)
		return -ENOTSUP;
	return read_text(range, at + OFFSET_TEXT, text, size);
}

int image_release(const struct image_request *request, char *ret_release, size_t size,
		  struct error *e)
{
	char text[RELEASE_MAX];
	struct file_range range;
	int r = file_open(request->kernel, request->kernel_part, "the kernel", &range, e);

	if (r < 0)
		return r;
	r = read_release(&range, text, sizeof(text));
	close(range.fd);
	if (r < 0)
		return error_set(e, r, "%s: the kernel's release cannot be told: %s",
				 request->kernel,
				 r == -ENOTSUP ? "its header does not say it" : errno_text(r));
	snprintf(ret_release, size, "%s", text);
	return 0;
}
