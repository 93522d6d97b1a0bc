// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole run on a machine in a folder: from its scan to the jump, and back where something
 * fails. Each run is in a child process, since a jump does not return.
 */
#include "unit/fake/fake_pci.h"

#include "graph/scan.h"
#include "host/late.h"
#include "plan/plan.h"
#include "run/handover.h"
#include "sys/pci.h"
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

#define HOST  "/sys/devices/pci0000:00"
#define PORT  HOST "/0000:00:01.0"
#define NVME  PORT "/0000:01:00.0"
#define NIC   HOST "/0000:00:02.0"
#define BARE  HOST "/0000:00:03.0"

/* What the child ends with when nothing jumped: a handover_end on top of this. */
#define ENDED 10

/* A port with an NVMe disk below, a NIC, and a function nobody drives that masters the bus. */
static struct fake *machine(const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);

	fake_pci(fake, PORT, "pcieport", 0x060400, 0x0007, 1);
	fake_pci(fake, NVME, "nvme", 0x010802, 0x0006, 0);
	fake_pci(fake, NIC, "e1000e", 0x020000, 0x0006, 0);
	fake_pci(fake, BARE, NULL, 0x040100, 0x0006, 0);
	fake_file(fake, "/sys/bus/pci/drivers_autoprobe", "1\n");
	fake_file(fake, NVME "/nvme/nvme0/uevent", "");
	fake_link(fake, "/sys/class/nvme/nvme0",
		  "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/dev", "259:0\n");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/size", "2048\n");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/ro", "0\n");
	fake_link(fake, "/sys/class/block/nvme0n1",
		  "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0/nvme0n1");
	fake_file(fake, "/proc/self/mountinfo", "");
	fake_file(fake, "/proc/swaps", "Filename\n");
	fake_file(fake, "/kexit-capture/claims", "nvme0n1 free\n");
	fake_file(fake, "/sys/kernel/kexec_loaded", "1\n");
	fake_file(fake, "/proc/sys/kernel/random/boot_id", "9a1c2f\n");
	return fake;
}

struct run {
	struct fake *fake;
	struct handover_options options;
	char record_dir[96];
	unsigned int deadline_ms; /* of each release, instead of what the rules say; 0: theirs */
};

static void run_init(struct run *run, const struct fake_fault *faults)
{
	*run = (struct run){
		.fake = machine(faults),
		.options = { .verb = "exec", .jump = true, .on_stuck = ON_STUCK_FIRMWARE },
	};
	/* Records must be on tmpfs: /dev/shm is, where a test may run. */
	snprintf(run->record_dir, sizeof(run->record_dir), "/dev/shm/kexit-test-%d", getpid());
	run->options.record_dir = run->record_dir;
}

static void run_done(struct run *run)
{
	char command[160];

	fake_free(run->fake);
	snprintf(command, sizeof(command), "rm -rf %s", run->record_dir);
	assert_int_equal(system(command), 0);
}

