// SPDX-License-Identifier: GPL-2.0-or-later
/* Locks that are held when kexit begins: waited for, bounded, and what is behind them is left. */
#include "unit/fake/fake_pci.h"

#include "graph/scan.h"
#include "plan/plan.h"
#include "run/arrivals.h"
#include "run/probes.h"
#include "sys/pci.h"

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

#define HOST  "/sys/devices/pci0000:00"
#define SLOW  HOST "/0000:00:01.0"
#define OTHER HOST "/0000:00:02.0"
#define LATE  HOST "/0000:00:03.0"

static struct fake *machine;
static const struct sys_ops *fake_ops;

/* SLOW's probe is under way: it ends, and LATE is found meanwhile. */
static int end_a_probe(void *context, const char *path, const char *value)
{
	if (!strncmp(path, SLOW, strlen(SLOW))) {
		usleep(500000);
		fake_pci(machine, LATE, "nvme", 0x010802, 0x0006, 0);
	}
	return fake_ops->write(context, path, value);
}

static void setup(const struct fake_fault *faults)
{
	machine = fake_new(NULL, faults);
	fake_pci(machine, SLOW, "slow", 0x020000, 0x0006, 0);
	fake_pci(machine, OTHER, "e1000e", 0x020000, 0x0006, 0);
	fake_file(machine, "/proc/self/mountinfo", "");
	fake_file(machine, "/proc/swaps", "Filename\n");
	fake_file(machine, "/kexit-capture/claims", "");
}

static char told[256];

static void note(const char *line)
{
	snprintf(told, sizeof(told), "%s", line);
}

static void test_free_locks_take_no_wait_and_nothing_is_changed(void **state)
{
	const struct probes_options options = { .note = note };
	struct probes probes;

	(void)state;
	setup(NULL);
	assert_int_equal(probes_wait(&machine->sys, &options, &probes), 0);
	assert_int_equal(probes.count, 0);
	assert_int_equal(fake_log_count(machine, "write */power/control auto = 0"), 2);
	assert_int_equal(fake_log_count(machine, "*"), 2);
	probes_done(&probes);
	fake_free(machine);
}

static void test_a_probe_that_ends_is_waited_for_and_what_it_brings_is_asked(void **state)
{
	const struct probes_options options = { .note = note };
	struct sys_ops ops;
	struct probes probes;

	(void)state;
	setup(NULL);
	fake_ops = machine->sys.ops;
	ops = *fake_ops;
	ops.write = end_a_probe;
	machine->sys.ops = &ops;
	assert_int_equal(probes_wait(&machine->sys, &options, &probes), 0);
	assert_int_equal(probes.count, 0);
	assert_int_equal(fake_log_count(machine, "write " LATE "/power/control auto = 0"), 1);
	probes_done(&probes);
	machine->sys.ops = fake_ops;
	fake_free(machine);
}

static void test_a_lock_that_stays_held_is_bounded_named_and_left(void **state)
{
	static const struct fake_fault faults[] = {
		{ "write", SLOW "/power/control", FAKE_HANG, 0 },
		{ 0 },
	};
	const struct probes_options options = { .limit_ms = 2500, .note = note };
	struct plan_options plan_options = { 0 };
	struct policy *policy = policy_new();
	struct error e = ERROR_NONE;
	struct probes probes;
	struct graph *graph;
	struct plan *plan;

	(void)state;
	setup(faults);
	assert_int_equal(probes_wait(&machine->sys, &options, &probes), 0);
	assert_int_equal(probes.count, 1);
	assert_string_equal(told, "0000:00:01.0: waiting for its lock; its probe may be under way");
	/* The others are asked all the same. */
	assert_int_equal(fake_log_count(machine, "write " OTHER "/power/control auto = 0"), 1);
	assert_int_equal(scan(machine->sys.root, &graph, &e), 0);
	assert_int_equal(probes_mark(&probes, graph), 0);
	assert_int_equal(policy_add_builtin(policy, &e), 0);
	assert_int_equal(plan_make(graph, policy, &plan_options, &plan, &e), 0);
	assert_int_equal(plan->order_count, 1);
	assert_string_equal(plan->order[0]->device->name, "0000:00:02.0");
	plan_free(plan);
	graph_free(graph);
	policy_free(policy);
	probes_done(&probes);
	fake_free(machine);
}

/* A reset that hangs keeps the config space to itself: nobody reads it from here on. */
static void test_config_space_of_what_is_busy_is_not_read(void **state)
{
	static const struct fake_fault faults[] = {
		{ "write", SLOW "/power/control", FAKE_HANG, 0 },
		{ 0 },
	};
	const struct probes_options options = { .limit_ms = 200 };
	struct pci_config config;
	struct probes probes;

	(void)state;
	setup(faults);
	assert_int_equal(probes_wait(&machine->sys, &options, &probes), 0);
	assert_int_equal(pci_config_read(machine->sys.root, SLOW, &config), -ETIMEDOUT);
	assert_int_equal(pci_config_read(machine->sys.root, OTHER, &config), 0);
	probes_done(&probes);
	fake_free(machine);
}

static void test_what_came_after_the_plan_is_named(void **state)
{
	struct error e = ERROR_NONE;
	struct graph *graph;
	struct record *record;
	char dir[64], command[96];

	(void)state;
	setup(NULL);
	snprintf(dir, sizeof(dir), "/dev/shm/kexit-probes-%d", getpid());
	assert_int_equal(record_create(dir, "test", &record, &e), 0);
	assert_int_equal(scan(machine->sys.root, &graph, &e), 0);
	assert_int_equal(arrivals_tell(&machine->sys, graph, record, note), 0);
	fake_pci(machine, LATE, "nvme", 0x010802, 0x0006, 0);
	assert_int_equal(arrivals_tell(&machine->sys, graph, record, note), 1);
	assert_string_equal(told, "0000:00:03.0 (nvme): came after the plan was made; left to "
				  "shutdown()");
	record_close(record);
	graph_free(graph);
	fake_free(machine);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_free_locks_take_no_wait_and_nothing_is_changed),
		cmocka_unit_test(test_a_probe_that_ends_is_waited_for_and_what_it_brings_is_asked),
		cmocka_unit_test(test_a_lock_that_stays_held_is_bounded_named_and_left),
		cmocka_unit_test(test_config_space_of_what_is_busy_is_not_read),
		cmocka_unit_test(test_what_came_after_the_plan_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
