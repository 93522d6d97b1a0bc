// SPDX-License-Identifier: GPL-2.0-or-later
/* The stages of a run in their order; see quiesce.h. */
#include "run/quiesce.h"

#include "run/arrivals.h"
#include "run/flush.h"
#include "run/pci_master.h"
#include "run/prepare.h"
#include "run/progress.h"
#include "run/sync.h"
#include "worker/worker.h"

#include <errno.h>

/* However late it is, resets may still begin for as long: an engine that runs on in the next kernel is
 * worse than that. */
#define RESET_START_MS 10000

static void tell(const struct progress *progress, const char *stage, size_t steps)
{
	if (progress && progress->stage)
		progress->stage(stage, steps);
}

static void record_left(struct record *record, const struct decision *decision)
{
	const struct device *device = decision->device;
	json_t *fields = json_pack("{s:s, s:s, s:s}", "device", device->path, "reason",
				   decision->reason, "rule", decision->rule);

	if (fields && decision->evidence) {
		json_object_set_new(fields, "driver", json_string(device->driver));
		json_object_set_new(fields, "evidence", json_string(decision->evidence));
	}
	record_write(record, "left", fields);
}

static void record_plan(struct record *record, const struct plan *plan)
{
	record_write(record, "plan",
		     json_pack("{s:i, s:i, s:i, s:i}", "release", (int)plan->summary.release,
			       "follow", (int)plan->summary.follow, "leave",
			       (int)plan->summary.leave, "clear", (int)plan->summary.clear));
	/* Named now, since sysfs no longer has them once what they sit on is released. */
	for (size_t i = 0; i < plan->decision_count; i++) {
		const struct decision *decision = &plan->decisions[i];
		const struct device *device = decision->device;

		if (decision->fate == FATE_FOLLOW && device->driver)
			record_write(record, "follow",
				     json_pack("{s:s, s:s, s:s, s:s, s:s}", "device", device->path,
					       "bus", device->bus, "driver", device->driver, "name",
					       device->name, "with",
					       decision->because ? decision->because->path : ""));
		else if (decision->fate == FATE_LEAVE)
			record_left(record, decision);
	}
}

static int release_stage(const struct sys *sys, struct graph *graph, const struct plan *plan,
			 struct record *record, const struct quiesce_options *options,
			 double run_deadline_ms, struct quiesce_result *result)
{
	struct release_options release = {
		.jobs = options->jobs,
		.run_deadline_ms = options->wait_for_stuck ? 0 : run_deadline_ms,
		.wait_for_stuck = options->wait_for_stuck,
		.wake_fd = options->wake_fd,
		.progress = options->progress,
	};
	int r;

	tell(options->progress, "release", plan->order_count);
	r = release_run(sys, graph, plan, record, &release, &result->results, &result->summary);
	record_write(record, "released-all",
		     json_pack("{s:f, s:f}", "stage_ms", result->summary.stage_ms,
			       "critical_path_ms", result->summary.critical_path_ms));
	return r;
}

static int halt_stage(const struct sys *sys, struct graph *graph, const struct plan *plan,
		      struct record *record, const struct quiesce_options *options,
		      double run_deadline_ms, struct quiesce_result *result, struct error *e)
{
	const struct halts_options halts = {
		.jobs = options->jobs,
		.run_deadline_ms = options->wait_for_stuck ? 0 : run_deadline_ms,
		.wake_fd = options->wake_fd,
		.told = options->progress ? options->progress->halted : NULL,
	};
	int r;

	tell(options->progress, "halt", plan->halts.mode == HALT_MODE_NONE ? 0 : plan->halts.may);
	r = halts_run(sys, graph, plan, record, &halts, &result->halts);
	if (r < 0 && r != -EINTR)
		error_set(e, r, "what no driver holds could not be halted: %s", errno_text(r));
	return r;
}

/*
 * Last, since the kernel's restore brings Bus Master back where it was on, and since only now it is
 * known what lies unbound in a domain.
 */
static int reset_stage(const struct sys *sys, const struct plan *plan, struct record *record,
		       const struct quiesce_options *options, double run_deadline_ms,
		       struct quiesce_result *result, struct error *e)
{
	double late_ms = clock_ms() + RESET_START_MS;
	const struct resets_options resets = {
		.jobs = options->jobs,
		.run_deadline_ms = options->wait_for_stuck     ? 0
				   : run_deadline_ms < late_ms ? late_ms
							       : run_deadline_ms,
		.wait_for_stuck = options->wait_for_stuck,
		.wake_fd = options->wake_fd,
		.halts = &result->halts,
		.progress = options->progress,
	};
	int r;

	if (plan->resets.mode == RESET_MODE_NONE)
		return 0;
	tell(options->progress, "reset", 0);
	r = resets_run(sys, plan, result->results, record, &resets, &result->resets);
	if (r < 0 && r != -EINTR)
		error_set(e, r, "the resets could not go on: %s", errno_text(r));
	return r;
}

static void (*note_of(const struct quiesce_options *options))(const char *line)
{
	return options->progress ? options->progress->note : NULL;
}

static int flush_stage(const struct sys *sys, struct graph *graph, struct record *record,
		       const struct quiesce_options *options, struct error *e)
{
	const struct sync_options sync = {
		.wake_fd = options->wake_fd,
		.note = note_of(options),
	};

	tell(options->progress, "flush", graph->disk_count);
	return flush_disks(sys, graph, record, &sync, e);
}

static int prepare_stage(const struct sys *sys, const struct plan *plan, struct record *record,
			 const struct quiesce_options *options, double run_deadline_ms,
			 struct error *e)
{
	const struct prepare_options prepare_options = {
		.run_deadline_ms = options->wait_for_stuck ? 0 : run_deadline_ms,
		.wake_fd = options->wake_fd,
		.note = note_of(options),
	};

	tell(options->progress, "prepare", 0);
	return prepare(sys, plan, record, &prepare_options, e);
}

int quiesce(const struct sys *sys, struct graph *graph, const struct plan *plan,
	    struct record *record, const struct quiesce_options *options,
	    struct quiesce_result *ret_result, struct error *e)
{
	unsigned int run_ms = options->run_deadline_ms;
	double deadline_ms;
	int r;

	*ret_result = (struct quiesce_result){ .plan = plan };
	record_plan(record, plan);
	r = flush_stage(sys, graph, record, options, e);
	if (r < 0)
		return r;
	/* After the flush, which takes what the disks take. Below one of its releases it would cut
	 * that release's patience. */
	if (run_ms < plan->longest_deadline_ms)
		run_ms = plan->longest_deadline_ms;
	deadline_ms = clock_ms() + run_ms;
	ret_result->changed = true;
	r = prepare_stage(sys, plan, record, options, deadline_ms, e);
	if (r < 0)
		return r;
	r = release_stage(sys, graph, plan, record, options, deadline_ms, ret_result);
	if (r < 0)
		return r == -EINTR
			       ? r
			       : error_set(e, r, "the releases could not go on: %s", errno_text(r));
	r = halt_stage(sys, graph, plan, record, options, deadline_ms, ret_result, e);
	if (r < 0)
		return r;
	tell(options->progress, "clear", plan->clear_count);
	ret_result->cleared = pci_clear_unbound(sys, plan, record, note_of(options));
	r = reset_stage(sys, plan, record, options, deadline_ms, ret_result, e);
	if (r == 0)
		arrivals_tell(sys, graph, record, note_of(options));
	return r;
}

bool quiesce_is_stuck(const struct quiesce_result *result)
{
	return result->summary.stuck || result->resets.summary.stuck || result->earlier.count;
}
