// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The halt stage on a USB controller (xHCI) in a folder of this machine, so that its registers can be
 * mapped: it runs, and no driver holds it.
 */
#include "unit/inspect/test_inspect_fake.h"

#include "halt/stage.h"
#include "plan/plan.h"
#include "run/doubts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NAME	 "0000:00:14.0"
#define USBCMD	 0x20 /* CAPLENGTH is 20h */
#define USBSTS	 0x24

#define BAR_SIZE 0x1000

static char folder[64]; /* the function's */

/* ---- the controller */

enum obedience { OBEYS, RUNS_ON, REFUSED };
static enum obedience obedience;

static void path_of(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

static void put(const char *name, const void *data, size_t size, off_t at)
{
	char path[128];
	int fd;

	path_of(path, sizeof(path), name);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, size, at), (ssize_t)size);
	close(fd);
}

static uint32_t register_now(off_t offset)
{
	uint32_t value = 0;
	char path[128];
	int fd;

	path_of(path, sizeof(path), "resource0");
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &value, sizeof(value), offset), sizeof(value));
	close(fd);
	return value;
}

/* In a worker: what it is told is taken, and with the run bit gone it halts, unless a test says else. */
static int register_write(void *context, const char *path, unsigned int bar, uint64_t offset,
			  unsigned int width, uint32_t value)
{
	static const uint32_t halted = 1;
	int r;

	if (obedience == REFUSED)
		return -EPERM;
	r = sys_ops_live.register_write(context, path, bar, offset, width, value);
	if (obedience == OBEYS && offset == USBCMD && !(value & 1))
		put("resource0", &halted, sizeof(halted), USBSTS);
	return r;
}

static const struct sys_ops ops = { .register_write = register_write };

/* ---- the bench */

struct bench {
	struct sys sys;
	struct graph *graph;
	struct policy *policy;
	struct plan *plan;
	struct record *record;
	struct halts halts;
	char parent[32], record_dir[96];
};

static void put_controller(void)
{
	static const char resource[] = "0x00000000fe000000 0x00000000fe000fff 0x0000000000040200\n";
	static const uint8_t registers[BAR_SIZE] = { [0] = 0x20, [3] = 0x01, [USBCMD] = 0x05 };
	struct fake unused = { 0 };
	struct function f;

	fake_function(&f, &unused, 0x0c0330, 0x8086, 0x1234, 0);
	put("config", f.config.bytes, PCI_CONFIG_SIZE, 0);
	put("resource", resource, sizeof(resource) - 1, 0);
	put("resource0", registers, sizeof(registers), 0);
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	char path[96];
	struct device *device;

	obedience = OBEYS;
	strcpy(b->parent, "/tmp/kexit-halts-XXXXXX");
	assert_non_null(mkdtemp(b->parent));
	snprintf(folder, sizeof(folder), "%s/" NAME, b->parent);
	assert_int_equal(mkdir(folder, 0755), 0);
	put_controller();
	snprintf(b->record_dir, sizeof(b->record_dir), "/dev/shm/kexit-halts-%d", getpid());
	assert_int_equal(record_create(b->record_dir, "exec", &b->record, NULL), 0);
	assert_int_equal(sysroot_open(NULL, &b->sys.root), 0);
	b->sys.ops = &ops;
	b->graph = graph_new();
	snprintf(path, sizeof(path), "/..%s", folder);
	device = graph_add_device(b->graph, path, "pci");
	device->pci = arena_alloc(b->graph->arena, sizeof(*device->pci));
	*device->pci = (struct pci_facts){ .class_code = 0x0c0330, .has_config = true };
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	char command[200];

	record_close(b->record);
	plan_free(b->plan);
	policy_free(b->policy);
	graph_free(b->graph);
	sysroot_close(b->sys.root);
	snprintf(command, sizeof(command), "rm -r %s %s", b->parent, b->record_dir);
	assert_int_equal(system(command), 0);
	free(b);
	return 0;
}

static void plan(struct bench *b, enum halt_mode mode)
{
	const struct plan_options options = { .halt = mode };
	struct error e = ERROR_NONE;

	b->policy = policy_new();
	assert_int_equal(policy_add_builtin(b->policy, &e), 0);
	assert_int_equal(plan_make(b->graph, b->policy, &options, &b->plan, &e), 0);
}

static void halt_them(struct bench *b)
{
	const struct halts_options options = { .wake_fd = -1 };

	assert_int_equal(halts_run(&b->sys, b->graph, b->plan, b->record, &options, &b->halts), 0);
}

/* The event of that kind, which the caller releases with all others: *@ret_events. */
static const json_t *event_of(struct bench *b, const char *kind, json_t **ret_events)
{
	const json_t *event;
	size_t i;

	assert_int_equal(record_load(b->record_dir, false, ret_events, NULL), 0);
	json_array_foreach (*ret_events, i, event)
		if (!strcmp(json_string_value(json_object_get(event, "event")), kind))
			return event;
	return NULL;
}

static void assert_field(const json_t *event, const char *name, const char *value)
{
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, name)), value);
}

