// SPDX-License-Identifier: GPL-2.0-or-later
/* What is flushed before a run, by which way, and what a disk that cannot be flushed costs. */
#include "test_handover_bench.h"

#include "run/suspended.h"

#define MAP   "/sys/devices/virtual/block/dm-0"
#define FIRST HOST "/0000:00:04.0/host1/target1:0:0/1:0:0:0/block/sda"
#define LAST  HOST "/0000:00:04.0/host2/target2:0:1/2:0:1:0/block/sdc"
#define OTHER HOST "/0000:00:04.0/host2/target2:0:0/2:0:0:0/block/sdb"

static void put_disk(struct fake *fake, const char *path, const char *dev)
{
	char file[256], link[256], target[256];

	snprintf(file, sizeof(file), "%s/dev", path);
	fake_file(fake, file, dev);
	snprintf(file, sizeof(file), "%s/size", path);
	fake_file(fake, file, "2048\n");
	snprintf(file, sizeof(file), "%s/ro", path);
	fake_file(fake, file, "0\n");
	snprintf(link, sizeof(link), "/sys/class/block%s", strrchr(path, '/'));
	snprintf(target, sizeof(target), "../..%s", path + strlen("/sys"));
	fake_link(fake, link, target);
}

static void put_slave(struct fake *fake, const char *holder, const char *disk)
{
	char link[256], target[256];

	snprintf(link, sizeof(link), "%s/slaves%s", holder, strrchr(disk, '/'));
	snprintf(target, sizeof(target), "../../../../..%s", disk + strlen("/sys/devices"));
	fake_link(fake, link, target);
}

/* Two ways to one disk, and a map over both. */
static void put_multipath(struct fake *fake, const char *uuid)
{
	fake_pci(fake, HOST "/0000:00:04.0", "qla2xxx", 0x0c0400, 0x0006, 0);
	put_disk(fake, FIRST, "8:0\n");
	put_disk(fake, OTHER, "8:16\n");
	put_disk(fake, MAP, "253:0\n");
	fake_file(fake, MAP "/dm/name", "mpatha\n");
	fake_file(fake, MAP "/dm/uuid", uuid);
	fake_file(fake, MAP "/dm/suspended", "0\n");
	put_slave(fake, MAP, FIRST);
	put_slave(fake, MAP, OTHER);
	fake_file(fake, "/kexit-capture/claims", "nvme0n1 free\nsda busy\nsdb busy\n");
}

static void test_paths_are_flushed_through_their_map(void **state)
{
	/* A standby path, or one that another machine has reserved. */
	static const struct fake_fault faults[] = { { "flush", "sda", FAKE_ERRNO, -EIO },
						    { "flush", "sdb", FAKE_ERRNO, -EBADE },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	put_multipath(run.fake, "mpath-3600a098000a1\n");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "flush dm-0 *"), 1);
	assert_int_equal(fake_log_count(run.fake, "flush sd? *"), 0);
	assert_int_equal(fake_log_count(run.fake, "flush nvme0n1 *"), 1);
	run_done(&run);
}

static void test_disks_below_another_map_are_flushed_themselves(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	put_multipath(run.fake, "LVM-xyz\n");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "flush dm-0 *"), 0);
	assert_int_equal(fake_log_count(run.fake, "flush sd? *"), 2);
	run_done(&run);
}

