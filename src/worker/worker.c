// SPDX-License-Identifier: GPL-2.0-or-later
/* Workers and their deadlines; see worker.h. */
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How far apart the two looks at a worker's kernel stack are that tell "stuck" from "slow". */
#define STACK_INTERVAL_MS 1000.0

struct running {
	struct running *next;
	struct job job;
	pid_t pid;
	int fd; /* the worker's answer */
	double started_ms;
	double look_ms; /* when to look at its stack again */
	bool looked;	/* `stack` holds an earlier look */
	uint64_t stack; /* hash of /proc/PID/stack */
};

struct queued {
	struct queued *next;
	struct job job;
};

struct pool {
	unsigned int jobs;
	const char *stack_dir;
	size_t count;
	struct running *running;
	struct queued *first, **last;
};

double clock_ms(void)
{
	struct timespec now;

	/* BOOTTIME, since it is what the record's times are on, and it never steps. */
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int pool_new(unsigned int jobs, const char *stack_dir, struct pool **ret_pool)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return -ENOMEM;
	pool->jobs = jobs;
	pool->stack_dir = stack_dir;
	pool->last = &pool->first;
	*ret_pool = pool;
	return 0;
}

void pool_cancel_queued(struct pool *pool)
{
	struct queued *queued, *next;

	for (queued = pool->first; queued; queued = next) {
		next = queued->next;
		free(queued);
	}
	pool->first = NULL;
	pool->last = &pool->first;
}

void pool_free(struct pool *pool)
{
	struct running *running, *next;

	if (!pool)
		return;
	pool_cancel_queued(pool);
	for (running = pool->running; running; running = next) {
		next = running->next;
		close(running->fd);
		free(running);
	}
	free(pool);
}

size_t pool_running(const struct pool *pool)
{
	return pool->count;
}

/* The worker's side: it must not return into the parent's code, nor flush the parent's buffers. */
static void __attribute__((noreturn)) worker_main(const struct job *job, int fd)
{
	char answer[JOB_ANSWER_SIZE];
	size_t length = job->work(job->subject, answer, sizeof(answer));

	/* Up to PIPE_BUF bytes into an empty pipe never block and are never split. */
	_exit(write(fd, answer, length) == (ssize_t)length ? 0 : 1);
}

static int job_fork(struct pool *pool, const struct job *job)
{
	struct running *running = calloc(1, sizeof(*running));
	int fds[2];
	pid_t pid;

	if (!running)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC) < 0)
		goto fail;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		goto fail;
	}
	if (pid == 0)
		worker_main(job, fds[1]);
	close(fds[1]);
	/* A number may be reused within one pool_wait(): a stale event must not block the parent. */
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*running = (struct running){
		.next = pool->running,
		.job = *job,
		.pid = pid,
		.fd = fds[0],
		.started_ms = clock_ms(),
	};
	running->look_ms = running->started_ms + job->deadline_ms;
	/* The first look comes before the deadline, so that the second can decide right at it. */
	if (job->deadline_ms > 2 * STACK_INTERVAL_MS)
		running->look_ms -= STACK_INTERVAL_MS;
	else
		running->look_ms -= job->deadline_ms / 2.0;
	pool->running = running;
	pool->count++;
	return 0;
fail:
	free(running);
	return -errno;
}

int pool_start(struct pool *pool, const struct job *job)
{
	struct queued *queued;

	if (!pool->jobs || pool->count < pool->jobs)
		return job_fork(pool, job);
	queued = malloc(sizeof(*queued));
	if (!queued)
		return -ENOMEM;
	*queued = (struct queued){ .job = *job };
	*pool->last = queued;
	pool->last = &queued->next;
	return 0;
}

/* Starts what is queued while there is room. A fork that fails leaves it queued for the next try. */
static int start_queued(struct pool *pool)
{
	while (pool->first && pool->count < pool->jobs) {
		struct queued *queued = pool->first;
		int r = job_fork(pool, &queued->job);

		if (r < 0)
			return r;
		pool->first = queued->next;
		if (!pool->first)
			pool->last = &pool->first;
		free(queued);
	}
	return 0;
}

static void unlink_running(struct pool *pool, struct running *running)
{
	struct running **at = &pool->running;

	while (*at != running)
		at = &(*at)->next;
	*at = running->next;
	pool->count--;
}

