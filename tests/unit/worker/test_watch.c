// SPDX-License-Identifier: GPL-2.0-or-later
/* Signs of progress from a /proc in a folder, and how time without them is counted. */
#include "unit/fake/fake_ops.h"

#include "worker/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PID	    4711
#define DEADLINE_MS 10000

struct world {
	struct fake *fake;
	struct watch watch;
	double now_ms;
};

static void process_is(const struct world *w, char state, double cpu_ms, const char *stack)
{
	double ticks = cpu_ms * (double)sysconf(_SC_CLK_TCK) / 1e3;
	char text[160];

	/* A name with a parenthesis and spaces is what proc(5) warns of. */
	snprintf(text, sizeof(text),
		 "%d (kexit) x) %c 1 1 1 0 -1 4194304 9 0 0 0 0 %.0f 0 0 20 0\n", PID, state,
		 ticks);
	fake_file(w->fake, "/proc/4711/stat", text);
	fake_file(w->fake, "/proc/4711/stack", stack);
}

static int setup(void **state)
{
	static struct world w;

	w = (struct world){ .fake = fake_new(NULL, NULL), .now_ms = 5000 };
	watch_start(&w.watch, DEADLINE_MS, w.now_ms);
	process_is(&w, 'D', 0, "[<0>] msleep+0x2d/0x40\n[<0>] x_remove+0x11/0x80 [x]\n");
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	fake_free(w->fake);
	return 0;
}

static void look(struct world *w, double after_ms, bool has_moved, bool is_queued)
{
	w->now_ms += after_ms;
	watch_look(&w->watch, w->fake->sys.root, PID, has_moved, w->now_ms);
	watch_count(&w->watch, is_queued, w->now_ms);
}

static void look_often(struct world *w, int times)
{
	for (int i = 0; i < times; i++)
		look(w, 1000, false, false);
}

static void test_a_deadline_without_a_sign_is_over(void **state)
{
	struct world *w = *state;

	look_often(w, 9);
	assert_false(watch_is_over(&w->watch));
	look_often(w, 1);
	assert_true(watch_is_over(&w->watch));
	assert_true(w->watch.signs.is_proven);
	assert_string_equal(w->watch.signs.where, "msleep");
}

static void test_cpu_time_is_a_sign(void **state)
{
	struct world *w = *state;

	look_often(w, 9);
	process_is(w, 'D', 200, "[<0>] msleep+0x2d/0x40\n");
	look_often(w, 1);
	assert_int_equal((int)w->watch.signs.still_ms, 0);
	assert_true(w->watch.signs.seen & SIGN_CPU);
	assert_int_equal((int)w->watch.signs.cpu_ms, 200);
}

/* A wait that looks four times a second whether a device has lost its last user. */
static void test_a_loop_that_only_looks_is_none(void **state)
{
	struct world *w = *state;

	for (int i = 1; i <= 10; i++) {
		process_is(w, 'D', 0.2 * i,
			   "[<0>] msleep+0x2d/0x40\n[<0>] x_remove+0x11/0x80 [x]\n");
		look(w, 1000, false, false);
	}
	assert_true(watch_is_over(&w->watch));
}

static void test_waiting_for_a_cpu_is_not_standing_still(void **state)
{
	struct world *w = *state;

	process_is(w, 'R', 0, "[<0>] x_remove+0x11/0x80 [x]\n");
	look_often(w, 20);
	assert_false(watch_is_over(&w->watch));
}

static void test_a_new_place_is_a_sign_and_an_old_one_is_none(void **state)
{
	static const char *const places[] = {
		"[<0>] msleep+0x2d/0x40\n",
		"[<0>] rcu_barrier+0x100/0x300\n",
	};
	struct world *w = *state;

	look_often(w, 5);
	process_is(w, 'D', 0, places[0]);
	look_often(w, 1);
	process_is(w, 'D', 0, places[1]);
	look_often(w, 1);
	assert_int_equal((int)w->watch.signs.still_ms, 0);
	assert_true(w->watch.signs.seen & SIGN_STACK);
	/* Round and round. */
	for (int i = 0; i < 10; i++) {
		process_is(w, 'D', 0, places[i & 1]);
		look(w, 1000, false, false);
	}
	assert_true(watch_is_over(&w->watch));
}

static void test_time_in_a_queue_does_not_count(void **state)
{
	struct world *w = *state;

	look_often(w, 6);
	for (int i = 0; i < 50; i++)
		look(w, 1000, false, true);
	assert_int_equal((int)w->watch.signs.still_ms, 6000);
	look_often(w, 4);
	assert_true(watch_is_over(&w->watch));
	assert_true(w->watch.signs.seen & SIGN_QUEUE);
}

/* A suspend, or an emulator that got no CPU: the worker had as little time as the watch. */
static void test_a_machine_that_stood_still_proves_nothing(void **state)
{
	struct world *w = *state;

	look_often(w, 2);
	look(w, 600000, false, false);
	assert_false(watch_is_over(&w->watch));
}

static void test_without_a_stack_nothing_is_proven(void **state)
{
	struct world *w = *state;

	process_is(w, 'D', 0, "");
	look_often(w, 10);
	assert_true(watch_is_over(&w->watch));
	assert_false(w->watch.signs.is_proven);
}

/* The process had just begun, or its stack could not be read for once. */
static void test_after_a_blind_look_a_whole_deadline_is_a_proof(void **state)
{
	struct world *w = *state;

	process_is(w, 'D', 0, "");
	look_often(w, 1);
	process_is(w, 'D', 0, "[<0>] msleep+0x2d/0x40\n");
	look_often(w, 10);
	assert_true(watch_is_over(&w->watch));
	assert_false(w->watch.signs.is_proven);
	look_often(w, 1);
	assert_true(w->watch.signs.is_proven);
}

static void test_past_the_runs_deadline_only_ends_of_its_kind_count(void **state)
{
	struct world *w = *state;

	watch_set_late(&w->watch);
	for (int i = 1; i <= 9; i++) {
		process_is(w, 'R', 1000 * i, "[<0>] x_remove+0x11/0x80 [x]\n");
		look(w, 1000, true, false);
	}
	assert_int_equal((int)w->watch.signs.still_ms, 9000);
	watch_kind_ended(&w->watch);
	look(w, 1000, false, false);
	assert_int_equal((int)w->watch.signs.still_ms, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_deadline_without_a_sign_is_over),
		T(test_cpu_time_is_a_sign),
		T(test_a_loop_that_only_looks_is_none),
		T(test_waiting_for_a_cpu_is_not_standing_still),
		T(test_a_new_place_is_a_sign_and_an_old_one_is_none),
		T(test_time_in_a_queue_does_not_count),
		T(test_a_machine_that_stood_still_proves_nothing),
		T(test_without_a_stack_nothing_is_proven),
		T(test_after_a_blind_look_a_whole_deadline_is_a_proof),
		T(test_past_the_runs_deadline_only_ends_of_its_kind_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