static void test_map_in_use_that_cannot_be_flushed_stops_the_run(void **state)
{
	static const struct fake_fault faults[] = { { "flush", "dm-0", FAKE_ERRNO, -EIO }, { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	put_multipath(run.fake, "mpath-3600a098000a1\n");
	fake_file(run.fake, "/proc/self/mountinfo",
		  "25 1 253:0 / /srv rw - xfs /dev/mapper/mpatha rw\n");
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_FAILED);
	assert_int_equal(fake_log_count(run.fake, "unbind *"), 0);
	run_done(&run);
}

static void test_dead_disk_that_nobody_uses_is_told_and_no_more(void **state)
{
	static const struct fake_fault faults[] = { { "flush", "nvme0n1", FAKE_ERRNO, -EIO },
						    { 0 } };
	struct run run;
	json_t *events;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(record_load(run.record_dir, false, &events, NULL), 0);
	assert_true(last_event(events, "not-flushed") < last_event(events, "flush"));
	json_decref(events);
	run_done(&run);
}

/* Not the disk's own word: a right that is missing, memory that is short. */
static void test_flush_that_was_not_tried_stops_the_run(void **state)
{
	static const struct fake_fault faults[] = { { "flush", "nvme0n1", FAKE_ERRNO, -EACCES },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_FAILED);
	assert_int_equal(fake_log_count(run.fake, "unbind *"), 0);
	run_done(&run);
}

/* As many of them as there are workers at first. */
static void test_disks_that_take_their_time_keep_no_other_waiting(void **state)
{
	static const struct fake_fault faults[] = { { "flush", "sda", FAKE_HANG, 0 },
						    { "flush", "sdb", FAKE_HANG, 0 },
						    { "flush", "nvme0n1", FAKE_HANG, 0 },
						    { 0 } };
	struct run run;
	pid_t pid;

	(void)state;
	run_init(&run, faults);
	put_multipath(run.fake, "LVM-xyz\n");
	put_disk(run.fake, LAST, "8:32\n");
	pid = run_start(&run);
	/* Whoever takes the last one may be the first to say so. */
	for (int i = 0; i < 6000 && (fake_log_find(run.fake, "flush sdc = 0") < 0 ||
				     fake_log_count(run.fake, "flush *HANG") < 3);
	     i++)
		usleep(10000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(fake_log_find(run.fake, "flush sdc = 0") >= 0);
	assert_int_equal(fake_log_count(run.fake, "flush *HANG"), 3);
	assert_int_equal(fake_log_count(run.fake, "unbind *"), 0);
	run_done(&run);
}

static void test_suspended_device_is_refused_before_anything(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	put_multipath(run.fake, "LVM-xyz\n");
	fake_file(run.fake, MAP "/dm/suspended", "1\n");
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_REFUSED);
	assert_int_equal(fake_log_count(run.fake, "*"), 0);
	run_done(&run);
}

static void test_suspended_device_is_named_with_what_to_do(void **state)
{
	struct error e = ERROR_NONE;
	struct graph *graph;
	struct run run;

	(void)state;
	run_init(&run, NULL);
	put_multipath(run.fake, "LVM-xyz\n");
	assert_int_equal(scan(run.fake->sys.root, &graph, &e), 0);
	assert_int_equal(suspended_check(&run.fake->sys, graph, &e), 0);
	fake_file(run.fake, MAP "/dm/suspended", "1\n");
	assert_int_equal(suspended_check(&run.fake->sys, graph, &e), -EBUSY);
	assert_non_null(strstr(e.text, "dm-0 (mpatha) is suspended"));
	assert_non_null(strstr(e.text, "dmsetup resume /dev/dm-0"));
	graph_free(graph);
	run_done(&run);
}

static void test_read_only_disk_has_nothing_to_flush(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, NVME "/nvme/nvme0/nvme0n1/ro", "1\n");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "flush *"), 0);
	run_done(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_are_flushed_through_their_map),
		cmocka_unit_test(test_disks_below_another_map_are_flushed_themselves),
		cmocka_unit_test(test_map_in_use_that_cannot_be_flushed_stops_the_run),
		cmocka_unit_test(test_dead_disk_that_nobody_uses_is_told_and_no_more),
		cmocka_unit_test(test_flush_that_was_not_tried_stops_the_run),
		cmocka_unit_test(test_read_only_disk_has_nothing_to_flush),
		cmocka_unit_test(test_disks_that_take_their_time_keep_no_other_waiting),
		cmocka_unit_test(test_suspended_device_is_refused_before_anything),
		cmocka_unit_test(test_suspended_device_is_named_with_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
