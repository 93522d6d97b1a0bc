// SPDX-License-Identifier: GPL-2.0-or-later
/* The record: what a kill leaves of it, who may write it, and where. */
#include "record/record.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];

static int make_dir(void **state)
{
	strcpy(dir, "/dev/shm/kexit-record-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = { "record", "record.previous", "lock" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

static struct record *create(const char *verb)
{
	struct error e = ERROR_NONE;
	struct record *record;

	if (record_create(dir, verb, &record, &e) < 0)
		fail_msg("%s", e.text);
	return record;
}

static json_t *load(bool previous)
{
	struct error e = ERROR_NONE;
	json_t *events;

	if (record_load(dir, previous, &events, &e) < 0)
		fail_msg("%s", e.text);
	return events;
}

static const char *name_at(const json_t *events, size_t at)
{
	return json_string_value(json_object_get(json_array_get(events, at), "event"));
}

static void append(const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/record", dir);
	f = fopen(path, "a");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_start_says_who_and_where(void **state)
{
	struct record *record = create("exec");
	json_t *events = load(false);
	const json_t *start = record_start(events);

	assert_non_null(start);
	assert_string_equal(json_string_value(json_object_get(start, "verb")), "exec");
	assert_int_equal(json_integer_value(json_object_get(start, "pid")), getpid());
	assert_int_equal(json_integer_value(json_object_get(start, "schema")), RECORD_SCHEMA);
	assert_true(record_is_of_this_boot(events));
	json_decref(events);
	record_close(record);
}

static void test_events_keep_their_fields_and_order(void **state)
{
	struct record *record = create("exec");
	json_t *events;

	record_write(record, "release", json_pack("{s:s}", "device", "/devices/a"));
	record_write(record, "jump", NULL);
	assert_int_equal(record_status(record), 0);
	events = load(false);
	assert_int_equal(json_array_size(events), 3);
	assert_string_equal(name_at(events, 1), "release");
	assert_string_equal(json_string_value(json_object_get(json_array_get(events, 1), "device")),
			    "/devices/a");
	assert_true(json_number_value(json_object_get(json_array_get(events, 2), "time_ms")) >= 0);
	json_decref(events);
	record_close(record);
}

static void test_torn_last_line_is_ignored(void **state)
{
	json_t *events;

	record_close(create("exec"));
	append("{\"event\":\"release\",\"device\":\"/dev");
	events = load(false);
	assert_int_equal(json_array_size(events), 1);
	json_decref(events);
}

static void test_reopened_record_goes_on_after_a_torn_line(void **state)
{
	struct error e = ERROR_NONE;
	struct record *record;
	json_t *events;

	record_close(create("exec"));
	append("{\"event\":\"rel");
	assert_int_equal(record_reopen(dir, &record, &e), 0);
	record_write(record, "rolled-back", NULL);
	events = load(false);
	assert_int_equal(json_array_size(events), 2);
	assert_string_equal(name_at(events, 1), "rolled-back");
	json_decref(events);
	record_close(record);
}

static off_t record_size(void)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/record", dir);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* A full tmpfs cuts a write short. */
static void test_cut_write_is_told_and_costs_one_event(void **state)
{
	struct record *record = create("exec");
	struct rlimit old, cut;
	json_t *events;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	cut = old;
	cut.rlim_cur = (rlim_t)record_size() + 10;
	setrlimit(RLIMIT_FSIZE, &cut);
	record_write(record, "release", json_pack("{s:s}", "device", "/devices/a"));
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(record_status(record), -ENOSPC);
	record_write(record, "jump", NULL);
	events = load(false);
	assert_int_equal(json_array_size(events), 2);
	assert_string_equal(name_at(events, 1), "jump");
	json_decref(events);
	record_close(record);
}

static void test_earlier_record_is_kept_as_previous(void **state)
{
	json_t *events;

	record_close(create("quiesce"));
	record_close(create("exec"));
	events = load(true);
	assert_string_equal(json_string_value(json_object_get(record_start(events), "verb")),
			    "quiesce");
	json_decref(events);
}

static pid_t fork_holder(void)
{
	int fds[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		create("exec");
		if (write(fds[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	close(fds[1]);
	return pid;
}

static void test_second_process_is_told_who_is_at_work(void **state)
{
	struct error e = ERROR_NONE;
	struct record *record;
	char words[64];
	pid_t pid = fork_holder();

	assert_int_equal(record_create(dir, "boot", &record, &e), -EBUSY);
	snprintf(words, sizeof(words), "kexit exec (process %d) is at work since ", (int)pid);
	assert_non_null(strstr(e.text, words));
	assert_int_equal(record_reopen(dir, &record, &e), -EBUSY);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	record_close(create("boot"));
}

static void test_forked_worker_does_not_hold_the_lock(void **state)
{
	struct record *record = create("exec");
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	record_close(record);
	record_close(create("rollback"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The run is gone, its worker is still about to unbind something. */
static void test_workers_of_a_killed_run_are_waited_for(void **state)
{
	struct error e = ERROR_NONE;
	struct record *record;
	double start;
	pid_t pid = fork();

	if (pid == 0) {
		create("exec");
		if (fork() == 0) {
			usleep(300000);
			_exit(0);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	start = now_ms();
	assert_int_equal(record_reopen(dir, &record, &e), 0);
	assert_true(now_ms() - start >= 200);
	record_close(record);
}

static void test_no_record_is_said(void **state)
{
	struct error e = ERROR_NONE;
	struct record *record;
	json_t *events;

	assert_int_equal(record_reopen(dir, &record, &e), -ENOENT);
	assert_int_equal(record_load(dir, false, &events, &e), -ENOENT);
	assert_non_null(strstr(e.text, "there is no record"));
}

static void test_disk_is_refused(void **state)
{
	char disk[] = "/var/tmp/kexit-record-XXXXXX";
	struct error e = ERROR_NONE;
	struct record *record;
	struct statfs fs;

	assert_non_null(mkdtemp(disk));
	if (statfs(disk, &fs) || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC) {
		rmdir(disk);
		skip();
	}
	assert_int_equal(record_create(disk, "exec", &record, &e), -EROFS);
	assert_non_null(strstr(e.text, disk));
	rmdir(disk);
}

static void test_other_boot_is_seen(void **state)
{
	json_t *events = json_pack("[{s:s s:s}]", "event", "start", "boot_id",
				   "00000000-0000-0000-0000-000000000000");

	assert_false(record_is_of_this_boot(events));
	json_decref(events);
	events = json_array();
	assert_false(record_is_of_this_boot(events));
	json_decref(events);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_start_says_who_and_where),
		TEST(test_events_keep_their_fields_and_order),
		TEST(test_torn_last_line_is_ignored),
		TEST(test_reopened_record_goes_on_after_a_torn_line),
		TEST(test_cut_write_is_told_and_costs_one_event),
		TEST(test_earlier_record_is_kept_as_previous),
		TEST(test_second_process_is_told_who_is_at_work),
		TEST(test_forked_worker_does_not_hold_the_lock),
		TEST(test_workers_of_a_killed_run_are_waited_for),
		TEST(test_no_record_is_said),
		TEST(test_disk_is_refused),
		TEST(test_other_boot_is_seen),
	};
	struct statfs fs;

	if (statfs("/dev/shm", &fs) || fs.f_type != TMPFS_MAGIC) {
		puts("skipped: /dev/shm is no tmpfs");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
