// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reset stage on a machine in a folder: a port with two functions below, and one function
 * beside it. Their class has no decoder, so that they are unknown once released.
 */
#include "unit/fake/fake_pci.h"

#include "graph/scan.h"
#include "plan/plan.h"
#include "run/resets.h"
#include "undo/rollback.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST	     "/sys/devices/pci0000:00"
#define PORT	     HOST "/0000:00:01.0"
#define HOTPLUG	     PORT "/0000:00:01.0:pcie004"
#define FIRST	     PORT "/0000:01:00.0"
#define OTHER	     PORT "/0000:01:00.1"
#define BESIDE	     HOST "/0000:00:02.0"
#define USB	     HOST "/0000:00:14.0"

#define RESET_FIRST  "write " FIRST "/reset 1 *"
#define RESET_OTHER  "write " OTHER "/reset 1 *"
#define RESET_BUS    "write " PORT "/reset_subordinate 1 *"
#define RESET_BESIDE "write " BESIDE "/reset 1 *"

struct bench {
	struct fake *fake;
	struct graph *graph;
	struct policy *policy;
	struct plan *plan;
	struct record *record;
	struct release_result *released;
	struct resets resets;
	char record_dir[96];
};

static struct bench *bench_new(const struct fake_fault *faults)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->fake = fake_new(NULL, faults);
	fake_pci(b->fake, PORT, "pcieport", 0x060400, 0x0007, 1);
	fake_pci(b->fake, FIRST, "first", 0xff0000, 0x0002, 0);
	fake_pci(b->fake, OTHER, "other", 0xff0000, 0x0002, 0);
	fake_pci(b->fake, BESIDE, "beside", 0xff0000, 0x0002, 0);
	fake_file(b->fake, FIRST "/reset", "");
	fake_file(b->fake, FIRST "/reset_method", "flr\n");
	fake_file(b->fake, OTHER "/reset", "");
	fake_file(b->fake, BESIDE "/reset", "");
	fake_file(b->fake, PORT "/reset_subordinate", "");
	snprintf(b->record_dir, sizeof(b->record_dir), "/dev/shm/kexit-resets-%d", getpid());
	assert_int_equal(record_create(b->record_dir, "exec", &b->record, NULL), 0);
	return b;
}

static int setup(void **state)
{
	*state = bench_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	char command[160];

	snprintf(command, sizeof(command), "rm -rf %s", b->record_dir);
	record_close(b->record);
	assert_int_equal(system(command), 0);
	free(b->released);
	plan_free(b->plan);
	policy_free(b->policy);
	graph_free(b->graph);
	fake_free(b->fake);
	free(b);
	return 0;
}

/* A plan, with everything that it releases released; each was unknown afterwards. */
static void release_all(struct bench *b, enum reset_mode mode)
{
	const struct plan_options options = { .reset = mode };
	struct error e = ERROR_NONE;

	b->policy = policy_new();
	assert_int_equal(scan(b->fake->sys.root, &b->graph, &e), 0);
	assert_int_equal(policy_add_builtin(b->policy, &e), 0);
	assert_int_equal(plan_make(b->graph, b->policy, &options, &b->plan, &e), 0);
	b->released = calloc(b->plan->order_count + 1, sizeof(*b->released));
	for (size_t i = 0; i < b->plan->order_count; i++) {
		const struct device *device = b->plan->order[i]->device;

		sys_unbind(&b->fake->sys, device->bus, device->driver, device->name);
		b->released[i] = (struct release_result){
			.decision = b->plan->order[i],
			.outcome = OUTCOME_RELEASED,
			.inspected = true,
			.verdict = VERDICT_UNKNOWN,
		};
	}
}

static void say_verdict(struct bench *b, const char *name, enum verdict verdict)
{
	for (size_t i = 0; i < b->plan->order_count; i++)
		if (!strcmp(b->released[i].decision->device->name, name))
			b->released[i].verdict = verdict;
}

static void reset_them(struct bench *b)
{
	const struct resets_options options = { .wake_fd = -1, .deadline_ms = 5000 };

	assert_int_equal(
		resets_run(&b->fake->sys, b->plan, b->released, b->record, &options, &b->resets),
		0);
}

