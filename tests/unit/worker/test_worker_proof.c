// SPDX-License-Identifier: GPL-2.0-or-later
/* What shows that a worker is stuck, what is none of its time, and what the run's deadline cuts. */
#include "unit/worker/test_worker_jobs.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	setpgid(0, 0);
	return cmocka_run_group_tests(tests, NULL, kill_children);
}
