// SPDX-License-Identifier: GPL-2.0-or-later
/* Workers, their queue, and how they end; see worker.h. */
#include "worker/worker.h"

#include "worker/given_up.h"
#include "worker/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How often a start is tried again for want of processes or descriptors, and how long where no worker
 * of this pool is there whose end could help. */
#define RETRY_MS       100.0
#define START_LIMIT_MS 10000.0

/* In a worker: the write end of its pipe. */
static int answer_fd = -1;

double clock_ms(void)
{
	struct timespec now;

	/* BOOTTIME, since it is what the record's times are on, and it never steps. */
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int pool_new(unsigned int jobs, const struct sysroot *root, struct pool **ret_pool)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return -ENOMEM;
	pool->jobs = jobs;
	pool->root = root;
	pool->last = &pool->first;
	*ret_pool = pool;
	return 0;
}

void pool_set_tick(struct pool *pool, unsigned int ms)
{
	pool->tick_ms = ms;
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
	pool->queue_count = 0;
}

static void give_up(struct running *running)
{
	/* Before the kill: a worker that comes back from the kernel just now finds nobody there. */
	close(running->fd);
	worker_give_up(running->pid, running->job.changes_nothing ? NULL : running->job.name ?: "?");
}

void pool_free(struct pool *pool)
{
	struct running *running, *next;

	if (!pool)
		return;
	pool_cancel_queued(pool);
	for (running = pool->running; running; running = next) {
		next = running->next;
		give_up(running);
		free(running);
	}
	free(pool);
}

size_t pool_running(const struct pool *pool)
{
	return pool->count;
}

size_t pool_left(const struct pool *pool)
{
	return pool->count + pool->queue_count;
}

/* ---- the worker's side */

bool worker_is_wanted(void)
{
	struct pollfd fd = { .fd = answer_fd };

	/* The reading end is the parent's alone: POLLERR says that it is closed. */
	return answer_fd < 0 || poll(&fd, 1, 0) <= 0 || !(fd.revents & POLLERR);
}

/*
 * What the parent holds of the others would keep their pipes open behind its back, and leave this
 * worker without descriptors where there are a thousand.
 */