static int in_child(const struct run *run)
{
	struct error e = ERROR_NONE;
	struct policy *policy = policy_new();
	struct plan_options plan_options = { 0 };
	struct graph *graph;
	struct plan *plan;

	if (scan(run->fake->sys.root, &graph, &e) < 0 || policy_add_builtin(policy, &e) < 0 ||
	    plan_make(graph, policy, &plan_options, &plan, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	for (size_t i = 0; run->deadline_ms && i < plan->order_count; i++)
		plan->order[i]->deadline_ms = run->deadline_ms;
	return ENDED + (int)handover_run(&run->fake->sys, graph, plan, &run->options, &e);
}

static pid_t run_start(const struct run *run)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(in_child(run));
	return pid;
}

/* What the run ended with: FAKE_JUMPED, FAKE_REBOOTED, or ENDED + a handover_end. */
static int run_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool is_bound(const struct run *run, const char *path)
{
	char driver[256];

	snprintf(driver, sizeof(driver), "%s/driver", path);
	return sysroot_exists(run->fake->sys.root, driver);
}

static void assert_text(const struct run *run, const char *path, const char *expected)
{
	char *text = fake_text(run->fake, path);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static unsigned int command_of(const struct run *run, const char *path)
{
	struct pci_config config;

	assert_int_equal(pci_config_read(run->fake->sys.root, path, &config), 0);
	return pci_config_u16(&config, PCI_REG_COMMAND);
}

static void assert_all_back(const struct run *run)
{
	assert_true(is_bound(run, NVME));
	assert_true(is_bound(run, NIC));
	assert_text(run, "/sys/bus/pci/drivers_autoprobe", "1");
	assert_text(run, NVME "/power/control", "auto");
	assert_text(run, PORT "/power/control", "auto");
}

static void test_jump(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_false(is_bound(&run, NVME));
	assert_false(is_bound(&run, NIC));
	assert_true(is_bound(&run, PORT));
	assert_text(&run, "/sys/bus/pci/drivers_autoprobe", "0");
	assert_text(&run, PORT "/power/control", "on");
	/* Bus Master: off where no driver ever held it, and where remove() left it on. */
	assert_int_equal(command_of(&run, BARE) & PCI_CMD_MASTER, 0);
	assert_int_equal(command_of(&run, NIC) & PCI_CMD_MASTER, 0);
	assert_int_equal(command_of(&run, PORT) & PCI_CMD_MASTER, PCI_CMD_MASTER);
	run_done(&run);
}

static void test_data_is_flushed_before_the_first_unbind(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(fake_log_find(run.fake, "flush nvme0n1 = 0") >= 0);
	assert_true(fake_log_find(run.fake, "flush nvme0n1 = 0") <
		    fake_log_find(run.fake, "unbind *"));
	assert_true(fake_log_find(run.fake, "write */drivers_autoprobe 0 = 0") <
		    fake_log_find(run.fake, "unbind *"));
	/* At most three lines for a serial log, all before the jump. */
	assert_in_range(fake_log_count(run.fake, "kmsg *"), 1, 3);
	assert_true(fake_log_find(run.fake, "jump*") > fake_log_find(run.fake, "kmsg *"));
	run_done(&run);
}

static void test_failed_flush_stops_before_anything_changed(void **state)
{
	static const struct fake_fault faults[] = { { "flush", "nvme0n1", FAKE_ERRNO, -EIO },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_FAILED);
	assert_all_back(&run);
	assert_int_equal(fake_log_count(run.fake, "unbind *"), 0);
	assert_int_equal(fake_log_count(run.fake, "write *"), 0);
	run_done(&run);
}

static void test_refused_unbind_leaves_the_device_and_goes_on(void **state)
{
	static const struct fake_fault faults[] = {
		{ "unbind", "0000:00:02.0", FAKE_ERRNO, -EPERM }, { 0 }
	};
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(is_bound(&run, NIC));
	assert_false(is_bound(&run, NVME));
	assert_int_equal(fake_log_count(run.fake, "kmsg *not clean*0000:00:02.0*EPERM*"), 1);
	run_done(&run);
}

static void test_unbind_without_effect_is_no_success(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_PRETEND, 0 },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "kmsg *not clean*0000:00:02.0*"), 1);
	run_done(&run);
}

