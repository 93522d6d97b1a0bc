// SPDX-License-Identifier: GPL-2.0-or-later
/* fdopendir(3) that owns its descriptor; see folder.h. */
#include "sys/folder.h"

#include <errno.h>
#include <unistd.h>

DIR *folder_stream(int fd)
{
	DIR *dir;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}
