// SPDX-License-Identifier: GPL-2.0-or-later
/* Workers: answers, faults, deadlines and their proof, queueing, and waking up for a signal. */
#include "unit/fake/fake_ops.h"

#include "worker/given_up.h"
#include "worker/limits.h"
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
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct subject {
	struct pool *pool;
	enum job_end end;
	int value; /* what the worker answered */
	int ended;
	int patience; /* how many times waits_on() says yes */
	int moves;    /* how many times moved() says yes */
	int event;    /* an eventfd: waited for, or told */
	int *at_once; /* shared: workers that run now, and the most there were */
	int partners; /* a turn ends when there were so many at once */
	double ended_ms;
	struct signs signs;
	const struct fake *fake;
	const char *place;    /* where it waits, for the fake's /proc */
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
	subject->ended_ms = clock_ms();
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

/* ---- proof */

static void watched(void *data, const struct signs *signs)
{
	struct subject *subject = data;

	subject->signs = *signs;
}

/* Waits in the kernel at its place, for ever. */
static size_t wait_there(void *data, void *answer, size_t size)
{
	const struct subject *subject = data;

	fake_worker_is_at(subject->fake, subject->place);
	return hang(data, answer, size);
}

/* Waits in the kernel at its place until its event comes. */
static size_t wait_for_event(void *data, void *answer, size_t size)
{
	const struct subject *subject = data;
	uint64_t value;

	fake_worker_is_at(subject->fake, subject->place);
	if (read(subject->event, &value, sizeof(value)) != sizeof(value))
		return 0;
	return answer_42(data, answer, size);
}

/* Has what others wait for, for more than two of their deadlines. */
static size_t hold_then_tell(void *data, void *answer, size_t size)
{
	const struct subject *subject = data;
	uint64_t value = 1;

	fake_worker_is_at(subject->fake, subject->place);
	usleep(1300000);
	if (write(subject->event, &value, sizeof(value)) != sizeof(value))
		return 0;
	return answer_42(data, answer, size);
}

static bool moved(void *data)
{
	struct subject *subject = data;

	return subject->moves-- > 0;
}

static struct job make_proven(struct subject *subject, size_t (*work)(void *, void *, size_t),
			      unsigned int deadline_ms)
{
	struct job job = make(subject, work, deadline_ms);

	job.needs_proof = true;
	job.watched = watched;
	job.moved = moved;
	job.kind = "net";
	return job;
}

static void run_jobs(const struct fake *fake, const struct job *jobs, size_t count,
		     double run_deadline_ms)
{
	struct pool *pool;

	assert_int_equal(pool_new(0, fake->sys.root, &pool), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pool_start(pool, &jobs[i]), 0);
	assert_int_equal(pool_drain(pool, -1, run_deadline_ms), 0);
	pool_free(pool);
}

static void test_without_a_sign_it_is_proven_stuck(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct subject subject = { .fake = fake, .place = "wait_for_completion x_remove" };
	struct job job = make_proven(&subject, wait_there, 200);
	char text[256];

	(void)state;
	run_jobs(fake, &job, 1, 0);
	assert_int_equal(subject.end, JOB_STUCK);
	assert_true(subject.signs.is_proven);
	assert_int_equal(subject.signs.seen, 0);
	assert_string_equal(subject.signs.where, "wait_for_completion");
	signs_describe(&subject.signs, "net", text, sizeof(text));
	assert_non_null(strstr(text,
			       "used no CPU time, no counter of it moved, no other of its kind "
			       "(net) ended; it is in wait_for_completion"));
	assert_null(strstr(text, "not proven"));
	fake_free(fake);
}

static void test_without_a_stack_only_the_runs_deadline_ends_it(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct subject subject = { .fake = fake };
	struct job job = make_proven(&subject, hang, 20);
	double run_deadline = clock_ms() + 400;

	(void)state;
	run_jobs(fake, &job, 1, run_deadline);
	assert_int_equal(subject.end, JOB_STUCK);
	assert_true(subject.ended_ms >= run_deadline);
	assert_false(subject.signs.is_proven);
	fake_free(fake);
}

static void test_a_counter_that_moves_is_a_sign(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct subject subject = { .fake = fake, .place = "msleep x_remove", .moves = 30 };
	struct job job = make_proven(&subject, wait_there, 100);

	(void)state;
	run_jobs(fake, &job, 1, 0);
	assert_int_equal(subject.end, JOB_STUCK);
	/* A tenth of the deadline each: 30 looks are three of it. */
	assert_true(subject.moves < 0);
	assert_true(subject.signs.seen & SIGN_COUNTER);
	fake_free(fake);
}

/* A waits for what B has, and is called stuck neither while B works nor because of its own stack. */
static void assert_queue_is_not_stuck(const char *waiting, const char *holding)
{
	struct fake *fake = fake_new(NULL, NULL);
	int event = eventfd(0, EFD_CLOEXEC);
	struct subject a = { .fake = fake, .place = waiting, .event = event };
	struct subject b = { .fake = fake, .place = holding, .event = event, .moves = 1000 };
	struct job jobs[] = {
		make_proven(&b, hold_then_tell, 600),
		make_proven(&a, wait_for_event, 600),
	};

	run_jobs(fake, jobs, 2, 0);
	assert_int_equal(b.end, JOB_DONE);
	assert_int_equal(a.end, JOB_DONE);
	assert_true(a.signs.seen & SIGN_QUEUE);
	assert_false(b.signs.seen & SIGN_QUEUE);
	close(event);
	fake_free(fake);
}

static void test_waiting_for_a_known_lock_is_no_time_of_its_own(void **state)
{
	(void)state;
	assert_queue_is_not_stuck("rtnl_lock a_remove unbind_store",
				  "msleep b_remove unbind_store");
}

/* mutex_lock() is not in a stack, and what called it is not in any list. */
static void test_waiting_where_another_has_come_past_is_a_queue(void **state)
{
	(void)state;
	assert_queue_is_not_stuck("z_close a_remove unbind_store",
				  "synchronize_rcu z_close b_remove unbind_store");
}

static void test_a_queue_behind_what_is_stuck_is_stuck_after_it(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct subject a = { .fake = fake, .place = "rtnl_lock a_remove" };
	struct subject b = { .fake = fake, .place = "msleep b_remove" };
	struct job jobs[] = {
		make_proven(&a, wait_there, 200),
		make_proven(&b, wait_there, 200),
	};

	(void)state;
	run_jobs(fake, jobs, 2, 0);
	assert_int_equal(b.end, JOB_STUCK);
	assert_int_equal(a.end, JOB_STUCK);
	assert_true(a.ended_ms > b.ended_ms);
	assert_true(a.signs.is_proven);
	fake_free(fake);
}

/* A deadlock: each waits for a lock, and nobody has got it. */
static void test_all_waiting_for_locks_are_stuck(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct subject a = { .fake = fake, .place = "rtnl_lock a_remove" };
	struct subject b = { .fake = fake, .place = "mutex_lock b_remove" };
	struct job jobs[] = {
		make_proven(&a, wait_there, 200),
		make_proven(&b, wait_there, 200),
	};

	(void)state;
	run_jobs(fake, jobs, 2, 0);
	assert_int_equal(b.end, JOB_STUCK);
	assert_int_equal(a.end, JOB_STUCK);
	fake_free(fake);
}

/* ---- kinds */

/* Takes its turn, and the last one tells. */
static size_t take_a_turn(void *data, void *answer, size_t size)
{
	const struct subject *subject = data;
	uint64_t value = 1;
	int now = __atomic_add_fetch(&subject->at_once[0], 1, __ATOMIC_SEQ_CST);
	int most = __atomic_load_n(&subject->at_once[1], __ATOMIC_SEQ_CST);

	while (now > most && !__atomic_compare_exchange_n(&subject->at_once[1], &most, now, false,
							  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	while (__atomic_load_n(&subject->at_once[1], __ATOMIC_SEQ_CST) < subject->partners)
		usleep(1000);
	usleep(100000);
	__atomic_sub_fetch(&subject->at_once[0], 1, __ATOMIC_SEQ_CST);
	if (subject->event && write(subject->event, &value, sizeof(value)) != sizeof(value))
		return 0;
	return answer_42(data, answer, size);
}

static int *shared_counters(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(shared != MAP_FAILED);
	return shared;
}

static void test_no_more_of_a_kind_at_once_than_it_says(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct subject subjects[7] = { 0 };
	struct job jobs[7];
	int *at_once = shared_counters();

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		subjects[i] = (struct subject){ .fake = fake, .at_once = at_once, .partners = 2 };
		jobs[i] = make_proven(&subjects[i], take_a_turn, 10000);
		jobs[i].kind_jobs = 2;
	}
	run_jobs(fake, jobs, 7, 0);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(subjects[i].end, JOB_DONE);
	assert_int_equal(at_once[1], 2);
	munmap(at_once, 4096);
	fake_free(fake);
}

/* One after the other, 100 ms each: together longer than the deadline of the one beside them. */
#define TURNS 30

static void test_an_end_of_its_kind_is_a_sign(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	int event = eventfd(0, EFD_CLOEXEC);
	int *at_once = shared_counters();
	struct subject subjects[TURNS + 1] = { 0 };
	struct job jobs[TURNS + 1];

	(void)state;
	subjects[0] = (struct subject){ .fake = fake, .place = "x x_remove", .event = event };
	jobs[0] = make_proven(&subjects[0], wait_for_event, 2000);
	for (size_t i = 1; i <= TURNS; i++) {
		subjects[i] = (struct subject){
			.fake = fake,
			.at_once = at_once,
			.event = i == TURNS ? event : 0,
		};
		jobs[i] = make_proven(&subjects[i], take_a_turn, 10000);
	}
	for (size_t i = 0; i <= TURNS; i++)
		jobs[i].kind_jobs = 2;
	run_jobs(fake, jobs, TURNS + 1, 0);
	assert_int_equal(subjects[0].end, JOB_DONE);
	assert_true(subjects[0].signs.seen & SIGN_KIND);
	/* The last one's answer may be seen after the one that it let go on. */
	assert_in_range(subjects[0].signs.others, TURNS - 1, TURNS);
	munmap(at_once, 4096);
	close(event);
	fake_free(fake);
}

/* ---- the run's deadline */

static size_t answer_later(void *subject, void *answer, size_t size)
{
	usleep(100000);
	return answer_42(subject, answer, size);
}

static void test_run_deadline_does_not_cut_what_has_begun(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct subject begun = { .fake = fake }, queued = { .fake = fake };
	struct job jobs[] = {
		make_proven(&begun, answer_later, 20000),
		make_proven(&queued, answer_42, 20000),
	};

	(void)state;
	jobs[0].kind_jobs = jobs[1].kind_jobs = 1;
	run_jobs(fake, jobs, 2, clock_ms() + 20);
	assert_int_equal(begun.end, JOB_DONE);
	/* What had not begun is not begun any more. */
	assert_int_equal(queued.end, JOB_UNSTARTED);
	assert_int_equal(queued.value, -ETIME);
	fake_free(fake);
}

static void test_run_deadline_ends_what_needs_no_proof(void **state)
{
	struct subject subject = { 0 };
	struct job job = make(&subject, hang, 100000);
	struct pool *pool;
	int r;

	(void)state;
	assert_int_equal(pool_new(0, NULL, &pool), 0);
	assert_int_equal(pool_start(pool, &job), 0);
	r = pool_drain(pool, -1, clock_ms() + 20);
	assert_int_equal(r, 0);
	assert_int_equal(subject.end, JOB_STUCK);
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
		cmocka_unit_test(test_an_owner_may_wait_for_another_deadline),
		cmocka_unit_test(test_without_a_sign_it_is_proven_stuck),
		cmocka_unit_test(test_without_a_stack_only_the_runs_deadline_ends_it),
		cmocka_unit_test(test_a_counter_that_moves_is_a_sign),
		cmocka_unit_test(test_waiting_for_a_known_lock_is_no_time_of_its_own),
		cmocka_unit_test(test_waiting_where_another_has_come_past_is_a_queue),
		cmocka_unit_test(test_a_queue_behind_what_is_stuck_is_stuck_after_it),
		cmocka_unit_test(test_all_waiting_for_locks_are_stuck),
		cmocka_unit_test(test_no_more_of_a_kind_at_once_than_it_says),
		cmocka_unit_test(test_an_end_of_its_kind_is_a_sign),
		cmocka_unit_test(test_run_deadline_does_not_cut_what_has_begun),
		cmocka_unit_test(test_run_deadline_ends_what_needs_no_proof),
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
