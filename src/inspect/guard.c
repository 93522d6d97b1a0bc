// SPDX-License-Identifier: GPL-2.0-or-later
/* Inspections in a child that may die; see guard.h. */
#include "inspect/guard.h"
#include "inspect/live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared with the child, so what it finished before a fault is not lost. */
struct results {
	atomic_size_t done; /* items finished; the one that faulted is at this index */
	struct inspection items[];
};

struct child {
	pid_t pid;
	int fd; /* becomes readable when it ends */
};

/* The child of a process that dies must not go on reading registers: the jump may be near. */
static void become_expendable(pid_t parent)
{
	static const int faults[] = { SIGBUS, SIGSEGV, SIGILL, SIGFPE, SIGTERM, SIGINT, SIGHUP };
	sigset_t none;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		signal(faults[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

static int child_start(struct child *child, struct results *results, size_t count,
		       void (*work)(void *context, size_t item, struct inspection *ret),
		       void *context)
{
	pid_t parent = getpid();

	child->pid = fork();
	if (child->pid < 0)
		return -errno;
	if (child->pid == 0) {
		become_expendable(parent);
		for (size_t i = atomic_load(&results->done); i < count; i++) {
			work(context, i, &results->items[i]);
			atomic_store(&results->done, i + 1);
		}
		_exit(0);
	}
	child->fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->fd < 0) {
		int code = -errno;

		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
		return code;
	}
	return 0;
}

static bool child_has_ended(const struct child *child, unsigned int timeout_ms)
{
	struct pollfd fd = { .fd = child->fd, .events = POLLIN };
	int n;

	do
		n = poll(&fd, 1, (int)timeout_ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/*
 * Waits for the child while it makes progress. Returns the signal that ended it, 0 when it exited
 * by itself, -1 when it hangs: it is then killed, and left behind if even that does not end it,
 * since a read that the bus never answers cannot be interrupted.
 */
static int child_wait(struct child *child, struct results *results, unsigned int limit_ms)
{
	size_t done = atomic_load(&results->done), before;
	int status = 0;

	while (!child_has_ended(child, limit_ms)) {
		before = done;
		done = atomic_load(&results->done);
		if (done != before)
			continue;
		kill(child->pid, SIGKILL);
		if (child_has_ended(child, 100))
			waitpid(child->pid, NULL, 0);
		close(child->fd);
		return -1;
	}
	close(child->fd);
	waitpid(child->pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

__attribute__((format(printf, 2, 3))) static void give_up(struct inspection *ins,
							  const char *format, ...)
{
	va_list args;

	memset(ins, 0, sizeof(*ins));
	ins->verdict = VERDICT_UNREADABLE;
	ins->power_state = -1;
	va_start(args, format);
	vsnprintf(ins->why, sizeof(ins->why), format, args);
	va_end(args);
}

/* Says why the item that the child was at has no result, and passes it. */
static void skip_item(struct results *results, int ending, unsigned int limit_ms)
{
	size_t item = atomic_load(&results->done);

	if (ending < 0)
		give_up(&results->items[item], "a read of it did not return within %u ms",
			limit_ms);
	else if (ending > 0)
		give_up(&results->items[item], "a read of it ended in SIG%s",
			sigabbrev_np(ending) ?: "?");
	else
		give_up(&results->items[item], "the process that read it ended early");
	atomic_store(&results->done, item + 1);
}

int guard_run(size_t count, void (*work)(void *context, size_t item, struct inspection *ret),
	      void *context, unsigned int limit_ms, struct inspection ret[])
{
	size_t size = sizeof(struct results) + count * sizeof(struct inspection);
	struct results *results;
	struct child child = { .fd = -1 };
	int r = 0;

	results = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED)
		return -errno;
	while (!r && atomic_load(&results->done) < count) {
		int ending;

		r = child_start(&child, results, count, work, context);
		if (r)
			break;
		ending = child_wait(&child, results, limit_ms);
		if (atomic_load(&results->done) < count)
			skip_item(results, ending, limit_ms);
	}
	if (!r)
		memcpy(ret, results->items, count * sizeof(struct inspection));
	munmap(results, size);
	return r;
}

/* ---- inspections */

/* No answer takes this long but one that never comes: PCIe completions time out long before. */
#define HANG_MS 3000

struct targets {
	const struct sys *sys;
	const char *const *paths;
};

static void inspect_target(void *context, size_t item, struct inspection *ret)
{
	const struct targets *targets = context;

	inspect_here(targets->sys, targets->paths[item], ret);
}

int inspect_many(const struct sys *sys, const char *const paths[], size_t count,
		 struct inspection *ret)
{
	struct targets targets = { .sys = sys, .paths = paths };

	return count ? guard_run(count, inspect_target, &targets, HANG_MS, ret) : 0;
}
