// SPDX-License-Identifier: GPL-2.0-or-later
/* Children that answer, that die, and that leave something behind which holds their pipe. */
#include "loop/task.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 30000

struct test {
	struct loop *loop;
	int (*run)(FILE *answer);
	char lines[256], answer[256];
	bool ended;
};

static int run(void *context, FILE *answer)
{
	const struct test *test = context;

	return test->run(answer);
}

static void take_line(void *context, const char *line)
{
	struct test *test = context;

	strcat(strcat(test->lines, line), ";");
}

static void take_answer(void *context, const char *answer, size_t length)
{
	struct test *test = context;

	assert_true(length < sizeof(test->answer));
	memcpy(test->answer, answer, length + 1);
	test->ended = true;
	loop_stop(test->loop);
}

static void give_up(void *context)
{
	struct test *test = context;

	loop_stop(test->loop);
}

/* Runs @child until its task ended, or for PATIENCE_MS. */
static struct test take(int (*child)(FILE *answer))
{
	struct test test = { .run = child };
	const struct task_work work = { run, take_line, take_answer, &test };
	struct task *task;
	int timer;

	assert_int_equal(loop_new(&test.loop), 0);
	timer = loop_add_timer(test.loop, give_up, &test);
	loop_set_timer(timer, PATIENCE_MS);
	assert_int_equal(task_start(test.loop, &work, &task), 0);
	assert_int_equal(loop_run(test.loop), 0);
	loop_remove(test.loop, timer);
	close(timer);
	loop_free(test.loop);
	return test;
}

static int answers(FILE *answer)
{
	return fputs("one\ntwo", answer) < 0 ? -EIO : 0;
}

static void an_answer_arrives_whole_and_its_lines_before(void **state)
{
	struct test test = take(answers);

	assert_true(test.ended);
	assert_string_equal(test.lines, "one;");
	assert_string_equal(test.answer, "one\ntwo");
}

static int dies(FILE *answer)
{
	fputs("half", answer);
	fflush(answer);
	raise(SIGKILL);
	return 0;
}

static void half_an_answer_is_none(void **state)
{
	struct test test = take(dies);

	assert_true(test.ended);
	assert_string_equal(test.answer, "");
}

/* While the test has its other end, who was left behind waits; as a worker does in a driver's remove(). */
static int held[2];

static void leave_one_behind(void)
{
	char byte;

	if (fork() == 0) {
		close(held[1]);
		_exit(read(held[0], &byte, 1) != 0);
	}
}

static int answers_and_leaves_one_behind(FILE *answer)
{
	leave_one_behind();
	return answers(answer);
}

static int dies_and_leaves_one_behind(FILE *answer)
{
	leave_one_behind();
	return dies(answer);
}

static void it_ends_although_another_process_has_its_pipe(void **state)
{
	struct test test;

	assert_int_equal(pipe(held), 0);
	test = take(answers_and_leaves_one_behind);
	assert_true(test.ended);
	assert_string_equal(test.answer, "one\ntwo");
	test = take(dies_and_leaves_one_behind);
	assert_true(test.ended);
	assert_string_equal(test.answer, "");
	close(held[0]);
	close(held[1]);
}

/* reboot(8) in a rescue shell; children are not left with signals blocked. */
static int signalled_with;

static void on_signal(void *context, int number)
{
	signalled_with = number;
	loop_stop(context);
}

static void a_signal_to_init_is_heard(void **state)
{
	static const int signals[] = { SIGTERM, SIGUSR1 };
	struct loop *loop;

	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(loop_take_signals(loop, signals, 2, on_signal, loop), 0);
	kill(getpid(), SIGUSR1);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(signalled_with, SIGUSR1);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_to_init_is_heard),
		cmocka_unit_test(an_answer_arrives_whole_and_its_lines_before),
		cmocka_unit_test(half_an_answer_is_none),
		cmocka_unit_test(it_ends_although_another_process_has_its_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
