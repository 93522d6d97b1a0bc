// SPDX-License-Identifier: GPL-2.0-or-later
/* The list for the late module; see late_stage.h. */
#include "run/late_stage.h"

#include "base/map.h"
#include "host/late.h"
#include "run/pci_master.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Below this a busy machine's shutdown() would be cut that has nothing wrong. */
#define SHORTEST_BOUND_MS 60000

struct names {
	const char **names;
	size_t count;
	struct map *listed; /* a machine may have 10,000 functions */
};

/* At most one name of each kind for a device of the machine. */
struct draft {
	const struct sys *sys;
	const struct quiesce_result *result;
	struct names clears, resets, stuck;
	bool *is_stuck; /* by device->id */
};

static int draft_init(struct draft *draft, const struct sys *sys,
		      const struct quiesce_result *result)
{
	struct names *const all[] = { &draft->clears, &draft->resets, &draft->stuck };
	const struct plan *plan = result->plan;

	*draft = (struct draft){
		.sys = sys,
		.result = result,
		.is_stuck = arena_alloc(plan->arena, plan->decision_count + 1),
	};
	if (!draft->is_stuck)
		return -ENOMEM;
	for (size_t i = 0; i < plan->order_count; i++)
		draft->is_stuck[plan->order[i]->device->id] =
			result->results[i].outcome == OUTCOME_STUCK;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		all[i]->names = arena_alloc(plan->arena,
					    (plan->decision_count + result->earlier.count + 1) *
						    sizeof(*all[i]->names));
		all[i]->listed = map_new();
		if (!all[i]->names || !all[i]->listed)
			return -ENOMEM;
	}
	return 0;
}

static void draft_done(struct draft *draft)
{
	map_free(draft->clears.listed);
	map_free(draft->resets.listed);
	map_free(draft->stuck.listed);
}

/* Not what went since the plan was made (a VF with its PF). What goes after this look the module
 * leaves out itself, and says so. */
static void add(const struct draft *draft, struct names *names, const char *device,
		const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s", device);
	if (map_get(names->listed, name) || !sysroot_exists(draft->sys->root, path))
		return;
	names->names[names->count++] = name;
	/* Without memory for it, a name that comes twice is refused by the module. */
	map_put(names->listed, name, names);
}

/*
 * Not what is stuck, which is the module's own. Of what remove() was called for, what masters the bus
 * all the same: it could not be told otherwise (lockdown), and after an unbind some kernels' shutdown
 * does not clear it any more.
 */
static bool has_to_be_cleared(const struct draft *draft, const struct device *device)
{
	if (draft->result->plan->decisions[device->id].fate != FATE_RELEASE)
		return true;
	return !draft->is_stuck[device->id] && pci_is_master(draft->sys, device);
}

/*
 * Every endpoint that still has a driver, or never had one: the kernel clears most of them itself,
 * and the module looks first.
 */
static void add_clears(struct draft *draft)
{
	const struct plan *plan = draft->result->plan;

	for (size_t i = 0; i < plan->decision_count; i++) {
		const struct device *device = plan->decisions[i].device;

		if (device->pci && device->pci->header_type == 0 &&
		    has_to_be_cleared(draft, device) && pci_may_clear_master(device->pci))
			add(draft, &draft->clears, device->path, device->name);
	}
}

static void add_resets(struct draft *draft)
{
	const struct resets *resets = &draft->result->resets;

	for (size_t i = 0; i < resets->late_count; i++) {
		const struct device *bridge = resets->late[i]->device;

		add(draft, &draft->resets, bridge->path, bridge->name);
	}
}

