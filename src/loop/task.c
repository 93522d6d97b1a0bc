// SPDX-License-Identifier: GPL-2.0-or-later
/* Children that answer through a pipe; see task.h. */
#include "loop/task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* Behind a complete answer: a child that was killed half way has not written it. */
#define END_MARK '\x04'

struct task {
	struct loop *loop;
	struct task_work work;
	pid_t pid;
	int fd;	    /* the answer */
	int pid_fd; /* says that the child ended; -1: only the answer's end does */
	char *answer;
	size_t length, capacity;
	size_t told; /* how much of it line() has seen */
};

static void task_free(struct task *task)
{
	loop_remove(task->loop, task->fd);
	close(task->fd);
	if (task->pid_fd >= 0) {
		loop_remove(task->loop, task->pid_fd);
		close(task->pid_fd);
	}
	free(task->answer);
	free(task);
}

void task_drop(struct task *task)
{
	if (!task)
		return;
	kill(task->pid, SIGKILL);
	task_free(task);
}

/* The child's side: it must not return into the parent's code, nor flush the parent's buffers. */
static _Noreturn void child_main(struct loop *loop, const struct task_work *work, int fd)
{
	FILE *answer = fdopen(fd, "w");
	sigset_t none;
	int r;

	loop_close_watched(loop);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (!answer)
		_exit(1);
	setvbuf(answer, NULL, _IOFBF, 65536);
	r = work->run(work->context, answer);
	if (r == 0)
		putc(END_MARK, answer);
	_exit(fflush(answer) || r ? 1 : 0);
}

static void tell_lines(struct task *task)
{
	char *newline;

	while (task->work.line &&
	       (newline = memchr(task->answer + task->told, '\n', task->length - task->told))) {
		const char *line = task->answer + task->told;

		*newline = '\0';
		task->told = (size_t)(newline - task->answer) + 1;
		task->work.line(task->work.context, line);
		*newline = '\n';
	}
}

static void finish(struct task *task)
{
	struct task_work work = task->work;
	bool complete = task->length && task->answer[task->length - 1] == END_MARK;
	char *answer = task->answer;
	size_t length = complete ? task->length - 1 : 0;

	if (complete)
		answer[length] = '\0';
	task->answer = NULL;
	task_free(task);
	work.ended(work.context, complete ? answer : "", length);
	free(answer);
}

static int make_room(struct task *task)
{
	size_t capacity = task->capacity ? 2 * task->capacity : 4096;
	char *longer;

	if (task->length + 1 < task->capacity)
		return 0;
	if (capacity > TASK_ANSWER_MAX)
		return -EFBIG;
	longer = realloc(task->answer, capacity);
	if (!longer)
		return -ENOMEM;
	task->answer = longer;
	task->capacity = capacity;
	return 0;
}

/* 1: there may be more; 0: not now; -1: that was all, and the task is gone. */
static int take_some(struct task *task)
{
	ssize_t n;

	if (make_room(task) < 0) {
		kill(task->pid, SIGKILL);
		task->length = 0;
		finish(task);
		return -1;
	}
	n = read(task->fd, task->answer + task->length, task->capacity - task->length - 1);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	if (n <= 0) {
		finish(task);
		return -1;
	}
	task->length += (size_t)n;
	tell_lines(task);
	return 1;
}

static void task_ready(void *context, uint32_t events)
{
	take_some(context);
}

/*
 * The pipe's end may never come: what the child forked has it open too, and a worker of its own that
 * is stuck in a driver lives on. What is in the pipe by now is all that the child said.
 */
static void child_ended(void *context, uint32_t events)
{
	struct task *task = context;
	int r;

	do
		r = take_some(task);
	while (r > 0);
	if (r == 0)
		finish(task);
}

static int watch(struct loop *loop, const struct task_work *work, pid_t pid, int fd,
		 struct task **ret_task)
{
	struct task *task = calloc(1, sizeof(*task));
	int r = task ? loop_add(loop, fd, EPOLLIN, task_ready, task) : -ENOMEM;

	if (r < 0) {
		free(task);
		return r;
	}
	*task = (struct task){
		.loop = loop,
		.work = *work,
		.pid = pid,
		.fd = fd,
		.pid_fd = pidfd_open(pid, 0),
	};
	if (task->pid_fd >= 0)
		loop_add(loop, task->pid_fd, EPOLLIN, child_ended, task);
	*ret_task = task;
	return 0;
}

int task_start(struct loop *loop, const struct task_work *work, struct task **ret_task)
{
	int fds[2], r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		child_main(loop, work, fds[1]);
	}
	r = pid < 0 ? -errno : 0;
	close(fds[1]);
	if (r == 0) {
		fcntl(fds[0], F_SETFL, O_NONBLOCK);
		r = watch(loop, work, pid, fds[0], ret_task);
		if (r < 0)
			kill(pid, SIGKILL);
	}
	if (r < 0)
		close(fds[0]);
	return r;
}
