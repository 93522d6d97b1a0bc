// SPDX-License-Identifier: GPL-2.0-or-later
/* Workers: answers, faults, queueing, limits, and waking up for a signal. */
#include "unit/worker/test_worker_jobs.h"

#include "worker/given_up.h"
#include "worker/limits.h"

static size_t fault(void *subject, void *answer, size_t size)
{
	(void)subject;
	(void)answer;
	(void)size;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGKILL);
	return 0;
}

static void test_answer(void **state)
{
	struct subject subject = { 0 };
	struct job job = make(&subject, answer_42, 10000);
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(0, NULL, &pool), 0);
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
	assert_int_equal(pool_new(0, NULL, &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	drain(pool);
	assert_int_equal(subject.end, JOB_DIED);
	pool_free(pool);
}

static void test_hung_worker_is_stuck_and_others_end(void **state)
{
	struct subject hung = { 0 }, fine = { 0 };
	struct job first = make(&hung, hang, 100), second = make(&fine, answer_42, 10000);
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(0, NULL, &pool), 0);
	assert_int_equal(pool_start(pool, &first), 0);
	assert_int_equal(pool_start(pool, &second), 0);
	drain(pool);
	assert_int_equal(hung.end, JOB_STUCK);
	assert_int_equal(fine.end, JOB_DONE);
	pool_free(pool);
}

static bool waits_on(void *data)
{
	struct subject *subject = data;

	return subject->patience-- > 0;
}

