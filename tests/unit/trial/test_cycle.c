// SPDX-License-Identifier: GPL-2.0-or-later
/* Cycles of one device on a machine in a folder, and what ends them early. */
#include "unit/fake/fake_pci.h"

#include "trial/cycle.h"
#include "undo/rollback.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "/sys/devices/pci0000:00"
#define NVME HOST "/0000:00:01.0"
#define NIC  HOST "/0000:00:02.0"

#define MEMINFO                                                                                    \
	"MemTotal:        2000000 kB\nSlab:              20000 kB\nSReclaimable:  "                \
	"     9000 kB\nSUnreclaim:        11000 kB\n"

#define SLABINFO                                                                                                         \
	"slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize>\n"                                \
	"kmalloc-512          20     32    512\ndentry  100 100 192\nvmap_area          1500   1600     64   64    1 : " \
	"tunables    0    0    0 : slabdata     25     25      0\n"

/* An NVMe controller with a disk, and a NIC. */
static struct fake *machine(const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);

	fake_pci(fake, NVME, "nvme", 0x010802, 0x0002, 0);
	fake_pci(fake, NIC, "e1000e", 0x020000, 0x0002, 0);
	fake_file(fake, "/sys/bus/pci/drivers_autoprobe", "1\n");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/dev", "259:0\n");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/size", "2048\n");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/ro", "0\n");
	fake_link(fake, "/sys/class/block/nvme0n1",
		  "../../devices/pci0000:00/0000:00:01.0/nvme/nvme0/nvme0n1");
	fake_file(fake, "/dev/nvme0n1", "a block\n");
	fake_file(fake, "/proc/self/mountinfo", "");
	fake_file(fake, "/proc/swaps", "Filename\n");
	fake_file(fake, "/proc/meminfo", MEMINFO);
	fake_file(fake, "/proc/slabinfo", SLABINFO);
	fake_file(fake, "/sys/kernel/slab/kmalloc-64/shrink", "\n");
	fake_file(fake, "/sys/kernel/slab/dentry/reclaim_account", "1\n");
	fake_file(fake, "/proc/sys/vm/drop_caches", "0\n");
	fake_file(fake, "/kexit-capture/claims", "nvme0n1 free\n");
	return fake;
}

struct test {
	struct fake *fake;
	struct cycles_options options;
	struct cycles cycles;
	char record_dir[96];
	struct error e;
};

static void test_init(struct test *test, const char *device, const struct fake_fault *faults)
{
	*test = (struct test){
		.fake = machine(faults),
		.options = { .device = device, .count = 3 },
	};
	snprintf(test->record_dir, sizeof(test->record_dir), "/dev/shm/kexit-cycle-%d", getpid());
	test->options.record_dir = test->record_dir;
}

static enum handover_end test_run(struct test *test)
{
	return cycles_run(&test->fake->sys, &test->options, &test->cycles, &test->e);
}

static void test_done(struct test *test)
{
	char command[160];

	free(test->cycles.list);
	fake_free(test->fake);
	snprintf(command, sizeof(command), "rm -rf %s", test->record_dir);
	assert_int_equal(system(command), 0);
}

static void assert_all_back(const struct test *test)
{
	char *control = fake_text(test->fake, NVME "/power/control");
	char *autoprobe = fake_text(test->fake, "/sys/bus/pci/drivers_autoprobe");
	json_t *events;

	assert_true(sysroot_exists(test->fake->sys.root, NVME "/driver"));
	assert_true(sysroot_exists(test->fake->sys.root, NIC "/driver"));
	assert_string_equal(control, "auto");
	assert_string_equal(autoprobe, "1");
	free(control);
	free(autoprobe);
	assert_int_equal(record_load(test->record_dir, false, &events, NULL), 0);
	assert_false(rollback_is_needed(events));
	json_decref(events);
}

