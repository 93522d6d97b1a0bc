// SPDX-License-Identifier: GPL-2.0-or-later
/* One reset on a machine in a folder: what was done is told by the hardware, not by the errno. */
#include "unit/fake/fake_pci.h"

#include "reset/registers.h"
#include "reset/reset.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PORT	 "/sys/devices/pci0000:00/0000:00:01.0"
#define FIRST	 PORT "/0000:01:00.0"
#define OTHER	 PORT "/0000:01:00.1"

#define BEGUN_US 120000 /* a reset that was begun keeps the kernel busy for longer than 100 ms */

struct bench {
	struct fake *fake;
	struct reset_after after[3];
	struct reset_report report;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->fake = fake_new(NULL, NULL);
	fake_pci(b->fake, PORT, "pcieport", 0x060400, 0x0007, 1);
	fake_pci(b->fake, FIRST, NULL, 0xff0000, 0x0002, 0);
	fake_pci(b->fake, OTHER, NULL, 0xff0000, 0x0002, 0);
	fake_file(b->fake, FIRST "/reset", "");
	fake_file(b->fake, PORT "/reset_subordinate", "");
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	fake_free(b->fake);
	free(b);
	return 0;
}

static void reset_one(struct bench *b)
{
	static const char *const functions[] = { FIRST };
	const struct reset_target target = { .path = FIRST, .functions = functions, .count = 1 };

	reset_run(&b->fake->sys, &target, b->after, &b->report);
}

static void reset_bus(struct bench *b)
{
	static const char *const functions[] = { PORT, FIRST, OTHER };
	const struct reset_target target = {
		.path = PORT, .is_bus = true, .functions = functions, .count = 3
	};

	reset_run(&b->fake->sys, &target, b->after, &b->report);
}

static void assert_end(const struct bench *b, enum reset_end end)
{
	assert_string_equal(reset_end_name(b->report.end), reset_end_name(end));
}

/* Writes @value over @offset of a function's config space. */
static void poke(struct fake *fake, const char *path, long offset, uint8_t value)
{
	char file[256];
	FILE *config;

	snprintf(file, sizeof(file), "%s%s/config", fake->tree, path);
	config = fopen(file, "r+");
	assert_non_null(config);
	assert_int_equal(fseek(config, offset, SEEK_SET), 0);
	assert_int_equal(putc(value, config), value);
	assert_int_equal(fclose(config), 0);
}

static void kill_function(struct fake *fake, const char *path)
{
	for (long i = 0; i < 64; i++)
		poke(fake, path, i, 0xff);
}

static void a_reset_that_gives_all_back_is_done(void **state)
{
	struct bench *b = *state;

	reset_one(b);
	assert_end(b, RESET_END_DONE);
	assert_int_equal(fake_log_count(b->fake, "write " FIRST "/reset 1 = 0"), 1);
	assert_true(b->after[0].is_back);
	assert_int_equal(b->after[0].verdict, VERDICT_UNKNOWN);
}

static void a_bus_is_reset_by_its_bridge(void **state)
{
	struct bench *b = *state;

	reset_bus(b);
	assert_end(b, RESET_END_DONE);
	assert_int_equal(fake_log_count(b->fake, "write " PORT "/reset_subordinate 1 = 0"), 1);
	assert_true(b->after[0].is_bridge);
	assert_false(b->after[1].is_bridge);
}

static int begin_and_lose_the_wait(struct fake *fake, const char *path)
{
	(void)fake, (void)path;
	usleep(BEGUN_US);
	return -ENOTTY;
}

static void enotty_after_a_wait_is_done_when_all_are_back(void **state)
{
	struct bench *b = *state;

	b->fake->reset = begin_and_lose_the_wait;
	reset_bus(b);
	assert_end(b, RESET_END_DONE);
	assert_int_equal(b->report.code, -ENOTTY);
}

static int refuse_at_once(struct fake *fake, const char *path)
{
	(void)fake, (void)path;
	return -ENOTTY;
}

static void enotty_at_once_is_a_refusal(void **state)
{
	struct bench *b = *state;

	b->fake->reset = refuse_at_once;
	reset_bus(b);
	assert_end(b, RESET_END_REFUSED);
	assert_non_null(strstr(b->report.text, "ENOTTY"));
}