static int times(struct bench *b, const char *line)
{
	return fake_log_count(b->fake, line);
}

static void what_is_unknown_is_reset_by_its_own_method(void **state)
{
	struct bench *b = *state;

	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(times(b, RESET_FIRST), 1);
	assert_int_equal(times(b, RESET_OTHER), 1);
	assert_int_equal(times(b, RESET_BESIDE), 1);
	assert_int_equal(times(b, RESET_BUS), 0);
	assert_int_equal(b->resets.summary.done, 3);
	assert_true(resets_have_quieted(&b->resets, graph_lookup(b->graph, "0000:00:02.0")));
}

static void what_is_quiet_is_not_reset(void **state)
{
	struct bench *b = *state;

	release_all(b, RESET_MODE_AUTO);
	say_verdict(b, "0000:01:00.0", VERDICT_QUIET);
	say_verdict(b, "0000:01:00.1", VERDICT_LIVE);
	say_verdict(b, "0000:00:02.0", VERDICT_QUIET);
	reset_them(b);
	assert_int_equal(times(b, "write */reset*"), 1);
	assert_int_equal(times(b, RESET_OTHER), 1);
	assert_string_equal(b->resets.results[0].why, "live");
}

static void nothing_is_reset_with_none(void **state)
{
	struct bench *b = *state;

	release_all(b, RESET_MODE_NONE);
	reset_them(b);
	assert_int_equal(times(b, "write */reset*"), 0);
	assert_int_equal(b->resets.count, 0);
}

static void all_takes_the_biggest_domains(void **state)
{
	struct bench *b = *state;

	release_all(b, RESET_MODE_ALL);
	say_verdict(b, "0000:01:00.0", VERDICT_QUIET);
	reset_them(b);
	assert_int_equal(times(b, RESET_BUS), 1);
	assert_int_equal(times(b, RESET_BESIDE), 1);
	assert_int_equal(times(b, "write */reset*"), 2);
}

static void a_bus_that_one_needs_resets_no_other_twice(void **state)
{
	struct bench *b = *state;
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm %s%s/reset", b->fake->tree, OTHER);
	assert_int_equal(system(command), 0);
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(times(b, RESET_BUS), 1);
	assert_int_equal(times(b, RESET_FIRST), 0);
}

static void a_pm_reset_is_not_enough_for_what_no_decoder_knows(void **state)
{
	struct bench *b = *state;

	fake_file(b->fake, OTHER "/reset_method", "pm bus\n");
	release_all(b, RESET_MODE_AUTO);
	say_verdict(b, "0000:01:00.0", VERDICT_QUIET);
	reset_them(b);
	assert_int_equal(times(b, RESET_BUS), 1);
	assert_int_equal(times(b, RESET_OTHER), 0);
}

static void a_function_without_a_domain_is_told(void **state)
{
	struct bench *b = *state;
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm %s%s/reset", b->fake->tree, BESIDE);
	assert_int_equal(system(command), 0);
	release_all(b, RESET_MODE_AUTO);
	say_verdict(b, "0000:00:02.0", VERDICT_MASKED);
	reset_them(b);
	assert_int_equal(b->resets.unreset_count, 1);
	assert_string_equal(b->resets.unreset[0].device->name, "0000:00:02.0");
	assert_string_equal(b->resets.unreset[0].reason,
			    "the kernel offers no reset method for it");
	assert_int_equal(b->resets.summary.running, 1);
	assert_false(resets_have_quieted(&b->resets, graph_lookup(b->graph, "0000:00:02.0")));
}

static int refuse_flr(struct fake *fake, const char *path)
{
	(void)fake;
	return strcmp(path, FIRST) ? 0 : -ENOTTY;
}

static void a_refused_reset_is_tried_by_the_bus(void **state)
{
	struct bench *b = *state;

	b->fake->reset = refuse_flr;
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(times(b, RESET_FIRST), 1);
	assert_int_equal(times(b, RESET_BUS), 1);
	assert_true(fake_log_find(b->fake, RESET_BUS) > fake_log_find(b->fake, RESET_OTHER));
	assert_int_equal(b->resets.summary.refused, 1);
	assert_true(resets_have_quieted(&b->resets, graph_lookup(b->graph, "0000:01:00.0")));
}