static void test_an_owner_may_wait_for_another_deadline(void **state)
{
	struct subject subject = { .patience = 1 };
	struct job job = make(&subject, hang, 50);
	struct pool *pool;

	(void)state;
	job.waits_on = waits_on;
	assert_int_equal(pool_new(0, NULL, &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	drain(pool);
	assert_int_equal(subject.end, JOB_STUCK);
	/* Asked until it said no: the first yes did not end the job. */
	assert_int_equal(subject.patience, -1);
	pool_free(pool);
}

static void test_queue_and_start_from_the_end_of_another(void **state)
{
	struct pool *pool;
	struct subject last = { 0 };
	struct subject subjects[5] = { 0 };

	(void)state;
	assert_int_equal(pool_new(2, NULL, &pool), 0);
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
	assert_int_equal(pool_new(1, NULL, &pool), 0);
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
	assert_int_equal(pool_new(1, NULL, &pool), 0);
	assert_int_equal(pool_start(pool, &one), 0);
	assert_int_equal(pool_start(pool, &two), 0);
	pool_cancel_queued(pool);
	drain(pool);
	assert_int_equal(first.ended, 1);
	assert_int_equal(second.ended, 0);
	pool_free(pool);
}

static int refuse(void *subject)
{
	return -ENOSPC;
}

static void test_what_its_owner_refuses_gets_no_worker(void **state)
{
	struct subject subject = { 0 };
	struct job job = make(&subject, answer_42, 10000);
	struct pool *pool;

	(void)state;
	job.starting = refuse;
	assert_int_equal(pool_new(0, NULL, &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	drain(pool);
	assert_int_equal(subject.end, JOB_UNSTARTED);
	assert_int_equal(subject.value, -ENOSPC);
	pool_free(pool);
}

/* ---- descriptors and processes */

/* In a child, since a limit cannot be raised again by everyone. */
static int run_short_of_descriptors(void)
{
	struct rlimit limit = { 24, 24 };
	struct subject subjects[60] = { 0 };
	struct pool *pool;
	int done = 0;

	if (setrlimit(RLIMIT_NOFILE, &limit) || pool_new(0, NULL, &pool) < 0)
		return 1;
	for (size_t i = 0; i < 60; i++) {
		struct job job = make(&subjects[i], answer_later, 20000);

		if (pool_start(pool, &job) < 0)
			return 2;
	}
	if (pool_drain(pool, -1, 0) < 0)
		return 3;
	for (size_t i = 0; i < 60; i++)
		done += subjects[i].end == JOB_DONE && subjects[i].value == 42;
	pool_free(pool);
	return done == 60 ? 0 : 4;
}

static int in_child(int (*run)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_short_of_descriptors_it_waits(void **state)
{
	(void)state;
	assert_int_equal(in_child(run_short_of_descriptors), 0);
}

static int raise_the_soft_limit(void)
{
	struct rlimit limit = { 32, 300 };

	if (setrlimit(RLIMIT_NOFILE, &limit) || limits_make_room(NULL, 200) != 200 ||
	    getrlimit(RLIMIT_NOFILE, &limit))
		return 1;
	return limit.rlim_cur >= 200 ? 0 : 2;
}

static void test_the_limit_on_open_files_is_raised(void **state)
{
	(void)state;
	assert_int_equal(in_child(raise_the_soft_limit), 0);
}

static void test_workers_fit_into_every_control_group_above(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	(void)state;
	fake_file(fake, "/proc/self/cgroup", "0::/user.slice/kexit\n");
	fake_file(fake, "/sys/fs/cgroup/user.slice/pids.max", "100\n");
	fake_file(fake, "/sys/fs/cgroup/user.slice/pids.current", "40\n");
	fake_file(fake, "/sys/fs/cgroup/user.slice/kexit/pids.max", "max\n");
	fake_file(fake, "/sys/fs/cgroup/user.slice/kexit/pids.current", "1\n");
	assert_in_range(limits_make_room(fake->sys.root, 90), 40, 60);
	assert_int_equal(limits_make_room(fake->sys.root, 20), 20);
	fake_file(fake, "/proc/self/cgroup", "5:cpu:/x\n4:pids:/box\n");
	fake_file(fake, "/sys/fs/cgroup/pids/box/pids.max", "10\n");
	fake_file(fake, "/sys/fs/cgroup/pids/box/pids.current", "10\n");
	assert_int_equal(limits_make_room(fake->sys.root, 90), 1);
	fake_free(fake);
}

/* ---- given up */

/* Comes back from its call later and would go on. */
static size_t come_back_later(void *data, void *answer, size_t size)
{
	const struct subject *subject = data;

	usleep(300000);
	__atomic_add_fetch(&subject->at_once[0], 1, __ATOMIC_SEQ_CST);
	return 0;
}

static void test_what_is_given_up_does_nothing_more(void **state)
{
	struct subject subject = { .at_once = shared_counters() };
	struct job job = make(&subject, come_back_later, 50);
	struct pool *pool;

	(void)state;
	job.name = "0000:00:02.0";
	assert_int_equal(pool_new(0, NULL, &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	drain(pool);
	assert_int_equal(subject.end, JOB_STUCK);
	assert_int_equal(workers_given_up_wait(5000), 0);
	usleep(400000);
	assert_int_equal(subject.at_once[0], 0);
	munmap(subject.at_once, 4096);
	pool_free(pool);
}

/* Outlives its parent, as one does that is in the kernel, and asks before it goes on. */
static size_t ask_until_unwanted(void *data, void *answer, size_t size)
{
	const struct subject *subject = data;

	prctl(PR_SET_PDEATHSIG, 0);
	subject->at_once[0] = worker_is_wanted();
	for (int i = 0; i < 1000 && worker_is_wanted(); i++)
		usleep(10000);
	subject->at_once[1] = !worker_is_wanted();
	return 0;
}

static void test_a_worker_learns_that_its_parent_is_gone(void **state)
{
	struct subject subject = { .at_once = shared_counters() };
	volatile int *told = subject.at_once;
	pid_t parent = fork();

	(void)state;
	if (parent == 0) {
		struct job job = make(&subject, ask_until_unwanted, 100000);
		struct job sibling = make(&subject, hang, 100000);
		struct pool *pool;

		/* One that is forked later has none of the other's pipe. */
		if (pool_new(0, NULL, &pool) == 0 && pool_start(pool, &job) == 0 &&
		    pool_start(pool, &sibling) == 0)
			pool_drain(pool, -1, 0);
		_exit(1);
	}
	for (int i = 0; i < 500 && !told[0]; i++)
		usleep(10000);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	for (int i = 0; i < 500 && !told[1]; i++)
		usleep(10000);
	assert_int_equal(told[0], 1);
	assert_int_equal(told[1], 1);
	munmap(subject.at_once, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_worker_that_dies),
		cmocka_unit_test(test_hung_worker_is_stuck_and_others_end),
		cmocka_unit_test(test_an_owner_may_wait_for_another_deadline),
		cmocka_unit_test(test_queue_and_start_from_the_end_of_another),
		cmocka_unit_test(test_wake_fd),
		cmocka_unit_test(test_cancel_queued),
		cmocka_unit_test(test_what_its_owner_refuses_gets_no_worker),
		cmocka_unit_test(test_short_of_descriptors_it_waits),
		cmocka_unit_test(test_the_limit_on_open_files_is_raised),
		cmocka_unit_test(test_workers_fit_into_every_control_group_above),
		cmocka_unit_test(test_what_is_given_up_does_nothing_more),
		cmocka_unit_test(test_a_worker_learns_that_its_parent_is_gone),
	};

	setpgid(0, 0);
	return cmocka_run_group_tests(tests, NULL, kill_children);
}
