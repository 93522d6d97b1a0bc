// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop's side of a console: a process, and packets to and from it; see console.h. */
#include "ui/console.h"

#include "ui/console_child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* To give the terminal back takes a few bytes: beyond this its line takes none. */
#define GIVE_BACK_MS 500

struct console {
	char *path;
	int fd;
	/* The process, by a name that stays its own: the loop waits for every child, and once it has
	 * waited for this one the number may be another's. -1: it was not started. */
	int process;
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
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		_exit(console_child(console->path, type, pair[1]));
	}
	close(pair[1]);
	console->fd = pair[0];
	if (pid < 0)
		return -errno;
	console->process = (int)syscall(SYS_pidfd_open, pid, 0);
	/* Where that fails, the end of its socket ends it all the same. */
	return console->process < 0 ? -errno : 0;
}

int console_start(const char *path, const char *type, struct console **ret_console)
{
	struct console *console = calloc(1, sizeof(*console));
	int r;

	if (!console)
		return -ENOMEM;
	console->fd = console->process = -1;
	console->path = strdup(path);
	r = console->path ? start_process(console, type ?: console_type(path)) : -ENOMEM;
	if (r < 0) {
		console_stop(console);
		return r;
	}
	*ret_console = console;
	return 0;
}

/* It gives the terminal back at the end of its socket; one that hangs in a write to a line that takes
 * nothing is killed, and not waited for: a signal need not reach it there. */
static void end_process(int process)
{
	struct pollfd ended = { .fd = process, .events = POLLIN };
	siginfo_t info;

	if (poll(&ended, 1, GIVE_BACK_MS) == 0)
		syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0);
	waitid(P_PIDFD, (id_t)process, &info, WEXITED | WNOHANG);
	close(process);
}

void console_stop(struct console *console)
{
	if (!console)
		return;
	if (console->fd >= 0)
		close(console->fd);
	if (console->process >= 0)
		end_process(console->process);
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
