// SPDX-License-Identifier: GPL-2.0-or-later
/* A program with an end: in a process group of its own, so that what it started ends with it; see ops.h. */
#include "sys/ops_hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NO_SUCH_PROGRAM 127 /* as a shell has it */
#define CANNOT_BE_RUN	126

/* Its words come where kexit's own do: stdout belongs to whoever reads what kexit prints. */
static _Noreturn void become(char *const argv[], char *const environment[])
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execve(argv[0], argv, environment);
	_exit(errno == ENOENT ? NO_SUCH_PROGRAM : CANNOT_BE_RUN);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Until @child has ended, which leaves it to be waited for, or the time is over: -ETIMEDOUT. */
static int wait_bounded(pid_t child, unsigned int limit_ms)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN };
	long long until = now_ms() + limit_ms, left;
	int r = 0;

	if (end.fd < 0)
		return -errno;
	while (r == 0) {
		left = until - now_ms();
		r = left <= 0 ? -ETIMEDOUT : poll(&end, 1, (int)left);
		if (r < 0 && r != -ETIMEDOUT)
			r = errno == EINTR ? 0 : -errno;
	}
	close(end.fd);
	return r < 0 ? r : 0;
}

int hook_run(void *context, char *const argv[], char *const environment[], unsigned int limit_ms)
{
	pid_t child = fork();
	int status, r;

	if (child < 0)
		return -errno;
	if (child == 0)
		become(argv, environment);
	/* Here as well: whichever of the two runs first. */
	setpgid(child, child);
	r = wait_bounded(child, limit_ms);
	/* What it left running would use what is released next. */
	kill(-child, SIGKILL);
	if (r < 0)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (r < 0)
		return r;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
