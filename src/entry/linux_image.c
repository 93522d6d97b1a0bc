// SPDX-License-Identifier: GPL-2.0-or-later
/* The magic numbers of kernels; see linux_image.h. */
#include "entry/linux_image.h"

#include <string.h>
#include <unistd.h>

#define HEAD_BYTES 1024

struct magic {
	size_t offset;
	const char *text;
};

static bool has(const char *head, const struct magic *magic)
{
	return !memcmp(head + magic->offset, magic->text, strlen(magic->text));
}

bool linux_image_is_one(const struct fsroot *root, const char *path)
{
	static const struct magic program = { 0, "MZ" };
	static const struct magic kernels[] = {
		{ 0x202, "HdrS" }, { 0x38, "ARM\x64" }, { 0x38, "RSC\x05" },
		{ 0x30, "RISCV" }, { 4, "zimg" },
	};
	char head[HEAD_BYTES];
	int fd = fsroot_open_file(root, path, NULL);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);
	bool is_one = false;

	if (fd >= 0)
		close(fd);
	for (size_t i = 0; n == sizeof(head) && i < sizeof(kernels) / sizeof(kernels[0]); i++)
		is_one |= has(head, &program) && has(head, &kernels[i]);
	return is_one;
}
