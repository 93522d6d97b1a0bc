// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel starts init with nothing open where there is no console; see standard_files.h. */
#include "boot/standard_files.h"

#include <fcntl.h>
#include <unistd.h>

static int open_one(const char *console)
{
	int fd = open(console, O_RDWR | O_NOCTTY);

	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	return fd < 0 ? open("/", O_PATH) : fd;
}

void standard_files_open(const char *console)
{
	int fd;

	do
		fd = open_one(console);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}
