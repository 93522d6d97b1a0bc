// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop's side of a console: a process, and packets to and from it; see console.h. */
#include "ui/console.h"

#include "ui/console_child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct console {
	char *path;
	pid_t pid;
	int fd;
};

const char *console_type(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	/* tty0, tty1, ...: but ttyS0, ttyAMA0, hvc0 have some terminal at their other end. */
	return !strncmp(name, "tty", 3) && name[3] >= '0' && name[3] <= '9' ? "linux" : "vt220";
}

static int start_process(struct console *console, const char *type)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	console->pid = fork();
	if (console->pid == 0) {
		close(pair[0]);
		_exit(console_child(console->path, type, pair[1]));
	}
	close(pair[1]);
	console->fd = pair[0];
	return console->pid < 0 ? -errno : 0;
}

int console_start(const char *path, const char *type, struct console **ret_console)
{
	struct console *console = calloc(1, sizeof(*console));
	int r;

	if (!console)
		return -ENOMEM;
	console->fd = -1;
	console->path = strdup(path);
	r = console->path ? start_process(console, type ?: console_type(path)) : -ENOMEM;
	if (r < 0) {
		console_stop(console);
		return r;
	}
	*ret_console = console;
	return 0;
}

void console_stop(struct console *console)
{
	if (!console)
		return;
	if (console->fd >= 0)
		close(console->fd);
	/* It restores the terminal at the end of its socket; one that hangs in a write to a line that
	 * takes nothing is not waited for. */
	for (int i = 0; console->pid > 0 && i < 50; i++) {
		if (waitpid(console->pid, NULL, WNOHANG) != 0)
			console->pid = 0;
		else
			usleep(10000);
	}
	if (console->pid > 0) {
		kill(console->pid, SIGKILL);
		waitpid(console->pid, NULL, WNOHANG);
	}
	free(console->path);
	free(console);
}

const char *console_path(const struct console *console)
{
	return console->path;
}

int console_fd(const struct console *console)
{
	return console->fd;
}

int console_read(struct console *console, struct console_event *ret_event)
{
	struct console_event event;
	ssize_t n = recv(console->fd, &event, sizeof(event), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -ENODEV;
	if (n != (ssize_t)sizeof(event))
		return -ENODEV;
	if (event.key < 0)
		return event.key;
	*ret_event = event;
	return 1;
}

int console_show(struct console *console, const struct screen *screen, bool anew)
{
	return console_send(console->fd, screen, anew);
}