static int refuse_bus(struct fake *fake, const char *path)
{
	(void)fake;
	return strcmp(path, PORT) ? 0 : -ENOTTY;
}

static void a_bus_that_is_refused_is_followed_by_its_functions(void **state)
{
	struct bench *b = *state;

	b->fake->reset = refuse_bus;
	release_all(b, RESET_MODE_ALL);
	reset_them(b);
	assert_int_equal(times(b, RESET_BUS), 1);
	assert_int_equal(times(b, RESET_FIRST), 1);
	assert_int_equal(times(b, RESET_OTHER), 1);
	assert_int_equal(b->resets.summary.done, 3);
}

static void what_is_still_bound_keeps_its_bus_and_leaves_it_to_the_module(void **state)
{
	static const struct fake_fault faults[] = {
		{ "unbind", "0000:01:00.1", FAKE_ERRNO, -EPERM }, { 0 }
	};
	struct bench *b = bench_new(faults);

	*state = b;
	b->fake->reset = refuse_flr;
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(times(b, RESET_OTHER), 0);
	assert_int_equal(times(b, RESET_BUS), 0);
	assert_int_equal(b->resets.late_count, 1);
	assert_string_equal(b->resets.late[0]->device->name, "0000:00:01.0");
}

static void what_went_with_something_else_is_left_alone(void **state)
{
	struct bench *b = *state;
	char command[PATH_MAX];

	release_all(b, RESET_MODE_AUTO);
	snprintf(command, sizeof(command), "rm -r %s%s", b->fake->tree, BESIDE);
	assert_int_equal(system(command), 0);
	reset_them(b);
	assert_int_equal(b->resets.count, 2);
	assert_int_equal(b->resets.unreset_count, 0);
}