static void each_cycle_uses_releases_and_binds(void **unused)
{
	struct test test;

	test_init(&test, "nvme0n1", NULL);
	assert_int_equal(test_run(&test), HANDOVER_DONE);
	assert_int_equal(test.cycles.count, 3);
	assert_int_equal(fake_log_count(test.fake, "unbind 0000:00:01.0 pci/nvme = 0"), 3);
	assert_int_equal(fake_log_count(test.fake, "bind 0000:00:01.0 pci/nvme = 0"), 3);
	assert_int_equal(fake_log_count(test.fake, "flush nvme0n1 = 0"), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct cycle *cycle = &test.cycles.list[i];

		assert_int_equal(cycle->used.disks, 1);
		assert_int_equal(cycle->used.reads, 1);
		/* A machine in a folder has no registers. */
		assert_int_equal(cycle->verdict, VERDICT_UNREADABLE);
		assert_true(cycle->has_slab);
		/* Without vmap_area and what can be reclaimed. */
		assert_int_equal((int)cycle->slab.live_kb, 20 * 512 / 1024);
	}
	assert_int_equal(
		fake_log_count(test.fake, "write /sys/kernel/slab/kmalloc-64/shrink 1 = 0"), 3);
	assert_all_back(&test);
	test_done(&test);
}

static void other_devices_are_left(void **unused)
{
	struct test test;

	test_init(&test, "0000:00:01.0", NULL);
	assert_int_equal(test_run(&test), HANDOVER_DONE);
	assert_int_equal(fake_log_count(test.fake, "unbind 0000:00:02.0 *"), 0);
	assert_int_equal(fake_log_count(test.fake, "config *"), 0);
	test_done(&test);
}

static void a_device_in_use_is_refused(void **unused)
{
	struct test test;

	test_init(&test, "0000:00:01.0", NULL);
	fake_file(test.fake, "/kexit-capture/claims", "nvme0n1 busy\n");
	assert_int_equal(test_run(&test), HANDOVER_REFUSED);
	assert_non_null(strstr(test.e.text, "in use"));
	assert_int_equal(test.cycles.count, 0);
	assert_int_equal(fake_log_count(test.fake, "*"), 0);
	test_done(&test);
}

static void what_is_not_there_or_has_no_driver_is_named(void **unused)
{
	struct test test;

	test_init(&test, "0000:00:09.0", NULL);
	fake_pci(test.fake, HOST "/0000:00:03.0", NULL, 0x020000, 0x0002, 0);
	assert_int_equal(test_run(&test), HANDOVER_FAILED);
	assert_non_null(strstr(test.e.text, "no device '0000:00:09.0'"));
	free(test.cycles.list);
	test.options.device = "00:03.0";
	assert_int_equal(test_run(&test), HANDOVER_FAILED);
	assert_non_null(strstr(test.e.text, "has no driver"));
	test_done(&test);
}

static void a_disk_that_cannot_be_read_is_told(void **unused)
{
	struct test test;

	test_init(&test, "0000:00:01.0", NULL);
	fake_file(test.fake, "/dev/nvme0n1", "");
	assert_int_equal(test_run(&test), HANDOVER_DONE);
	assert_int_equal(test.cycles.list[0].used.reads, 0);
	assert_non_null(strstr(test.cycles.list[0].used.text, "nvme0n1"));
	test_done(&test);
}

static void a_remove_that_pretends_ends_the_test(void **unused)
{
	static const struct fake_fault faults[] = {
		{ "unbind", "0000:00:01.0", FAKE_PRETEND, 0 },
		{ 0 },
	};
	struct test test;

	test_init(&test, "0000:00:01.0", faults);
	assert_int_equal(test_run(&test), HANDOVER_ROLLED_BACK);
	assert_non_null(strstr(test.e.text, "still bound"));
	assert_int_equal(test.cycles.count, 0);
	assert_all_back(&test);
	test_done(&test);
}

static void a_device_that_does_not_come_back_is_named(void **unused)
{
	static const struct fake_fault faults[] = {
		{ "bind", "0000:00:01.0", FAKE_ERRNO, -ENOMEM },
		{ 0 },
	};
	struct test test;

	test_init(&test, "0000:00:01.0", faults);
	assert_int_equal(test_run(&test), HANDOVER_NOT_ROLLED_BACK);
	assert_int_equal(test.cycles.count, 0);
	assert_non_null(strstr(test.e.text, "0000:00:01.0"));
	test_done(&test);
}

