// SPDX-License-Identifier: GPL-2.0-or-later
/* The last list before a jump: what is in it, what is not, and when all is called fine. */
#include "unit/fake/fake_pci.h"

#include "graph/scan.h"
#include "plan/plan.h"
#include "run/doubts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "/sys/devices/pci0000:00"
#define PORT HOST "/0000:00:01.0"
#define NIC  HOST "/0000:00:02.0"
#define GPU  HOST "/0000:00:03.0"
#define ODD  HOST "/0000:00:04.0"

struct bench {
	struct fake *fake;
	struct graph *graph;
	struct policy *policy;
	struct plan *plan;
	struct quiesce_result result;
	struct doubts doubts;
	char record_dir[96];
};

/* A port, and a NIC that goes. @more adds to the machine. */
static struct bench *bench_new(void (*more)(struct fake *fake))
{
	struct bench *b = calloc(1, sizeof(*b));
	struct error e = ERROR_NONE;

	b->fake = fake_new(NULL, NULL);
	fake_pci(b->fake, PORT, "pcieport", 0x060400, 0x0007, 1);
	fake_pci(b->fake, NIC, "e1000e", 0x020000, 0x0002, 0);
	if (more)
		more(b->fake);
	b->policy = policy_new();
	assert_int_equal(scan(b->fake->sys.root, &b->graph, &e), 0);
	assert_int_equal(policy_add_builtin(b->policy, &e), 0);
	assert_int_equal(plan_make(b->graph, b->policy, &(struct plan_options){ 0 }, &b->plan, &e),
			 0);
	b->result.plan = b->plan;
	b->result.results = calloc(b->plan->order_count + 1, sizeof(*b->result.results));
	for (size_t i = 0; i < b->plan->order_count; i++) {
		const struct device *device = b->plan->order[i]->device;

		sys_unbind(&b->fake->sys, device->bus, device->driver, device->name);
		b->result.results[i] = (struct release_result){
			.decision = b->plan->order[i],
			.outcome = OUTCOME_RELEASED,
			.inspected = true,
			.verdict = VERDICT_QUIET,
		};
	}
	return b;
}

static void bench_free(struct bench *b)
{
	free(b->result.results);
	plan_free(b->plan);
	policy_free(b->policy);
	graph_free(b->graph);
	fake_free(b->fake);
	free(b);
}

static void find(struct bench *b, bool late_armed)
{
	assert_int_equal(doubts_find(&b->fake->sys, &b->result, late_armed, &b->doubts), 0);
}

/* Of the one that is in the list. */
static const struct doubt *only(struct bench *b)
{
	find(b, false);
	assert_int_equal(b->doubts.count, 1);
	return &b->doubts.items[0];
}

static void put_command(struct bench *b, const char *path, uint8_t command)
{
	uint8_t config[64] = { 0x86, 0x80, 0x34, 0x12, command };
	char file[256];

	snprintf(file, sizeof(file), "%s/config", path);
	fake_bytes(b->fake, file, config, sizeof(config));
}

/* The port masters the bus, for others. */
static void all_quiet_is_fine(void **state)
{
	struct bench *b = bench_new(NULL);

	(void)state;
	find(b, false);
	assert_int_equal(b->doubts.count, 0);
	doubts_say(&b->fake->sys, &b->doubts);
	assert_int_equal(fake_log_count(b->fake, "kmsg kexit: fine: *"), 1);
	assert_int_equal(fake_log_count(b->fake, "kmsg *"), 1);
	bench_free(b);
}

static void what_masters_the_bus_is_named_with_who_clears_it(void **state)
{
	struct bench *b = bench_new(NULL);

	(void)state;
	put_command(b, NIC, 0x06);
	assert_string_equal(only(b)->what, "masters the bus");
	assert_string_equal(only(b)->reason, "the next kernel finds it so");
	fake_file(b->fake, NIC "/power_state", "D0\n");
	assert_string_equal(only(b)->reason, "the kernel's shutdown clears it");
	find(b, true);
	assert_string_equal(b->doubts.items[0].reason, "kexit_late clears it");
	assert_int_equal(b->doubts.masters, 1);
	doubts_say(&b->fake->sys, &b->doubts);
	assert_int_equal(fake_log_count(b->fake, "kmsg kexit: fine*"), 0);
	assert_int_equal(
		fake_log_count(b->fake, "kmsg kexit: 0000:00:02.0 e1000e: masters the bus: *"), 1);
	bench_free(b);
}

static void what_was_not_verified_is_named(void **state)
{
	struct bench *b = bench_new(NULL);

	(void)state;
	b->result.results[0].verdict = VERDICT_UNKNOWN;
	strcpy(b->result.results[0].why, "no decoder for class 0x020000 (8086:1234)");
	assert_string_equal(only(b)->what, "not verified");
	assert_string_equal(only(b)->reason, "no decoder for class 0x020000 (8086:1234)");
	assert_int_equal(b->doubts.unverified, 1);
	b->result.results[0].inspected = false;
	assert_string_equal(only(b)->reason, "nothing looked at it");
	bench_free(b);
}

