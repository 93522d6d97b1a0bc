// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's device events; see uevent.h. */
#include "sys/uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The multicast group of the kernel's events; 2 is udev's. */
#define GROUP_KERNEL   1

/* A machine with thousands of disks makes tens of thousands of events at once. */
#define RECEIVE_BUFFER (16 * 1024 * 1024)

int uevent_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = GROUP_KERNEL };
	int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	int size = RECEIVE_BUFFER, code;

	if (fd < 0)
		return -errno;
	/* A smaller one than asked for does too: what is lost is told by ENOBUFS. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	code = -errno;
	close(fd);
	return code;
}

/* The value where @variable begins with @name and '='; else NULL. */
static const char *value_of(const char *variable, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(variable, name, length) && variable[length] == '=' ? variable + length + 1
									   : NULL;
}

bool uevent_parse(const char *message, size_t length, struct uevent *ret)
{
	struct uevent event = { "", "", "", "", "" };
	const struct {
		const char *name, **field;
	} variables[] = {
		{ "ACTION", &event.action },	   { "DEVPATH", &event.devpath },
		{ "SUBSYSTEM", &event.subsystem }, { "DEVTYPE", &event.devtype },
		{ "MODALIAS", &event.modalias },
	};
	const char *at, *end = message + length;

	if (!length || end[-1] || !strchr(message, '@'))
		return false;
	for (at = message + strlen(message) + 1; at < end; at += strlen(at) + 1) {
		for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
			const char *value = value_of(at, variables[i].name);

			if (value)
				*variables[i].field = value;
		}
	}
	if (!*event.action || event.devpath[0] != '/')
		return false;
	*ret = event;
	return true;
}

int uevent_receive(int fd, char *buffer, struct uevent *ret)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t size = sizeof(from);
		ssize_t n =
			recvfrom(fd, buffer, UEVENT_SIZE - 1, 0, (struct sockaddr *)&from, &size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		buffer[n] = '\0';
		/* Any process may send to the group; only the kernel's port is 0. */
		if (from.nl_pid == 0 && uevent_parse(buffer, (size_t)n, ret))
			return 1;
	}
}