static int lose_the_wait_and_the_device(struct fake *fake, const char *path)
{
	kill_function(fake, OTHER);
	return begin_and_lose_the_wait(fake, path);
}

static void enotty_with_a_function_missing_is_dead(void **state)
{
	struct bench *b = *state;

	b->fake->reset = lose_the_wait_and_the_device;
	reset_bus(b);
	assert_end(b, RESET_END_DEAD);
	assert_int_equal(b->report.dead, 1);
	assert_non_null(strstr(b->report.text, "0000:01:00.1"));
	assert_true(b->after[1].is_back);
	assert_false(b->after[2].is_back);
}

static int lose_a_bar(struct fake *fake, const char *path)
{
	poke(fake, path, 0x13, 0xfe);
	return 0;
}

static void a_register_that_differs_is_named(void **state)
{
	struct bench *b = *state;

	b->fake->reset = lose_a_bar;
	reset_one(b);
	assert_end(b, RESET_END_CHANGED);
	assert_string_equal(b->report.text, "0000:01:00.0: BAR0 0x00000000 -> 0xfe000000");
}

static int lose_a_window(struct fake *fake, const char *path)
{
	poke(fake, path, 0x20, 0xf0);
	poke(fake, path, 0x1a, 0x05);
	return 0;
}

static void a_bridges_windows_and_bus_numbers_are_looked_at(void **state)
{
	struct bench *b = *state;

	b->fake->reset = lose_a_window;
	reset_bus(b);
	assert_end(b, RESET_END_CHANGED);
	assert_string_equal(b->report.text,
			    "0000:00:01.0: bus numbers 0x00000000 -> 0x00050000, and 1 more");
}

static int set_master(struct fake *fake, const char *path)
{
	poke(fake, path, 0x04, 0x06);
	return 0;
}

static void bus_master_that_came_on_is_told(void **state)
{
	struct bench *b = *state;

	b->fake->reset = set_master;
	reset_one(b);
	assert_end(b, RESET_END_DONE);
	assert_true(b->after[0].bus_master);
}

static int answer_late(struct fake *fake, const char *path)
{
	if (fork() == 0) {
		usleep(150000);
		poke(fake, path, 0, 0x86);
		poke(fake, path, 1, 0x80);
		_exit(0);
	}
	/* Request Retry Status: it asks for more time. */
	poke(fake, path, 0, 0x01);
	poke(fake, path, 1, 0x00);
	return 0;
}

static void a_function_may_ask_for_more_time(void **state)
{
	struct bench *b = *state;

	b->fake->reset = answer_late;
	reset_one(b);
	assert_end(b, RESET_END_DONE);
}

static int busy_once(struct fake *fake, const char *path)
{
	char file[256];

	(void)path;
	snprintf(file, sizeof(file), "%s/busy", fake->folder);
	if (access(file, F_OK) == 0)
		return 0;
	assert_int_equal(fclose(fopen(file, "w")), 0);
	return -EAGAIN;
}

static void a_lock_that_somebody_holds_is_tried_again(void **state)
{
	struct bench *b = *state;

	b->fake->reset = busy_once;
	reset_bus(b);
	assert_end(b, RESET_END_DONE);
	assert_int_equal(fake_log_count(b->fake, "write " PORT "/reset_subordinate *"), 2);
}

static void what_was_gone_before_is_not_dead_by_the_reset(void **state)
{
	struct bench *b = *state;

	kill_function(b->fake, OTHER);
	reset_bus(b);
	assert_end(b, RESET_END_DONE);
	assert_false(b->after[2].was_there);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(a_reset_that_gives_all_back_is_done),
		T(a_bus_is_reset_by_its_bridge),
		T(enotty_after_a_wait_is_done_when_all_are_back),
		T(enotty_at_once_is_a_refusal),
		T(enotty_with_a_function_missing_is_dead),
		T(a_register_that_differs_is_named),
		T(a_bridges_windows_and_bus_numbers_are_looked_at),
		T(bus_master_that_came_on_is_told),
		T(a_function_may_ask_for_more_time),
		T(a_lock_that_somebody_holds_is_tried_again),
		T(what_was_gone_before_is_not_dead_by_the_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