static void test_jump_that_returns_is_rolled_back(void **state)
{
	static const struct fake_fault faults[] = { { "jump", "*", FAKE_ERRNO, -EINVAL }, { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_all_back(&run);
	run_done(&run);
}

static void test_stuck_remove_leaves_by_firmware(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_HANG, 0 },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	run.deadline_ms = 200;
	assert_int_equal(run_wait(run_start(&run)), FAKE_REBOOTED);
	/* The others were released before: their data is safe. */
	assert_false(is_bound(&run, NVME));
	assert_int_equal(fake_log_count(run.fake, "sysrq b*"), 1);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

static void test_stuck_remove_with_abort_rolls_the_rest_back(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_HANG, 0 },
						    { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	run.options.on_stuck = ON_STUCK_ABORT;
	run.deadline_ms = 200;
	run_wait(run_start(&run));
	assert_true(is_bound(&run, NVME));
	assert_text(&run, "/sys/bus/pci/drivers_autoprobe", "1");
	assert_int_equal(fake_log_count(run.fake, "sysrq*"), 0);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

/* As the kernel shows a device while its remove() hangs: without a driver, and the lock taken. */
static void leave_stuck(struct run *run, bool is_locked)
{
	static const struct fake_fault locked[] = {
		{ "write", "*0000:00:02.0/power/control", FAKE_HANG, 0 },
		{ 0 },
	};
	static const char device[] = "/devices/pci0000:00/0000:00:02.0";
	char link[sizeof(run->fake->tree) + sizeof(NIC) + 16];
	struct error e = ERROR_NONE;
	struct record *record;

	assert_int_equal(record_create(run->record_dir, "exec", &record, &e), 0);
	record_write(record, "release",
		     json_pack("{s:s, s:s, s:s, s:s}", "device", device, "bus", "pci", "driver",
			       "e1000e", "name", "0000:00:02.0"));
	record_write(record, "released",
		     json_pack("{s:s, s:s, s:s}", "device", device, "outcome", "stuck", "reason",
			       "remove() of e1000e did not return within 10 s"));
	record_close(record);
	snprintf(link, sizeof(link), "%s" NIC "/driver", run->fake->tree);
	assert_int_equal(unlink(link), 0);
	/* The run that released it had it stay awake, and could not write that back. */
	fake_file(run->fake, NIC "/power/control", "on\n");
	if (is_locked)
		run->fake->faults = locked;
}

static void test_what_an_earlier_run_left_stuck_is_not_touched_with_abort(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	leave_stuck(&run, true);
	run.options.on_stuck = ON_STUCK_ABORT;
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_FAILED);
	assert_int_equal(fake_log_count(run.fake, "unbind*"), 0);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

static void test_what_an_earlier_run_left_stuck_is_left_by_firmware(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	leave_stuck(&run, true);
	assert_int_equal(run_wait(run_start(&run)), FAKE_REBOOTED);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

static void test_late_module_takes_what_an_earlier_run_left_stuck(void **state)
{
	struct run run;
	char *list;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, LATE_DEVICE, "");
	leave_stuck(&run, true);
	run.options.on_stuck = ON_STUCK_AUTO;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	list = fake_text(run.fake, LATE_DEVICE);
	assert_non_null(strstr(list, "\nstuck /devices/pci0000:00/0000:00:02.0\n"));
	free(list);
	run_done(&run);
}

static void test_a_remove_that_returned_after_all_is_no_obstacle(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	leave_stuck(&run, false);
	run.options.on_stuck = ON_STUCK_ABORT;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	run_done(&run);
}

/* Waits until the hanging unbind is in the log, so that the signal finds the run half way. */
static void wait_for_log(const struct run *run, const char *line)
{
	for (int i = 0; i < 1000 && fake_log_find(run->fake, line) < 0; i++)
		usleep(10000);
	assert_true(fake_log_find(run->fake, line) >= 0);
}

static void test_kill_in_the_middle_is_rolled_back_from_the_record(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_HANG, 0 },
						    { 0 } };
	struct rollback_result result = { 0 };
	struct record *record;
	struct run run;
	json_t *events;
	pid_t pid;

	(void)state;
	run_init(&run, faults);
	pid = run_start(&run);
	wait_for_log(&run, "unbind 0000:01:00.0*");
	wait_for_log(&run, "unbind 0000:00:02.0*HANG");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(is_bound(&run, NVME));
	assert_int_equal(record_reopen(run.record_dir, &record, NULL), 0);
	assert_int_equal(record_load(run.record_dir, false, &events, NULL), 0);
	assert_true(rollback_is_needed(events));
	assert_int_equal(rollback_run(&run.fake->sys, record, events, NULL, &result), 0);
	assert_all_back(&run);
	json_decref(events);
	json_decref(result.names);
	assert_int_equal(record_load(run.record_dir, false, &events, NULL), 0);
	assert_false(rollback_is_needed(events));
	json_decref(events);
	record_close(record);
	run_done(&run);
}

static void test_quiesce_then_exec_keeps_what_was_before(void **state)
{
	static const struct fake_fault faults[] = { { "jump", "*", FAKE_ERRNO, -EINVAL }, { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	run.options.jump = false;
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_DONE);
	assert_false(is_bound(&run, NIC));
	run.options.jump = true;
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	/* Back to before the quiesce, not to before the exec. */
	assert_all_back(&run);
	run_done(&run);
}

static void test_second_run_is_refused(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "0000:00:02.0", FAKE_HANG, 0 },
						    { 0 } };
	struct run run;
	pid_t pid;

	(void)state;
	run_init(&run, faults);
	pid = run_start(&run);
	wait_for_log(&run, "unbind 0000:00:02.0*HANG");
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_REFUSED);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	run_done(&run);
}