static int reset_kills(struct fake *fake, const char *path)
{
	char config[256];

	if (strcmp(path, BESIDE) != 0)
		return 0;
	snprintf(config, sizeof(config), "%s/config", path);
	fake_bytes(fake, config, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	return 0;
}

static void a_function_that_does_not_come_back_is_dead_and_named(void **state)
{
	struct bench *b = *state;

	b->fake->reset = reset_kills;
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(b->resets.summary.dead, 1);
	assert_int_equal(b->resets.summary.done, 2);
	assert_int_equal(b->resets.unreset_count, 0);
}

static void a_write_that_does_not_return_is_stuck(void **state)
{
	static const struct fake_fault faults[] = { { "write", BESIDE "/reset", FAKE_HANG, 0 },
						    { 0 } };
	struct bench *b = bench_new(faults);

	*state = b;
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(b->resets.summary.stuck, 1);
	assert_int_equal(b->resets.summary.done, 2);
}

/* Ends when all three have begun: were one to wait for another, that would be never. */
static int wait_for_the_others(struct fake *fake, const char *path)
{
	(void)path;
	sys_kmsg(&fake->sys, "begun");
	for (int i = 0; i < 400 && fake_log_count(fake, "kmsg begun*") < 3; i++)
		usleep(10000);
	return fake_log_count(fake, "kmsg begun*") == 3 ? 0 : -EIO;
}

static void domains_are_reset_together(void **state)
{
	struct bench *b = *state;

	b->fake->reset = wait_for_the_others;
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(b->resets.summary.done, 3);
}

static void pciehp_goes_first_and_comes_back_by_a_rollback(void **state)
{
	struct rollback_result result = { 0 };
	struct bench *b = *state;
	json_t *events;

	fake_device(b->fake, HOTPLUG, "pci_express", "pciehp");
	release_all(b, RESET_MODE_ALL);
	reset_them(b);
	assert_int_equal(times(b, "unbind 0000:00:01.0:pcie004 pci_express/pciehp = 0"), 1);
	assert_true(fake_log_find(b->fake, "unbind 0000:00:01.0:pcie004*") <
		    fake_log_find(b->fake, RESET_BUS));
	assert_int_equal(record_load(b->record_dir, false, &events, NULL), 0);
	assert_int_equal(rollback_run(&b->fake->sys, b->record, events, NULL, &result), 0);
	assert_true(sysroot_exists(b->fake->sys.root, HOTPLUG "/driver"));
	json_decref(events);
	json_decref(result.names);
}

static void pciehp_that_will_not_go_prevents_the_reset(void **state)
{
	static const struct fake_fault faults[] = { { "unbind", "*:pcie004", FAKE_PRETEND, 0 },
						    { 0 } };
	struct bench *b = bench_new(faults);

	*state = b;
	fake_device(b->fake, HOTPLUG, "pci_express", "pciehp");
	release_all(b, RESET_MODE_ALL);
	reset_them(b);
	assert_int_equal(times(b, RESET_BUS), 0);
	assert_int_equal(b->resets.summary.refused, 1);
}

static void bus_master_is_off_before_and_after(void **state)
{
	struct bench *b = *state;
	struct pci_config config;

	release_all(b, RESET_MODE_AUTO);
	sys_config_write16(&b->fake->sys, BESIDE, PCI_REG_COMMAND, PCI_CMD_MASTER, PCI_CMD_MASTER);
	reset_them(b);
	assert_int_equal(pci_config_read(b->fake->sys.root, BESIDE, &config), 0);
	assert_int_equal(pci_config_u16(&config, PCI_REG_COMMAND) & PCI_CMD_MASTER, 0);
	assert_true(fake_log_find(b->fake, "config " BESIDE " 0x4 0x4 0 = 0") <
		    fake_log_find(b->fake, RESET_BESIDE));
}

/* What was at work there is read again: Bus Master went off since. Here nothing can be read. */
static void what_the_stage_before_saw_quiet_is_not_read_again(void **state)
{
	static const struct {
		enum verdict seen, known;
	} cases[] = { { VERDICT_QUIET, VERDICT_QUIET }, { VERDICT_MASKED, VERDICT_UNREADABLE } };
	struct bench *b = *state;
	const struct device *usb;

	fake_pci(b->fake, USB, NULL, 0x0c0330, 0x0002, 0);
	fake_file(b->fake, USB "/reset", "");
	release_all(b, RESET_MODE_AUTO);
	usb = graph_lookup(b->graph, "0000:00:14.0");
	assert_int_equal(b->plan->halts.may, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct halt_result result = { .halt = &b->plan->halts.list[0],
					      .is_known = true,
					      .report = { .after = cases[i].seen } };
		const struct halts halts = { .results = &result, .count = 1 };
		const struct resets_options options = { .wake_fd = -1,
							.deadline_ms = 5000,
							.halts = &halts };

		assert_int_equal(resets_run(&b->fake->sys, b->plan, b->released, b->record,
					    &options, &b->resets),
				 0);
		assert_true(b->resets.looks[usb->id].is_known);
		assert_int_equal(b->resets.looks[usb->id].verdict, cases[i].known);
	}
}

#define T(name)	       cmocka_unit_test_setup_teardown(name, setup, teardown)
/* It makes its own machine, with faults. */
#define T_FAULTY(name) cmocka_unit_test_teardown(name, teardown)

/* ---- what must not be hit */

static void make_raid(struct bench *b, const char *class_attribute)
{
	fake_file(b->fake, class_attribute, "0x010400\n");
}

static void remove_file(struct bench *b, const char *path)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm %s%s", b->fake->tree, path);
	assert_int_equal(system(command), 0);
}

static void a_raid_controller_that_nobody_can_read_is_not_reset(void **state)
{
	struct bench *b = *state;

	make_raid(b, OTHER "/class");
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(times(b, RESET_OTHER), 0);
	assert_int_equal(times(b, RESET_FIRST), 1);
	assert_int_equal(times(b, RESET_BUS), 0);
}

static void a_raid_controller_that_runs_is_reset(void **state)
{
	struct bench *b = *state;

	make_raid(b, OTHER "/class");
	release_all(b, RESET_MODE_AUTO);
	say_verdict(b, "0000:01:00.1", VERDICT_LIVE);
	reset_them(b);
	assert_int_equal(times(b, RESET_OTHER), 1);
}