/* Takes @running out of the pool and tells its owner. An abandoned worker stays a child of ours. */
static void job_end(struct pool *pool, struct running *running, enum job_end end,
		    const void *answer, size_t length)
{
	unlink_running(pool, running);
	close(running->fd);
	if (end != JOB_STUCK)
		waitpid(running->pid, NULL, 0);
	running->job.ended(running->job.subject, end, answer, length,
			   clock_ms() - running->started_ms);
	free(running);
}

static void read_answer(struct pool *pool, struct running *running)
{
	char answer[JOB_ANSWER_SIZE];
	ssize_t n = read(running->fd, answer, sizeof(answer));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		job_end(pool, running, JOB_DONE, answer, (size_t)n);
	else
		job_end(pool, running, JOB_DIED, NULL, 0);
}

/* A hash of what /proc/PID/stack says; 0 when it cannot be read, which then never changes. */
static uint64_t stack_hash(const struct pool *pool, pid_t pid)
{
	uint64_t hash = 0xcbf29ce484222325;
	char path[64], text[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%d/stack", pool->stack_dir, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text));
	close(fd);
	for (ssize_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
	return hash;
}

/*
 * One look at a worker that is near or past its deadline: stuck when two looks saw the same kernel
 * stack and nothing else of it moved.
 */
static bool job_is_stuck(struct pool *pool, struct running *running, double now)
{
	uint64_t stack = stack_hash(pool, running->pid);
	bool same = running->looked && stack == running->stack;

	running->stack = stack;
	running->looked = true;
	if (now < running->started_ms + running->job.deadline_ms) {
		running->look_ms = running->started_ms + running->job.deadline_ms;
		return false;
	}
	running->look_ms = now + STACK_INTERVAL_MS;
	if (!same)
		return false;
	return !running->job.progresses || !running->job.progresses(running->job.subject);
}

static void check_deadlines(struct pool *pool, double run_deadline_ms)
{
	double now = clock_ms();
	struct running *running, *next;

	for (running = pool->running; running; running = next) {
		next = running->next;
		if (run_deadline_ms > 0 && now >= run_deadline_ms)
			job_end(pool, running, JOB_STUCK, NULL, 0);
		else if (running->job.deadline_ms && now >= running->look_ms &&
			 job_is_stuck(pool, running, now))
			job_end(pool, running, JOB_STUCK, NULL, 0);
	}
}

/* Milliseconds until something is to be looked at, for poll(2); -1: nothing is. */
static int next_timeout(const struct pool *pool, double run_deadline_ms)
{
	double next = run_deadline_ms > 0 ? run_deadline_ms : -1;
	double now = clock_ms();

	for (const struct running *running = pool->running; running; running = running->next) {
		if (running->job.deadline_ms && (next < 0 || running->look_ms < next))
			next = running->look_ms;
	}
	if (next < 0)
		return -1;
	return next <= now ? 0 : (int)(next - now) + 1;
}

/* The running job whose answer comes through @fd: ended() may have changed the list meanwhile. */
static struct running *find_running(const struct pool *pool, int fd)
{
	struct running *running = pool->running;

	while (running && running->fd != fd)
		running = running->next;
	return running;
}

int pool_wait(struct pool *pool, int wake_fd, double run_deadline_ms)
{
	size_t count, n = 0;
	struct pollfd *fds;
	int r;

	r = start_queued(pool);
	if (r < 0 && !pool->count)
		return r;
	count = pool->count;
	if (!count)
		return 0;
	fds = calloc(count + 1, sizeof(*fds));
	if (!fds)
		return -ENOMEM;
	for (const struct running *running = pool->running; running; running = running->next)
		fds[n++] = (struct pollfd){ .fd = running->fd, .events = POLLIN };
	fds[n] = (struct pollfd){ .fd = wake_fd, .events = POLLIN };
	r = poll(fds, n + 1, next_timeout(pool, run_deadline_ms));
	if (r < 0 && errno != EINTR) {
		r = -errno;
		free(fds);
		return r;
	}
	for (size_t i = 0; r > 0 && i < n; i++) {
		struct running *running = fds[i].revents ? find_running(pool, fds[i].fd) : NULL;

		if (running)
			read_answer(pool, running);
	}
	r = fds[n].revents & POLLIN ? -EINTR : 0;
	free(fds);
	check_deadlines(pool, run_deadline_ms);
	if (r < 0)
		return r;
	start_queued(pool);
	return pool->count || pool->first ? 1 : 0;
}