static void add_stuck(struct draft *draft)
{
	const struct quiesce_result *result = draft->result;

	for (size_t i = 0; i < result->plan->order_count; i++) {
		const struct device *device = result->plan->order[i]->device;

		if (result->results[i].outcome == OUTCOME_STUCK)
			add(draft, &draft->stuck, device->path, device->path);
	}
	for (size_t i = 0; i < result->earlier.count; i++)
		add(draft, &draft->stuck, result->earlier.stuck[i].path,
		    result->earlier.stuck[i].path);
	/* It holds the locks of all it resets. */
	for (size_t i = 0; i < result->resets.count; i++) {
		const struct device *device = result->resets.results[i].domain->device;

		if (result->resets.results[i].stuck)
			add(draft, &draft->stuck, device->path, device->path);
	}
}

/* shutdown() flushes the same caches as remove(), for which the rules say how long it may take. */
static unsigned int bound_ms(const struct plan *plan, const struct late_options *options)
{
	unsigned int bound = SHORTEST_BOUND_MS;

	if (options->shutdown_deadline_ms)
		return options->shutdown_deadline_ms;
	for (size_t i = 0; i < plan->decision_count; i++)
		if (plan->decisions[i].device->driver && bound < plan->decisions[i].deadline_ms)
			bound = plan->decisions[i].deadline_ms;
	return bound;
}

static json_t *as_json(const struct late_names *names)
{
	json_t *array = json_array();

	for (size_t i = 0; i < names->count; i++)
		json_array_append_new(array, json_string(names->names[i]));
	return array;
}

static void note(const struct late_options *options, const char *line)
{
	if (options->progress && options->progress->note)
		options->progress->note(line);
}

static int arm(const struct sys *sys, const struct late_request *request, struct record *record,
	       const struct late_options *options, struct error *e)
{
	char skipped[256] = "", line[300];
	int r;

	/* Before the change, so that a kill in between is found. */
	record_write(record, "late",
		     json_pack("{s:i, s:o, s:o, s:o}", "timeout_s", (int)request->timeout_s,
			       "clear", as_json(&request->clears), "reset",
			       as_json(&request->resets), "stuck", as_json(&request->stuck)));
	r = record_status(record);
	if (r < 0)
		return error_set(e, r, "the record cannot be written: %s", errno_text(r));
	r = late_arm(sys, request, skipped, sizeof(skipped), e);
	if (r < 0 || !skipped[0])
		return r;
	snprintf(line, sizeof(line), "the late module %s", skipped);
	record_write(record, "late-skipped", json_pack("{s:s}", "why", skipped));
	note(options, line);
	return 0;
}

static void tell_armed(const struct late_request *request, const struct late_options *options)
{
	char line[120];

	if (options->progress && options->progress->stage)
		options->progress->stage("late", request->resets.count);
	if (!request->stuck.count)
		return;
	snprintf(line, sizeof(line), "%zu stuck: left to kexit_late, so that the jump goes on",
		 request->stuck.count);
	note(options, line);
}

/* The request's arrays are @draft's. */
static struct late_request make_request(struct draft *draft, const struct late_options *options)
{
	add_clears(draft);
	add_resets(draft);
	add_stuck(draft);
	return (struct late_request){
		.timeout_s = (bound_ms(draft->result->plan, options) + 999) / 1000,
		.clears = { draft->clears.names, draft->clears.count },
		.resets = { draft->resets.names, draft->resets.count },
		.stuck = { draft->stuck.names, draft->stuck.count },
	};
}

bool late_stage(const struct sys *sys, const struct quiesce_result *result, struct record *record,
		const struct late_options *options)
{
	struct late_request request = { 0 };
	struct error e = ERROR_NONE;
	struct draft draft;
	int r;

	if (!late_is_present(sys->root)) {
		note(options, LATE_MISSING);
		return false;
	}
	r = draft_init(&draft, sys, result);
	if (r == 0) {
		request = make_request(&draft, options);
		r = arm(sys, &request, record, options, &e);
	} else {
		error_set(&e, r, "no memory for the late module's list");
	}
	draft_done(&draft);
	if (r == 0) {
		tell_armed(&request, options);
		return true;
	}
	record_write(record, "late-refused", json_pack("{s:s}", "why", e.text));
	note(options, e.text);
	return false;
}
