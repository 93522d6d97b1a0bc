// SPDX-License-Identifier: GPL-2.0-or-later
/* Watchdogs (Linux: Documentation/watchdog/watchdog-api.rst); see ops.h. */
#include "sys/ops_watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

int watchdog_stop(void *context, int fd)
{
	/* The magic close: without this letter it runs on. */
	int r = write(fd, "V", 1) == 1 ? 0 : -errno;

	if (close(fd) && !r)
		r = -errno;
	return r;
}

int watchdog_feed(void *context, int fd)
{
	return ioctl(fd, WDIOC_KEEPALIVE, 0) < 0 ? -errno : 0;
}

int watchdog_start(void *context, const char *path, unsigned int seconds, unsigned int *ret_seconds)
{
	int timeout = (int)seconds, r = 0;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	/* The driver puts into @timeout what it made of it. */
	if (ioctl(fd, WDIOC_SETTIMEOUT, &timeout) < 0)
		r = -errno;
	else
		r = watchdog_feed(context, fd);
	if (r < 0) {
		watchdog_stop(context, fd);
		return r;
	}
	*ret_seconds = (unsigned int)timeout;
	return fd;
}