static void test_late_module_gets_what_is_left_before_the_jump(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, LATE_DEVICE, "");
	run.options.on_stuck = ON_STUCK_AUTO;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	/* The bound is a disk's patience; nothing below the port stayed. */
	assert_text(&run, LATE_DEVICE, "kexit-late 1\ntimeout 180\nclear 0000:00:03.0");
	assert_true(fake_log_find(run.fake, "submit *") < fake_log_find(run.fake, "jump*"));
	assert_true(fake_log_find(run.fake, "submit *") > fake_log_find(run.fake, "config *"));
	run_done(&run);
}

/* One wrong line would refuse the list. */
static void test_late_module_is_not_told_of_what_is_gone(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, LATE_DEVICE, "");
	/* As a virtual function that goes with its physical function's driver. */
	fake_pci(run.fake, NIC "/made/0000:00:04.0", NULL, 0x020000, 0x0002, 0);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_text(&run, LATE_DEVICE, "kexit-late 1\ntimeout 180\nclear 0000:00:03.0");
	run_done(&run);
}

static const struct fake_fault disk_hangs[] = { { "unbind", "0000:01:00.0", FAKE_HANG, 0 }, { 0 } };

static void test_late_module_takes_a_stuck_device_and_the_jump_goes_on(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, disk_hangs);
	fake_file(run.fake, LATE_DEVICE, "");
	run.options.on_stuck = ON_STUCK_AUTO;
	run.options.shutdown_deadline_ms = 20500;
	run.deadline_ms = 200;
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_text(
		&run, LATE_DEVICE,
		"kexit-late 1\ntimeout 21\nstuck /devices/pci0000:00/0000:00:01.0/0000:01:00.0\n"
		"clear 0000:00:03.0\nreset 0000:00:01.0");
	assert_int_equal(fake_log_count(run.fake, "sysrq*"), 0);
	run_done(&run);
}