static void an_earlier_run_must_be_rolled_back_first(void **unused)
{
	struct record *record;
	struct test test;

	test_init(&test, "0000:00:01.0", NULL);
	assert_int_equal(record_create(test.record_dir, "quiesce", &record, NULL), 0);
	record_write(record, "release",
		     json_pack("{s:s, s:s, s:s, s:s}", "device", "/devices/x", "bus", "pci",
			       "driver", "d", "name", "x"));
	record_close(record);
	assert_int_equal(test_run(&test), HANDOVER_REFUSED);
	assert_non_null(strstr(test.e.text, "kexit rollback"));
	test_done(&test);
}

/* In a child, since signals stay held. */
static int signalled_run(struct test *test)
{
	enum handover_end end;

	test->options.count = 100000;
	end = test_run(test);
	return end == HANDOVER_ROLLED_BACK && test->e.code == -EINTR ? 0 : 1;
}

static void a_signal_ends_it_with_all_back(void **unused)
{
	struct test test;
	int status;
	pid_t pid;

	test_init(&test, "0000:00:01.0", NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(signalled_run(&test));
	while (fake_log_count(test.fake, "bind 0000:00:01.0 *") < 2)
		usleep(10000);
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_all_back(&test);
	test_done(&test);
}

static void each_cycle_resets_the_device_and_nothing_else(void **unused)
{
	struct test test;

	test_init(&test, "nvme0n1", NULL);
	fake_file(test.fake, NVME "/reset", "");
	fake_file(test.fake, NIC "/reset", "");
	test.options.resets = true;
	assert_int_equal(test_run(&test), HANDOVER_DONE);
	assert_int_equal(fake_log_count(test.fake, "write " NVME "/reset 1 = 0"), 3);
	assert_int_equal(fake_log_count(test.fake, "write " NIC "/reset *"), 0);
	assert_true(test.cycles.list[2].reset.happened);
	assert_int_equal(test.cycles.list[2].reset.end, RESET_END_DONE);
	assert_all_back(&test);
	test_done(&test);
}

static int no_reset(struct fake *fake, const char *path)
{
	(void)fake, (void)path;
	return -ENOTTY;
}

static void a_reset_that_the_kernel_refuses_is_told(void **unused)
{
	struct test test;

	test_init(&test, "nvme0n1", NULL);
	fake_file(test.fake, NVME "/reset", "");
	test.fake->reset = no_reset;
	test.options.resets = true;
	assert_int_equal(test_run(&test), HANDOVER_DONE);
	assert_false(test.cycles.list[0].reset.happened);
	assert_non_null(strstr(test.cycles.list[0].reset.text, "ENOTTY"));
	test_done(&test);
}

static void what_cannot_be_reset_is_refused_before_the_first_cycle(void **unused)
{
	struct test test;

	test_init(&test, "nvme0n1", NULL);
	test.options.resets = true;
	assert_int_equal(test_run(&test), HANDOVER_REFUSED);
	assert_non_null(strstr(test.e.text, "cannot be reset: the kernel offers no reset method"));
	assert_int_equal(fake_log_count(test.fake, "unbind *"), 0);
	test_done(&test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cycle_uses_releases_and_binds),
		cmocka_unit_test(other_devices_are_left),
		cmocka_unit_test(a_device_in_use_is_refused),
		cmocka_unit_test(what_is_not_there_or_has_no_driver_is_named),
		cmocka_unit_test(a_disk_that_cannot_be_read_is_told),
		cmocka_unit_test(a_remove_that_pretends_ends_the_test),
		cmocka_unit_test(a_device_that_does_not_come_back_is_named),
		cmocka_unit_test(an_earlier_run_must_be_rolled_back_first),
		cmocka_unit_test(a_signal_ends_it_with_all_back),
		cmocka_unit_test(each_cycle_resets_the_device_and_nothing_else),
		cmocka_unit_test(a_reset_that_the_kernel_refuses_is_told),
		cmocka_unit_test(what_cannot_be_reset_is_refused_before_the_first_cycle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
