// SPDX-License-Identifier: GPL-2.0-or-later
/* sync(2) in a worker: what shows that it gets on, and when it is given up. */
#include "unit/fake/fake_ops.h"

#include "run/sync.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct fake *machine; /* the one that the operations below act on */
static const struct sys_ops *fake_ops;

static void set_dirty(unsigned int dirty_kb, unsigned int writeback_kb, unsigned int sectors)
{
	char meminfo[128], diskstats[128];

	snprintf(meminfo, sizeof(meminfo),
		 "MemTotal: 2048 kB\nDirty:  %8u kB\nWriteback: %8u kB\nWritebackTmp: 7 kB\n",
		 dirty_kb, writeback_kb);
	snprintf(diskstats, sizeof(diskstats),
		 " 259 0 nvme0n1 10 0 800 5 20 0 %u 7 0 3 12 0 0 0 0 0 0\n", sectors);
	fake_file(machine, "/proc/meminfo", meminfo);
	fake_file(machine, "/proc/diskstats", diskstats);
}

/* A machine that writes for two deadlines: the numbers that @s says to move do. */
static int write_slowly(void *context)
{
	for (unsigned int i = 0; i < 40; i++) {
		set_dirty(4000 - i, i % 3, 1000);
		usleep(50000);
	}
	return fake_ops->sync(context);
}

static int write_as_the_disk_shows(void *context)
{
	for (unsigned int i = 0; i < 40; i++) {
		set_dirty(4000, 10, 1000 + i);
		usleep(50000);
	}
	return fake_ops->sync(context);
}

static int never_end(void *context)
{
	for (;;)
		pause();
	return 0;
}

struct end {
	int code;
	double ms; /* as the record has it */
	char result[32];
};

static struct end sync_with(int (*sync)(void *context), const struct sync_options *options)
{
	struct sys_ops ops = *machine->sys.ops;
	struct end end = { 0 };
	struct record *record;
	char dir[64], command[96];
	const json_t *event;
	json_t *events;

	fake_ops = machine->sys.ops;
	ops.sync = sync;
	machine->sys.ops = &ops;
	snprintf(dir, sizeof(dir), "/dev/shm/kexit-sync-%d", getpid());
	assert_int_equal(record_create(dir, "test", &record, NULL), 0);
	end.code = sync_bounded(&machine->sys, record, options);
	machine->sys.ops = fake_ops;
	record_close(record);
	assert_int_equal(record_load(dir, false, &events, NULL), 0);
	event = json_array_get(events, json_array_size(events) - 1);
	assert_string_equal(json_string_value(json_object_get(event, "event")), "sync");
	end.ms = json_number_value(json_object_get(event, "ms"));
	snprintf(end.result, sizeof(end.result), "%s",
		 json_string_value(json_object_get(event, "result")));
	json_decref(events);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
	return end;
}

static int setup(void **state)
{
	machine = fake_new(NULL, NULL);
	set_dirty(4000, 10, 1000);
	return 0;
}

static int teardown(void **state)
{
	fake_free(machine);
	return 0;
}

static void test_reads_what_is_dirty(void **state)
{
	struct dirty dirty;

	dirty_read(machine->sys.root, &dirty);
	assert_int_equal(dirty.dirty_kb, 4000);
	assert_int_equal(dirty.writeback_kb, 10);
	assert_int_equal(dirty.sectors, 1000);
}

static void test_less_to_write_is_progress(void **state)
{
	const struct sync_options options = { .deadline_ms = 1000, .wake_fd = -1 };

	assert_int_equal(sync_with(write_slowly, &options).code, 0);
}

static void test_what_a_disk_writes_is_progress(void **state)
{
	const struct sync_options options = { .deadline_ms = 1000, .wake_fd = -1 };
	struct end end = sync_with(write_as_the_disk_shows, &options);

	assert_int_equal(end.code, 0);
	assert_string_equal(end.result, "done");
}

static void test_nothing_written_any_more_is_no_progress(void **state)
{
	const struct sync_options options = { .deadline_ms = 300, .wake_fd = -1 };
	struct end end = sync_with(never_end, &options);

	assert_int_equal(end.code, -ETIMEDOUT);
	assert_string_equal(end.result, "ETIMEDOUT");
}

/* On the way out: with nothing left there is nothing to lose. */
static void test_nothing_left_to_write_is_waited_for_shorter(void **state)
{
	const struct sync_options options = {
		.deadline_ms = 2000,
		.idle_deadline_ms = 200,
		.wake_fd = -1,
	};
	struct end dirty, clean;

	dirty = sync_with(never_end, &options);
	set_dirty(0, 0, 1000);
	clean = sync_with(never_end, &options);
	assert_int_equal(dirty.code, -ETIMEDOUT);
	assert_int_equal(clean.code, -ETIMEDOUT);
	assert_true(dirty.ms >= 2000);
	assert_true(clean.ms < dirty.ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reads_what_is_dirty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_less_to_write_is_progress, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_a_disk_writes_is_progress, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nothing_written_any_more_is_no_progress, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nothing_left_to_write_is_waited_for_shorter,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
