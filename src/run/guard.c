// SPDX-License-Identifier: GPL-2.0-or-later
/* A watchdog over the handover; see guard.h. */
#include "run/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FEED_SECONDS_MAX 10

/* A quarter of its time, so that a busy machine may miss some. */
static unsigned int feed_interval(unsigned int seconds)
{
	unsigned int quarter = seconds / 4 ?: 1;

	return quarter < FEED_SECONDS_MAX ? quarter : FEED_SECONDS_MAX;
}

/* Ends with its parent: nobody is to feed a watchdog over a machine that nobody hands over. */
static void __attribute__((noreturn))
feed_for_ever(const struct sys *sys, int fd, unsigned int seconds, pid_t parent)
{
	const struct timespec pause = { .tv_sec = feed_interval(seconds) };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (;;) {
		sys_watchdog_feed(sys, fd);
		nanosleep(&pause, NULL);
	}
}

int guard_start(const struct sys *sys, struct record *record, const struct watchdog_choice *choice,
		struct guard *ret_guard, struct error *e)
{
	struct guard guard = GUARD_NONE;
	pid_t parent = getpid();
	char path[64];

	*ret_guard = guard;
	snprintf(path, sizeof(path), "/dev/%s", choice->name);
	/* Written first: from the open on it counts, and may not be stopped again. */
	record_write(record, "watchdog",
		     json_pack("{s:s, s:s, s:i, s:b}", "name", choice->name, "module",
			       choice->module, "timeout_s", (int)choice->seconds, "nowayout",
			       watchdog_is_nowayout(sys->root, choice->name)));
	guard.fd = sys_watchdog_start(sys, path, choice->seconds, &guard.seconds);
	if (guard.fd < 0)
		return error_set(e, guard.fd, "%s: it cannot be armed with %u s: %s", choice->name,
				 choice->seconds, errno_text(guard.fd));
	snprintf(guard.name, sizeof(guard.name), "%s", choice->name);
	guard.feeder = fork();
	if (guard.feeder == 0)
		feed_for_ever(sys, guard.fd, guard.seconds, parent);
	if (guard.feeder < 0) {
		error_set(e, -errno, "%s: no process to feed it: %s", choice->name,
			  errno_text(errno));
		sys_watchdog_stop(sys, guard.fd);
		return e ? e->code : -EAGAIN;
	}
	*ret_guard = guard;
	return 0;
}

static void end_feeder(struct guard *guard)
{
	if (guard->feeder <= 0)
		return;
	kill(guard->feeder, SIGKILL);
	while (waitpid(guard->feeder, NULL, 0) < 0 && errno == EINTR)
		;
	guard->feeder = 0;
}

void guard_leave_armed(const struct sys *sys, struct guard *guard)
{
	char line[120];

	if (guard->fd < 0)
		return;
	end_feeder(guard);
	snprintf(line, sizeof(line),
		 "kexit: %s restarts the machine in %u s unless the next kernel feeds it",
		 guard->name, guard->seconds);
	sys_kmsg(sys, line);
	sys_watchdog_feed(sys, guard->fd);
}

int guard_stop(const struct sys *sys, struct guard *guard, struct error *e)
{
	int fd = guard->fd;

	if (fd < 0)
		return 0;
	end_feeder(guard);
	guard->fd = -1;
	sys_watchdog_feed(sys, fd);
	sys_watchdog_stop(sys, fd);
	return watchdog_is_nowayout(sys->root, guard->name)
		       ? error_set(
				 e, -EBUSY,
				 "%s cannot be stopped (nowayout): it restarts the machine in %u s "
				 "unless something feeds /dev/%s",
				 guard->name, guard->seconds, guard->name)
		       : 0;
}
