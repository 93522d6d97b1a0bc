// SPDX-License-Identifier: GPL-2.0-or-later
/* epoll, timerfd and SIGCHLD; see loop.h. */
#include "loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 32

struct watch {
	struct watch *next;
	int fd; /* -1: taken out, freed once no event can name it */
	void (*ready)(void *context, uint32_t events);
	void (*due)(void *context); /* of a timer */
	void *context;
};

struct child {
	struct child *next;
	pid_t pid;
	void (*ended)(void *context, int status);
	void *context;
};

struct loop {
	int epoll_fd, signal_fd;
	bool is_stopped;
	struct watch *watches;
	struct child *children;
	void (*signalled)(void *context, int number);
	void *signal_context;
};

static void take_child(struct loop *loop, pid_t pid, int status)
{
	for (struct child **at = &loop->children; *at; at = &(*at)->next) {
		struct child *child = *at;

		if (child->pid != pid)
			continue;
		*at = child->next;
		child->ended(child->context, status);
		free(child);
		return;
	}
}

/* Signals, and children that ended: as PID 1 it also inherits what its children leave behind. */
static void reap(void *context, uint32_t events)
{
	struct loop *loop = context;
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(loop->signal_fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD && loop->signalled)
			loop->signalled(loop->signal_context, (int)info.ssi_signo);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		take_child(loop, pid, status);
}

int loop_take_signals(struct loop *loop, const int *numbers, size_t count,
		      void (*signalled)(void *context, int number), void *context)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, numbers[i]);
	if (signalfd(loop->signal_fd, &set, SFD_CLOEXEC | SFD_NONBLOCK) < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, NULL);
	loop->signalled = signalled;
	loop->signal_context = context;
	return 0;
}

int loop_new(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	sigset_t set;
	int r;

	if (!loop)
		return -ENOMEM;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->epoll_fd < 0 || loop->signal_fd < 0)
		r = -errno;
	else
		r = loop_add(loop, loop->signal_fd, EPOLLIN, reap, loop);
	if (r < 0) {
		loop_free(loop);
		return r;
	}
	*ret_loop = loop;
	return 0;
}

static void free_watches(struct loop *loop, bool all)
{
	for (struct watch **at = &loop->watches; *at;) {
		struct watch *watch = *at;

		if (!all && watch->fd >= 0) {
			at = &watch->next;
			continue;
		}
		*at = watch->next;
		free(watch);
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	free_watches(loop, true);
	while (loop->children) {
		struct child *child = loop->children;

		loop->children = child->next;
		free(child);
	}
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop);
}

static struct watch *find_watch(const struct loop *loop, int fd)
{
	struct watch *watch = loop->watches;

	while (watch && watch->fd != fd)
		watch = watch->next;
	return watch;
}

int loop_add(struct loop *loop, int fd, uint32_t events, void (*ready)(void *context, uint32_t),
	     void *context)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (!watch)
		return -ENOMEM;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		free(watch);
		return -errno;
	}
	*watch = (struct watch){
		.next = loop->watches,
		.fd = fd,
		.ready = ready,
		.context = context,
	};
	loop->watches = watch;
	return 0;
}

int loop_watch(struct loop *loop, int fd, uint32_t events)
{
	struct watch *watch = find_watch(loop, fd);
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (!watch)
		return -ENOENT;
	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

void loop_remove(struct loop *loop, int fd)
{
	struct watch *watch = find_watch(loop, fd);

	if (!watch)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	watch->fd = -1;
}

void loop_close_watched(struct loop *loop)
{
	for (struct watch *watch = loop->watches; watch; watch = watch->next)
		if (watch->fd >= 0)
			close(watch->fd);
	close(loop->epoll_fd);
}

static void timer_ready(void *context, uint32_t events)
{
	struct watch *watch = context;
	uint64_t expirations;

	if (read(watch->fd, &expirations, sizeof(expirations)) == sizeof(expirations))
		watch->due(watch->context);
}

int loop_add_timer(struct loop *loop, void (*due)(void *context), void *context)
{
	int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	struct watch *watch;

	if (timer < 0)
		return -1;
	if (loop_add(loop, timer, EPOLLIN, timer_ready, NULL) < 0) {
		close(timer);
		return -1;
	}
	watch = find_watch(loop, timer);
	watch->due = due;
	watch->context = context;
	return timer;
}

void loop_set_timer(int timer, unsigned int ms)
{
	struct itimerspec when = {
		.it_value = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 },
	};

	timerfd_settime(timer, 0, &when, NULL);
}

int loop_add_child(struct loop *loop, pid_t pid, void (*ended)(void *context, int status),
		   void *context)
{
	struct child *child = malloc(sizeof(*child));

	if (!child)
		return -ENOMEM;
	*child = (struct child){
		.next = loop->children,
		.pid = pid,
		.ended = ended,
		.context = context,
	};
	loop->children = child;
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	loop->is_stopped = false;
	while (!loop->is_stopped) {
		int n = epoll_wait(loop->epoll_fd, events, EVENTS_AT_ONCE, -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n; i++) {
			struct watch *watch = events[i].data.ptr;

			/* An earlier event of this round may have taken it out. */
			if (watch->fd < 0)
				continue;
			watch->ready(watch->due ? watch : watch->context, events[i].events);
		}
		free_watches(loop, false);
	}
	return 0;
}