/* Without the module, where it refuses the list, and where firmware was asked for. */
static void test_stuck_device_is_left_by_firmware_without_the_late_module(void **state)
{
	static const struct fake_fault refuses[] = {
		{ "unbind", "0000:01:00.0", FAKE_HANG, 0 },
		{ "submit", LATE_DEVICE, FAKE_ERRNO, -EINVAL },
		{ 0 },
	};
	static const struct {
		const struct fake_fault *faults;
		bool has_module;
		enum on_stuck on_stuck;
	} cases[] = {
		{ disk_hangs, false, ON_STUCK_AUTO },
		{ refuses, true, ON_STUCK_AUTO },
		{ disk_hangs, true, ON_STUCK_FIRMWARE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run run;

		run_init(&run, cases[i].faults);
		if (cases[i].has_module)
			fake_file(run.fake, LATE_DEVICE, "");
		run.options.on_stuck = cases[i].on_stuck;
		run.deadline_ms = 200;
		assert_int_equal(run_wait(run_start(&run)), FAKE_REBOOTED);
		assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
		run_done(&run);
	}
}

static void test_rollback_disarms_the_late_module(void **state)
{
	static const struct fake_fault faults[] = { { "jump", "*", FAKE_ERRNO, -EINVAL }, { 0 } };
	struct run run;

	(void)state;
	run_init(&run, faults);
	fake_file(run.fake, LATE_DEVICE, "");
	assert_int_equal(run_wait(run_start(&run)), ENDED + HANDOVER_ROLLED_BACK);
	assert_all_back(&run);
	assert_text(&run, LATE_DEVICE, "disarm");
	run_done(&run);
}

static int reset_kills(struct fake *fake, const char *path)
{
	char config[128];

	snprintf(config, sizeof(config), "%s/config", path);
	fake_bytes(fake, config, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	return 0;
}

/* BARE masters the bus without a driver, and no decoder knows it: so it is reset. */
static void run_init_with_a_deadly_reset(struct run *run)
{
	run_init(run, NULL);
	fake_file(run->fake, BARE "/reset", "");
	run->fake->reset = reset_kills;
}

static void test_what_a_reset_killed_does_not_stop_the_jump(void **state)
{
	struct run run;

	(void)state;
	run_init_with_a_deadly_reset(&run);
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_int_equal(fake_log_count(run.fake, "write " BARE "/reset 1 = 0"), 1);
	assert_int_equal(fake_log_count(run.fake, "kmsg *not clean*0000:00:03.0*"), 1);
	run_done(&run);
}

static void test_what_a_reset_killed_restarts_through_firmware_where_asked(void **state)
{
	struct run run;

	(void)state;
	run_init_with_a_deadly_reset(&run);
	run.options.on_dead = ON_DEAD_FIRMWARE;
	assert_int_equal(run_wait(run_start(&run)), FAKE_REBOOTED);
	assert_int_equal(fake_log_count(run.fake, "jump*"), 0);
	run_done(&run);
}

static void test_resets_come_after_the_releases_and_the_clears(void **state)
{
	struct run run;

	(void)state;
	run_init(&run, NULL);
	fake_file(run.fake, BARE "/reset", "");
	assert_int_equal(run_wait(run_start(&run)), FAKE_JUMPED);
	assert_true(fake_log_find(run.fake, "write " BARE "/reset 1 = 0") >
		    fake_log_find(run.fake, "unbind 0000:01:00.0*"));
	assert_true(fake_log_find(run.fake, "write " BARE "/reset 1 = 0") >
		    fake_log_find(run.fake, "config " BARE " *"));
	assert_int_equal(fake_log_count(run.fake, "kmsg kexit: 1 reset, *"), 1);
	run_done(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_data_is_flushed_before_the_first_unbind),
		cmocka_unit_test(test_failed_flush_stops_before_anything_changed),
		cmocka_unit_test(test_refused_unbind_leaves_the_device_and_goes_on),
		cmocka_unit_test(test_unbind_without_effect_is_no_success),
		cmocka_unit_test(test_jump_that_returns_is_rolled_back),
		cmocka_unit_test(test_stuck_remove_leaves_by_firmware),
		cmocka_unit_test(test_stuck_remove_with_abort_rolls_the_rest_back),
		cmocka_unit_test(test_what_an_earlier_run_left_stuck_is_not_touched_with_abort),
		cmocka_unit_test(test_what_an_earlier_run_left_stuck_is_left_by_firmware),
		cmocka_unit_test(test_late_module_takes_what_an_earlier_run_left_stuck),
		cmocka_unit_test(test_a_remove_that_returned_after_all_is_no_obstacle),
		cmocka_unit_test(test_kill_in_the_middle_is_rolled_back_from_the_record),
		cmocka_unit_test(test_quiesce_then_exec_keeps_what_was_before),
		cmocka_unit_test(test_second_run_is_refused),
		cmocka_unit_test(test_what_a_reset_killed_does_not_stop_the_jump),
		cmocka_unit_test(test_what_a_reset_killed_restarts_through_firmware_where_asked),
		cmocka_unit_test(test_resets_come_after_the_releases_and_the_clears),
		cmocka_unit_test(test_late_module_gets_what_is_left_before_the_jump),
		cmocka_unit_test(test_late_module_is_not_told_of_what_is_gone),
		cmocka_unit_test(test_late_module_takes_a_stuck_device_and_the_jump_goes_on),
		cmocka_unit_test(test_stuck_device_is_left_by_firmware_without_the_late_module),
		cmocka_unit_test(test_rollback_disarms_the_late_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
