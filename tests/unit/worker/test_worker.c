// SPDX-License-Identifier: GPL-2.0-or-later
/* Workers: answers, faults, deadlines, queueing, and waking up for a signal. */
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct subject {
	struct pool *pool;
	enum job_end end;
	int value; /* what the worker answered */
	int ended;
	int progress_left; /* how many times progresses() says yes */
	pid_t worker;
	struct subject *next; /* started when this one ends */
};

static size_t answer_42(void *subject, void *answer, size_t size)
{
	int value = 42;

	(void)subject;
	assert_true(size >= sizeof(value));
	memcpy(answer, &value, sizeof(value));
	return sizeof(value);
}

static size_t fault(void *subject, void *answer, size_t size)
{
	(void)subject;
	(void)answer;
	(void)size;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGKILL);
	return 0;
}

/* As a remove() that never returns, but killable when the test ends. */
static size_t hang(void *subject, void *answer, size_t size)
{
	(void)subject;
	(void)answer;
	(void)size;
	for (;;)
		pause();
	return 0;
}

static const struct job template_42 = { .work = answer_42, .deadline_ms = 10000 };

static void ended(void *data, enum job_end end, const void *answer, size_t length,
		  double elapsed_ms)
{
	struct subject *subject = data;

	assert_true(elapsed_ms >= 0);
	subject->end = end;
	subject->ended++;
	if (length == sizeof(subject->value))
		memcpy(&subject->value, answer, length);
	if (subject->next) {
		struct job job = template_42;

		job.subject = subject->next;
		job.ended = ended;
		assert_int_equal(pool_start(subject->pool, &job), 0);
	}
}

static struct job make(struct subject *subject, size_t (*work)(void *, void *, size_t),
		       unsigned int deadline_ms)
{
	return (struct job){
		.subject = subject,
		.work = work,
		.deadline_ms = deadline_ms,
		.ended = ended,
	};
}

static void drain(struct pool *pool)
{
	int r;

	do
		r = pool_wait(pool, -1, 0);
	while (r > 0);
	assert_int_equal(r, 0);
}

static void test_answer(void **state)
{
	struct subject subject = { 0 };
	struct job job = make(&subject, answer_42, 10000);
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(0, "/proc", &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	drain(pool);
	assert_int_equal(subject.end, JOB_DONE);
	assert_int_equal(subject.value, 42);
	pool_free(pool);
}

static void test_worker_that_dies(void **state)
{
	struct subject subject = { 0 };
	struct job job = make(&subject, fault, 10000);
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(0, "/proc", &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	drain(pool);
	assert_int_equal(subject.end, JOB_DIED);
	pool_free(pool);
}

/* A folder in place of /proc, where a worker's stack is what the test writes. */
static void stack_dir_make(char *dir)
{
	strcpy(dir, "/tmp/kexit-stack-XXXXXX");
	assert_non_null(mkdtemp(dir));
}

static void test_hung_worker_is_stuck_and_others_end(void **state)
{
	struct subject hung = { 0 }, fine = { 0 };
	struct job first = make(&hung, hang, 100), second = make(&fine, answer_42, 10000);
	struct pool *pool;
	char dir[64];

	(void)state;
	stack_dir_make(dir);
	assert_int_equal(pool_new(0, dir, &pool), 0);
	assert_int_equal(pool_start(pool, &first), 0);
	assert_int_equal(pool_start(pool, &second), 0);
	drain(pool);
	assert_int_equal(hung.end, JOB_STUCK);
	assert_int_equal(fine.end, JOB_DONE);
	pool_free(pool);
	rmdir(dir);
}

static bool progresses(void *data)
{
	struct subject *subject = data;

	return subject->progress_left-- > 0;
}

static void test_progress_extends_the_deadline(void **state)
{
	struct subject subject = { .progress_left = 1 };
	struct job job = make(&subject, hang, 50);
	struct pool *pool;

	(void)state;
	job.progresses = progresses;
	assert_int_equal(pool_new(0, "/nonexistent", &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	drain(pool);
	assert_int_equal(subject.end, JOB_STUCK);
	/* Asked until it said no: the first yes did not end the job. */
	assert_int_equal(subject.progress_left, -1);
	pool_free(pool);
}

static void test_run_deadline_ends_all(void **state)
{
	struct subject subject = { 0 };
	struct job job = make(&subject, hang, 100000);
	struct pool *pool;
	int r;

	(void)state;
	assert_int_equal(pool_new(0, "/proc", &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	do
		r = pool_wait(pool, -1, clock_ms() + 20);
	while (r > 0);
	assert_int_equal(subject.end, JOB_STUCK);
	pool_free(pool);
}

static void test_queue_and_start_from_the_end_of_another(void **state)
{
	struct pool *pool;
	struct subject last = { 0 };
	struct subject subjects[5] = { 0 };

	(void)state;
	assert_int_equal(pool_new(2, "/proc", &pool), 0);
	subjects[0].pool = pool;
	subjects[0].next = &last;
	for (size_t i = 0; i < 5; i++) {
		struct job job = make(&subjects[i], answer_42, 10000);

		assert_int_equal(pool_start(pool, &job), 0);
		assert_true(pool_running(pool) <= 2);
	}
	drain(pool);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(subjects[i].ended, 1);
	assert_int_equal(last.value, 42);
	pool_free(pool);
}

static void test_wake_fd(void **state)
{
	struct subject subject = { 0 };
	struct job job = make(&subject, hang, 100000);
	struct pool *pool;
	uint64_t one = 1;
	int fd = eventfd(0, EFD_CLOEXEC);

	(void)state;
	assert_int_equal(pool_new(1, "/proc", &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	assert_int_equal(pool_wait(pool, fd, 0), -EINTR);
	assert_int_equal(pool_running(pool), 1);
	assert_int_equal(subject.ended, 0);
	pool_free(pool);
	close(fd);
}

static void test_cancel_queued(void **state)
{
	struct subject first = { 0 }, second = { 0 };
	struct job one = make(&first, answer_42, 10000), two = make(&second, answer_42, 10000);
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(1, "/proc", &pool), 0);
	assert_int_equal(pool_start(pool, &one), 0);
	assert_int_equal(pool_start(pool, &two), 0);
	pool_cancel_queued(pool);
	drain(pool);
	assert_int_equal(first.ended, 1);
	assert_int_equal(second.ended, 0);
	pool_free(pool);
}

/* Workers that hang are children in this process's group: they end with the test. */
static int kill_children(void **state)
{
	(void)state;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_worker_that_dies),
		cmocka_unit_test(test_hung_worker_is_stuck_and_others_end),
		cmocka_unit_test(test_progress_extends_the_deadline),
		cmocka_unit_test(test_run_deadline_ends_all),
		cmocka_unit_test(test_queue_and_start_from_the_end_of_another),
		cmocka_unit_test(test_wake_fd),
		cmocka_unit_test(test_cancel_queued),
	};

	setpgid(0, 0);
	return cmocka_run_group_tests(tests, NULL, kill_children);
}