static void forget_parent(const struct pool *pool, pid_t parent)
{
	for (const struct running *other = pool->running; other; other = other->next)
		close(other->fd);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/* It must not return into the parent's code, nor flush the parent's buffers. */
static void __attribute__((noreturn)) worker_main(const struct job *job)
{
	char answer[JOB_ANSWER_SIZE];
	size_t length = job->work(job->subject, answer, sizeof(answer));

	/* Up to PIPE_BUF bytes into an empty pipe never block and are never split. */
	_exit(write(answer_fd, answer, length) == (ssize_t)length ? 0 : 1);
}

/* ---- starting */

static void running_add(struct pool *pool, struct running *running, const struct job *job,
			pid_t pid, int fd)
{
	double now = clock_ms();

	/* A number may be reused within one pool_wait(): a stale event must not block the parent. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*running = (struct running){
		.next = pool->running,
		.job = *job,
		.pid = pid,
		.fd = fd,
		.started_ms = now,
	};
	watch_start(&running->watch, job->deadline_ms, now);
	running->look_ms = now + watch_interval_ms(&running->watch);
	pool->running = running;
	pool->count++;
}

static int job_fork(struct pool *pool, const struct job *job)
{
	struct running *running = calloc(1, sizeof(*running));
	pid_t parent = getpid(), pid;
	int fds[2], code;

	if (!running)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC) < 0) {
		code = -errno;
		free(running);
		return code;
	}
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		answer_fd = fds[1];
		forget_parent(pool, parent);
		worker_main(job);
	}
	code = -errno;
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		free(running);
		return code;
	}
	running_add(pool, running, job, pid, fds[0]);
	return 0;
}

/* What is missing now and may be there later: processes, descriptors, memory. */
static bool is_short(int code)
{
	return code == -EAGAIN || code == -EMFILE || code == -ENFILE || code == -ENOMEM;
}

static bool has_room_for(const struct pool *pool, const struct job *job)
{
	unsigned int same = 0;

	if (pool->jobs && pool->count >= pool->jobs)
		return false;
	if (!job->kind || !job->kind_jobs)
		return true;
	for (const struct running *running = pool->running; running; running = running->next)
		same += running->job.kind && !strcmp(running->job.kind, job->kind);
	return same < job->kind_jobs;
}

/* 0 when @queued became a worker; what is only short leaves its code as it was. */
static int start(struct pool *pool, struct queued *queued)
{
	const struct job *job = &queued->job;
	int code = 0;

	if (!queued->is_ready && job->starting)
		code = job->starting(job->subject);
	queued->is_ready = code == 0;
	if (code == 0)
		code = job_fork(pool, job);
	if (!is_short(code))
		queued->code = code;
	return code;
}

static void enqueue(struct pool *pool, struct queued *queued)
{
	*pool->last = queued;
	pool->last = &queued->next;
	pool->queue_count++;
}

int pool_start(struct pool *pool, const struct job *job)
{
	struct queued *queued = calloc(1, sizeof(*queued));

	if (!queued)
		return -ENOMEM;
	queued->job = *job;
	if (!pool_is_late(pool) && has_room_for(pool, job) && start(pool, queued) == 0)
		free(queued);
	else
		enqueue(pool, queued);
	return 0;
}

static void dequeue(struct pool *pool, struct queued **at)
{
	struct queued *queued = *at;

	*at = queued->next;
	if (pool->last == &queued->next)
		pool->last = at;
	pool->queue_count--;
}

/* Starts what is queued while there is room, in the order of the queue. */
static void start_queued(struct pool *pool)
{
	struct queued **at = &pool->first, *queued;
	bool is_out = pool_is_late(pool);

	while ((queued = *at) && !is_out && !(pool->jobs && pool->count >= pool->jobs)) {
		int code;

		if (queued->code || !has_room_for(pool, &queued->job)) {
			at = &queued->next;
			continue;
		}
		code = start(pool, queued);
		if (code == 0) {
			dequeue(pool, at);
			free(queued);
			pool->short_ms = 0;
		} else if (is_short(code)) {
			pool->short_ms = pool->short_ms ?: clock_ms();
			return;
		}
	}
}

/* Why @queued is not to wait any longer; 0: it is. */
static int refusal(const struct pool *pool, const struct queued *queued)
{
	if (queued->code)
		return queued->code;
	if (pool_is_late(pool))
		return -ETIME;
	/* Nothing of ours is there whose end could make room. */
	if (!pool->count && pool->short_ms && clock_ms() >= pool->short_ms + START_LIMIT_MS)
		return -EAGAIN;
	return 0;
}

/* Ends what will never start. ended() may queue more, which goes to the end. */
static void end_unstarted(struct pool *pool)
{
	struct queued **at = &pool->first, *queued;

	while ((queued = *at)) {
		int code = refusal(pool, queued);

		if (!code) {
			at = &queued->next;
			continue;
		}
		dequeue(pool, at);
		queued->job.ended(queued->job.subject, JOB_UNSTARTED, &code, sizeof(code), 0);
		free(queued);
	}
}

/* ---- ending */

static void unlink_running(struct pool *pool, struct running *running)
{
	struct running **at = &pool->running;

	while (*at != running)
		at = &(*at)->next;
	*at = running->next;
	pool->count--;
}

static void tell_kind(const struct pool *pool, const struct running *ended)
{
	const char *kind = ended->job.kind;

	for (struct running *other = pool->running; kind && other; other = other->next)
		if (other->job.kind && !strcmp(other->job.kind, kind))
			watch_kind_ended(&other->watch);
}

void pool_end_job(struct pool *pool, struct running *running, enum job_end end, const void *answer,
		  size_t length)
{
	const struct job *job = &running->job;

	unlink_running(pool, running);
	if (end == JOB_STUCK) {
		give_up(running);
	} else {
		close(running->fd);
		waitpid(running->pid, NULL, 0);
	}
	if (end == JOB_DONE)
		tell_kind(pool, running);
	if (job->watched && running->watch.signs.looks)
		job->watched(job->subject, &running->watch.signs);
	job->ended(job->subject, end, answer, length, clock_ms() - running->started_ms);
	free(running);
}

static void read_answer(struct pool *pool, struct running *running)
{
	char answer[JOB_ANSWER_SIZE];
	ssize_t n = read(running->fd, answer, sizeof(answer));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		pool_end_job(pool, running, JOB_DONE, answer, (size_t)n);
	else
		pool_end_job(pool, running, JOB_DIED, NULL, 0);
}

/* ---- waiting */

/* Milliseconds until something is to be done, for poll(2); -1: nothing is. */
static int next_timeout(const struct pool *pool)
{
	double now = clock_ms(), next = -1;

	if (pool->run_deadline_ms > now)
		next = pool->run_deadline_ms;
	if (pool->short_ms && pool->first && (next < 0 || now + RETRY_MS < next))
		next = now + RETRY_MS;
	for (const struct running *running = pool->running; running; running = running->next)
		if (running->job.deadline_ms && (next < 0 || running->look_ms < next))
			next = running->look_ms;
	if (pool->tick_ms && (next < 0 || now + pool->tick_ms < next))
		next = now + pool->tick_ms;
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

/* 0, -EINTR when @wake_fd is readable, or another errno. */
static int wait_for_answers(struct pool *pool, int wake_fd)
{
	struct pollfd *fds = calloc(pool->count + 1, sizeof(*fds));
	size_t n = 0;
	int r;

	if (!fds)
		return -ENOMEM;
	for (const struct running *running = pool->running; running; running = running->next)
		fds[n++] = (struct pollfd){ .fd = running->fd, .events = POLLIN };
	fds[n] = (struct pollfd){ .fd = wake_fd, .events = POLLIN };
	r = poll(fds, n + 1, next_timeout(pool));
	if (r < 0)
		r = errno == EINTR ? 0 : -errno;
	for (size_t i = 0; r > 0 && i < n; i++) {
		struct running *running = fds[i].revents ? find_running(pool, fds[i].fd) : NULL;

		if (running)
			read_answer(pool, running);
	}
	if (r > 0)
		r = fds[n].revents & POLLIN ? -EINTR : 0;
	free(fds);
	return r;
}

int pool_wait(struct pool *pool, int wake_fd, double run_deadline_ms)
{
	int r;

	pool->run_deadline_ms = run_deadline_ms;
	start_queued(pool);
	end_unstarted(pool);
	if (!pool_left(pool))
		return 0;
	r = wait_for_answers(pool, wake_fd);
	if (r < 0 && r != -EINTR)
		return r;
	pool_check_deadlines(pool);
	if (r < 0)
		return r;
	start_queued(pool);
	end_unstarted(pool);
	return pool_left(pool) ? 1 : 0;
}

int pool_drain(struct pool *pool, int wake_fd, double run_deadline_ms)
{
	int r;

	do
		r = pool_wait(pool, wake_fd, run_deadline_ms);
	while (r > 0);
	return r;
}