static void assert_no_event(struct bench *b, const char *kind)
{
	json_t *events;

	assert_null(event_of(b, kind, &events));
	json_decref(events);
}

/* ---- */

static void what_runs_is_halted_and_recorded(void **state)
{
	struct bench *b = *state;
	json_t *events;

	plan(b, HALT_MODE_AUTO);
	halt_them(b);
	assert_int_equal(b->halts.halted, 1);
	assert_int_equal(b->halts.failed, 0);
	assert_int_equal(b->halts.results[0].report.after, VERDICT_QUIET);
	assert_int_equal(register_now(USBCMD), 0x04);
	assert_field(event_of(b, "halt", &events), "section", "xHCI 1.2 5.4.1.1");
	json_decref(events);
	assert_field(event_of(b, "halt", &events), "verdict", "masked");
	json_decref(events);
	assert_field(event_of(b, "halted", &events), "outcome", "halted");
	json_decref(events);
	assert_field(event_of(b, "halted", &events), "verdict", "quiet");
	json_decref(events);
}

static void what_runs_on_stays_masked_and_is_named(void **state)
{
	struct bench *b = *state;
	json_t *events;

	obedience = RUNS_ON;
	plan(b, HALT_MODE_AUTO);
	halt_them(b);
	assert_int_equal(b->halts.failed, 1);
	assert_int_equal(b->halts.results[0].report.after, VERDICT_MASKED);
	assert_int_equal(b->halts.results[0].report.code, -ETIMEDOUT);
	assert_field(event_of(b, "halted", &events), "outcome", "not-quiet");
	json_decref(events);
	assert_field(event_of(b, "halted", &events), "errno", "ETIMEDOUT");
	json_decref(events);
}

static void what_the_kernel_refuses_is_said_and_stays(void **state)
{
	struct bench *b = *state;
	json_t *events;
	const json_t *event;

	obedience = REFUSED;
	plan(b, HALT_MODE_AUTO);
	halt_them(b);
	assert_int_equal(register_now(USBCMD), 0x05);
	event = event_of(b, "halted", &events);
	assert_field(event, "outcome", "refused");
	assert_field(event, "verdict", "masked");
	assert_field(event, "errno", "EPERM");
	assert_non_null(strstr(json_string_value(json_object_get(event, "reason")), "EPERM"));
	json_decref(events);
}

/* The plan saw no driver; one came while others were released. */
static void what_a_driver_took_since_is_not_touched(void **state)
{
	struct bench *b = *state;
	char path[128];

	plan(b, HALT_MODE_AUTO);
	path_of(path, sizeof(path), "driver");
	assert_int_equal(symlink("../../bus/pci/drivers/xhci_hcd", path), 0);
	halt_them(b);
	assert_int_equal(register_now(USBCMD), 0x05);
	assert_false(b->halts.results[0].was_asked);
	assert_no_event(b, "halt");
}

static void what_is_quiet_is_looked_at_only(void **state)
{
	static const uint32_t stopped = 0x04, halted = 0x01;
	struct bench *b = *state;

	put("resource0", &stopped, sizeof(stopped), USBCMD);
	put("resource0", &halted, sizeof(halted), USBSTS);
	plan(b, HALT_MODE_AUTO);
	halt_them(b);
	assert_true(b->halts.results[0].is_known);
	assert_int_equal(b->halts.results[0].report.after, VERDICT_QUIET);
	assert_no_event(b, "halt");
}

static void nothing_is_halted_with_none(void **state)
{
	struct bench *b = *state;

	plan(b, HALT_MODE_NONE);
	halt_them(b);
	assert_int_equal(register_now(USBCMD), 0x05);
	assert_null(b->halts.results);
	assert_no_event(b, "halt");
}

static void what_went_away_is_no_failure(void **state)
{
	struct bench *b = *state;
	char command[128];

	plan(b, HALT_MODE_AUTO);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	halt_them(b);
	assert_int_equal(b->halts.failed, 0);
	assert_no_event(b, "halt");
}

/* Without a reset stage its word is the last one. */
static void the_last_list_knows_of_it(void **state)
{
	struct bench *b = *state;
	struct quiesce_result result = { 0 };
	struct doubts doubts;

	obedience = RUNS_ON;
	plan(b, HALT_MODE_AUTO);
	halt_them(b);
	result.plan = b->plan;
	result.halts = b->halts;
	assert_int_equal(doubts_find(&b->sys, &result, false, &doubts), 0);
	assert_int_equal(doubts.count, 1);
	assert_string_equal(doubts.items[0].what, "masked");
	assert_non_null(strstr(doubts.items[0].reason, "USBSTS"));
	b->halts.results[0].report.after = VERDICT_QUIET;
	assert_int_equal(doubts_find(&b->sys, &result, false, &doubts), 0);
	assert_int_equal(doubts.count, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_runs_is_halted_and_recorded),
		T(what_runs_on_stays_masked_and_is_named),
		T(what_the_kernel_refuses_is_said_and_stays),
		T(what_a_driver_took_since_is_not_touched),
		T(what_is_quiet_is_looked_at_only),
		T(nothing_is_halted_with_none),
		T(what_went_away_is_no_failure),
		T(the_last_list_knows_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