/* Nor for the sake of the function beside it, by the bus, nor left to the late module for that. */
static void a_raid_controller_is_not_reset_along_with_its_bus(void **state)
{
	struct bench *b = *state;

	make_raid(b, OTHER "/class");
	remove_file(b, FIRST "/reset");
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	assert_int_equal(times(b, RESET_BUS), 0);
	assert_int_equal(b->resets.unreset_count, 1);
	assert_int_equal(b->resets.late_count, 0);
}

static void all_does_not_mean_a_raid_controller_that_is_idle(void **state)
{
	struct bench *b = *state;

	make_raid(b, OTHER "/class");
	release_all(b, RESET_MODE_ALL);
	reset_them(b);
	assert_int_equal(times(b, RESET_BUS), 0);
	assert_int_equal(times(b, RESET_OTHER), 0);
	assert_int_equal(times(b, RESET_FIRST), 1);
}

/* An NVMe controller in the middle of its shutdown. */
static void what_ends_by_itself_is_not_reset(void **state)
{
	struct bench *b = *state;

	release_all(b, RESET_MODE_AUTO);
	say_verdict(b, "0000:01:00.1", VERDICT_MASKED);
	for (size_t i = 0; i < b->plan->order_count; i++)
		if (!strcmp(b->released[i].decision->device->name, "0000:01:00.1"))
			b->released[i].is_ending = true;
	remove_file(b, FIRST "/reset");
	reset_them(b);
	assert_int_equal(times(b, RESET_OTHER), 0);
	assert_int_equal(times(b, RESET_BUS), 0);
}

/* 256 bytes of config space of a function that nobody drives: Interrupt Status, and a pin. */
static void an_interrupt_of_what_nobody_drove_is_no_reason(void **state)
{
	static const uint8_t config[256] = {
		0x86, 0x80, 0x34, 0x12, 0x02, 0, 0x08, 0, [11] = 0xff, [0x3d] = 1,
	};
	struct bench *b = *state;
	const struct device *device;

	fake_pci(b->fake, HOST "/0000:00:05.0", NULL, 0xff0000, 0x0002, 0);
	fake_bytes(b->fake, HOST "/0000:00:05.0/config", config, sizeof(config));
	fake_file(b->fake, HOST "/0000:00:05.0/reset", "");
	release_all(b, RESET_MODE_AUTO);
	reset_them(b);
	device = graph_lookup(b->graph, "0000:00:05.0");
	assert_int_equal(times(b, "write " HOST "/0000:00:05.0/reset *"), 0);
	assert_int_equal(b->resets.looks[device->id].verdict, VERDICT_LIVE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(a_raid_controller_that_nobody_can_read_is_not_reset),
		T(a_raid_controller_that_runs_is_reset),
		T(a_raid_controller_is_not_reset_along_with_its_bus),
		T(all_does_not_mean_a_raid_controller_that_is_idle),
		T(what_ends_by_itself_is_not_reset),
		T(an_interrupt_of_what_nobody_drove_is_no_reason),
		T(what_is_unknown_is_reset_by_its_own_method),
		T(what_is_quiet_is_not_reset),
		T(nothing_is_reset_with_none),
		T(all_takes_the_biggest_domains),
		T(a_bus_that_one_needs_resets_no_other_twice),
		T(a_pm_reset_is_not_enough_for_what_no_decoder_knows),
		T(a_function_without_a_domain_is_told),
		T(a_refused_reset_is_tried_by_the_bus),
		T(a_bus_that_is_refused_is_followed_by_its_functions),
		T_FAULTY(what_is_still_bound_keeps_its_bus_and_leaves_it_to_the_module),
		T(what_went_with_something_else_is_left_alone),
		T(a_function_that_does_not_come_back_is_dead_and_named),
		T_FAULTY(a_write_that_does_not_return_is_stuck),
		T(domains_are_reset_together),
		T(pciehp_goes_first_and_comes_back_by_a_rollback),
		T_FAULTY(pciehp_that_will_not_go_prevents_the_reset),
		T(bus_master_is_off_before_and_after),
		T(what_the_stage_before_saw_quiet_is_not_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
