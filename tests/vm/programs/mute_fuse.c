// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A FUSE file system whose process never answers: mounted on argv[1], it says yes to INIT, and takes
 * every other request without a word. Linux: include/uapi/linux/fuse.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int answer_init(int fd)
{
	char request[65536 + 4096];
	struct {
		struct fuse_out_header header;
		struct fuse_init_out init;
	} answer;
	const struct fuse_in_header *in = (const void *)request;

	if (read(fd, request, sizeof(request)) < (ssize_t)sizeof(*in) || in->opcode != FUSE_INIT)
		return -1;
	memset(&answer, 0, sizeof(answer));
	answer.header.len = sizeof(answer);
	answer.header.unique = in->unique;
	answer.init.major = FUSE_KERNEL_VERSION;
	answer.init.minor = 31;
	answer.init.max_write = 4096;
	return write(fd, &answer, sizeof(answer)) == sizeof(answer) ? 0 : -1;
}

int main(int argc, char *argv[])
{
	char options[96], request[65536 + 4096];
	int fd = open("/dev/fuse", O_RDWR);

	if (argc != 2 || fd < 0)
		return 1;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40755,user_id=0,group_id=0", fd);
	if (mount("mute", argv[1], "fuse.mute", 0, options) || answer_init(fd))
		return 1;
	for (;;)
		if (read(fd, request, sizeof(request)) < 0 && errno == ENODEV)
			return 0; /* unmounted */
}