static void what_runs_is_named_until_a_reset_quiets_it(void **state)
{
	struct bench *b = bench_new(NULL);
	struct look *looks = calloc(b->result.plan->decision_count, sizeof(*looks));
	size_t id = b->result.results[0].decision->device->id;

	(void)state;
	b->result.results[0].outcome = OUTCOME_NOT_QUIET;
	b->result.results[0].verdict = VERDICT_MASKED;
	strcpy(b->result.results[0].text, "RCTL=0x04008002 receiver on");
	assert_string_equal(only(b)->what, "masked");
	assert_string_equal(only(b)->reason, "RCTL=0x04008002 receiver on");
	looks[id] = (struct look){ .is_known = true, .verdict = VERDICT_QUIET };
	b->result.resets.looks = looks;
	find(b, false);
	assert_int_equal(b->doubts.count, 0);
	free(looks);
	bench_free(b);
}

static void add_gpu(struct fake *fake)
{
	fake_pci(fake, GPU, "bochs-drm", 0x030000, 0x0006, 0);
}

static void what_was_left_is_named(void **state)
{
	struct bench *b = bench_new(add_gpu);
	const struct doubt *item = only(b);

	(void)state;
	assert_string_equal(item->name, "0000:00:03.0");
	assert_string_equal(item->what, "left");
	assert_true(item->is_master && item->is_bound);
	assert_string_equal(item->reason, "display: an unbind may hang, and takes the picture");
	assert_int_equal(b->doubts.left, 1);
	doubts_say(&b->fake->sys, &b->doubts);
	assert_int_equal(fake_log_count(b->fake, "kmsg kexit: 0000:00:03.0 bochs-drm: left, "
						 "masters the bus: display: *"),
			 1);
	bench_free(b);
}

static void what_got_a_user_or_failed_is_named(void **state)
{
	struct bench *b = bench_new(NULL);

	(void)state;
	b->result.results[0].outcome = OUTCOME_LEFT;
	strcpy(b->result.results[0].text, "in use by now: ext4 on /");
	assert_string_equal(only(b)->what, "in use and left");
	strcpy(b->result.results[0].text, "sda needs it and is left");
	assert_string_equal(only(b)->what, "left");
	b->result.results[0].outcome = OUTCOME_STUCK;
	assert_string_equal(only(b)->what, "stuck");
	bench_free(b);
}

static void add_odd(struct fake *fake)
{
	fake_pci(fake, ODD, NULL, 0x118000, 0x0002, 0);
}

/* Its verdict is unknown, and stays so: nobody used it, and it masters nothing. */
static void what_nobody_drove_is_named_only_where_it_does_something(void **state)
{
	struct bench *b = bench_new(add_odd);

	(void)state;
	find(b, false);
	assert_int_equal(b->doubts.count, 0);
	put_command(b, ODD, 0x06);
	assert_string_equal(only(b)->what, "masters the bus");
	bench_free(b);
}

static void add_busy_odd(struct fake *fake)
{
	fake_pci(fake, ODD, NULL, 0x118000, 0x0006, 0);
}

/* The plan found it at the bus: that its Bus Master is off by now says nothing of its engine. */
static void what_mastered_the_bus_without_a_driver_has_to_be_verified(void **state)
{
	struct bench *b = bench_new(add_busy_odd);

	(void)state;
	put_command(b, ODD, 0x02);
	assert_string_equal(only(b)->what, "not verified");
	put_command(b, ODD, 0x06);
	assert_string_equal(only(b)->reason,
			    "nothing looked at it; Bus Master: the next kernel finds it so");
	bench_free(b);
}

static void the_record_has_the_list(void **state)
{
	struct bench *b = bench_new(add_gpu);
	struct record *record;
	json_t *events, *event, *list;
	char command[160];

	(void)state;
	snprintf(b->record_dir, sizeof(b->record_dir), "/dev/shm/kexit-doubts-%d", getpid());
	assert_int_equal(record_create(b->record_dir, "exec", &record, NULL), 0);
	find(b, false);
	doubts_record(record, &b->doubts);
	record_close(record);
	assert_int_equal(record_load(b->record_dir, false, &events, NULL), 0);
	event = json_array_get(events, json_array_size(events) - 1);
	assert_string_equal(json_string_value(json_object_get(event, "event")), "doubts");
	list = json_object_get(event, "functions");
	assert_int_equal(json_array_size(list), 1);
	event = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(event, "device")),
			    &GPU[strlen("/sys")]);
	assert_true(json_is_true(json_object_get(event, "bus_master")));
	json_decref(events);
	snprintf(command, sizeof(command), "rm -rf %s", b->record_dir);
	assert_int_equal(system(command), 0);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_quiet_is_fine),
		cmocka_unit_test(what_masters_the_bus_is_named_with_who_clears_it),
		cmocka_unit_test(what_was_not_verified_is_named),
		cmocka_unit_test(what_runs_is_named_until_a_reset_quiets_it),
		cmocka_unit_test(what_was_left_is_named),
		cmocka_unit_test(what_got_a_user_or_failed_is_named),
		cmocka_unit_test(what_nobody_drove_is_named_only_where_it_does_something),
		cmocka_unit_test(what_mastered_the_bus_without_a_driver_has_to_be_verified),
		cmocka_unit_test(the_record_has_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
