// SPDX-License-Identifier: GPL-2.0-or-later
/* One cycle after the other; see cycle.h. */
#include "trial/cycle.h"

#include "run/quiesce.h"
#include "undo/rollback.h"
#include "worker/signals.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_DEADLINE_MS 300000
#define SETTLE_POLL_US	200000

struct run {
	const struct sys *sys;
	const struct cycles_options *options;
	int wake_fd;		  /* signalfd; -1: none */
	char path[4096];	  /* of the device: its name is the same as long as it is there */
	struct exercise expected; /* the links and disks it had at first */
	struct record *record;	  /* of the cycle that runs */
	bool changed;		  /* by this cycle */
	struct error *e;
};

static void note(const struct run *run, const char *line)
{
	if (run->options->note)
		run->options->note(line);
}

/* ---- before a cycle */

static bool has_all(const struct run *run, const struct subject *subject)
{
	struct exercise now;

	exercise_count(subject, &now);
	return now.links >= run->expected.links && now.disks >= run->expected.disks;
}

/* Disks behind USB and SCSI come some time after their controller, and who looks at new ones (udev)
 * may hold them for a moment. */
static int settle(struct run *run, struct subject *ret_subject)
{
	double end_ms = clock_ms() + run->options->settle_ms;

	for (;;) {
		struct error e = ERROR_NONE;
		int r = subject_find(run->sys->root, run->path, run->options->resets, ret_subject,
				     &e);

		if (r == 0 && has_all(run, ret_subject))
			return 0;
		if (r == 0) {
			subject_done(ret_subject);
			r = error_set(&e, -ENODEV,
				      "%s: not all of its %u links and %u disks came back within "
				      "%u s of its driver",
				      run->path, run->expected.links, run->expected.disks,
				      run->options->settle_ms / 1000);
		}
		if (clock_ms() >= end_ms) {
			*run->e = e;
			return r;
		}
		usleep(SETTLE_POLL_US);
	}
}

/* ---- the way out */

static const struct release_result *result_of(const struct subject *subject,
					      const struct quiesce_result *result)
{
	for (size_t i = 0; i < subject->plan->order_count; i++)
		if (result->results[i].decision == subject->decision)
			return &result->results[i];
	return NULL;
}

static void fill_cycle(struct cycle *cycle, const struct release_result *result)
{
	cycle->inspected = result->inspected;
	cycle->verdict = result->inspected ? result->verdict : VERDICT_UNKNOWN;
	cycle->cleared = result->cleared;
	/* It was seen with Bus Master on, and runs with it off. */
	if (cycle->cleared && cycle->verdict == VERDICT_MASKED)
		cycle->verdict = VERDICT_LIVE;
	memcpy(cycle->text, result->text, sizeof(cycle->text));
	cycle->release_ms = result->elapsed_ms;
}

/* The reset that hit the device; the last one, where a bigger one followed. */
static int fill_reset(struct run *run, const struct subject *subject, const struct resets *resets,
		      struct cycle_reset *reset)
{
	const struct device *device = subject->decision->device;
	const struct reset_after *after = resets_find(resets, device);

	snprintf(reset->text, sizeof(reset->text), "it was not reset");
	for (size_t i = 0; i < resets->count; i++) {
		const struct reset_result *result = &resets->results[i];

		if (!reset_domain_has(result->domain, device))
			continue;
		if (result->stuck)
			return error_set(run->e, -ETIMEDOUT, "%s: %s; it is stuck in the kernel",
					 result->domain->device->name, result->report.text);
		reset->happened = result->ended && after;
		reset->end = result->report.end;
		reset->ms = result->elapsed_ms;
		snprintf(reset->text, sizeof(reset->text), "%s", result->report.text);
	}
	reset->verdict = after ? after->verdict : VERDICT_UNREADABLE;
	return 0;
}

static int release(struct run *run, const struct subject *subject, struct cycle *cycle)
{
	const struct device *device = subject->decision->device;
	struct quiesce_options options = {
		.run_deadline_ms = RUN_DEADLINE_MS,
		.wake_fd = run->wake_fd,
	};
	const struct release_result *released;
	struct quiesce_result result;
	int r;

	r = quiesce(run->sys, subject->graph, subject->plan, run->record, &options, &result,
		    run->e);
	run->changed |= result.changed;
	if (r == -EINTR)
		return error_set(run->e, r, "interrupted by a signal");
	if (r < 0)
		return r;
	released = result_of(subject, &result);
	if (!released)
		return error_set(run->e, -EIO, "%s: the plan does not release it", device->name);
	if (released->outcome == OUTCOME_STUCK)
		return error_set(run->e, -ETIMEDOUT, "%s: %s; it is stuck in the kernel",
				 device->name, released->text);
	if (released->outcome != OUTCOME_RELEASED && released->outcome != OUTCOME_NOT_QUIET)
		return error_set(run->e, released->code ?: -EBUSY, "%s: %s: %s", device->name,
				 outcome_name(released->outcome), released->text);
	fill_cycle(cycle, released);
	return run->options->resets ? fill_reset(run, subject, &result.resets, &cycle->reset) : 0;
}

/* ---- the way back */

/* How long the device's own binding took, as the rollback wrote it. */
static double probe_time(const struct run *run)
{
	double ms = 0;
	json_t *events;
	const json_t *event;
	size_t i;

	if (record_load(run->options->record_dir, false, &events, NULL) < 0)
		return 0;
	json_array_foreach (events, i, event) {
		const char *what = json_string_value(json_object_get(event, "event"));
		const char *device = json_string_value(json_object_get(event, "device"));

		if (what && device && !strcmp(what, "restored") && !strcmp(device, run->path))
			ms = json_number_value(json_object_get(event, "ms"));
	}
	json_decref(events);
	return ms;
}

static int roll_back(struct run *run)
{
	struct rollback_result result = { 0 };
	struct error failure = ERROR_NONE;
	json_t *events, *name;
	size_t i;
	int r = record_load(run->options->record_dir, false, &events, &failure);

	if (r < 0) {
		note(run, failure.text);
		return r;
	}
	r = rollback_run(run->sys, run->record, events, NULL, &result);
	json_decref(events);
	json_array_foreach (result.names, i, name)
		note(run, json_string_value(name));
	json_decref(result.names);
	return r;
}

/* ---- one cycle */

static int cycle_forth(struct run *run, const struct subject *subject, struct cycle *cycle)
{
	int r = exercise(run->sys, subject, run->record, &cycle->used, run->e);

	/* Links may be up that were down. */
	run->changed = true;
	if (r == 0 && signals_came(run->wake_fd))
		r = error_set(run->e, -EINTR, "interrupted by a signal");
	return r ? r : release(run, subject, cycle);
}

static enum handover_end end_of(const struct run *run, int forth, int back)
{
	if (back < 0) {
		if (forth == 0)
			error_set(run->e, back,
				  "%s: not all came back after its release (see above)", run->path);
		return HANDOVER_NOT_ROLLED_BACK;
	}
	/* A remove() that never ended still has the device, whatever its driver link says. */
	if (forth == -ETIMEDOUT)
		return HANDOVER_NOT_ROLLED_BACK;
	if (forth < 0)
		return run->changed ? HANDOVER_ROLLED_BACK : HANDOVER_FAILED;
	return HANDOVER_DONE;
}

static enum handover_end cycle_recorded(struct run *run, const struct subject *subject,
					struct cycle *cycle)
{
	int back = 0, forth = cycle_forth(run, subject, cycle);

	if (forth < 0)
		record_write(run->record, "failed", json_pack("{s:s}", "why", run->e->text));
	if (run->changed)
		back = roll_back(run);
	if (back == 0 && forth == 0) {
		cycle->probe_ms = probe_time(run);
		cycle->has_slab = slab_read(run->sys, &cycle->slab) == 0;
	}
	return end_of(run, forth, back);
}

static enum handover_end cycle_run(struct run *run, struct cycle *cycle)
{
	struct subject subject;
	enum handover_end end;
	int r = settle(run, &subject);

	if (r < 0)
		return HANDOVER_FAILED;
	run->changed = false;
	r = record_create(run->options->record_dir, "test", &run->record, run->e);
	if (r < 0) {
		end = r == -EBUSY ? HANDOVER_REFUSED : HANDOVER_FAILED;
	} else {
		end = cycle_recorded(run, &subject, cycle);
		record_close(run->record);
	}
	subject_done(&subject);
	return end;
}

/* ---- all of them */

/* A new record would forget what the machine was like before the run that is in this one. */
static int check_record(const struct run *run)
{
	json_t *events;
	bool unfinished;

	if (record_load(run->options->record_dir, false, &events, NULL) < 0)
		return 0;
	unfinished = rollback_is_needed(events);
	json_decref(events);
	if (!unfinished)
		return 0;
	return error_set(run->e, -EBUSY,
			 "an earlier run has not been rolled back, or is still at work: wait for "
			 "it, or run 'kexit rollback' first");
}

static int prepare_run(struct run *run)
{
	struct subject subject;
	int r = check_record(run);

	if (r == 0)
		r = subject_find(run->sys->root, run->options->device, run->options->resets,
				 &subject, run->e);
	if (r < 0)
		return r;
	exercise_count(&subject, &run->expected);
	snprintf(run->path, sizeof(run->path), "%s", subject.decision->device->path);
	subject_done(&subject);
	return 0;
}

static enum handover_end run_all(struct run *run, struct cycles *cycles)
{
	enum handover_end end = HANDOVER_DONE;

	while (end == HANDOVER_DONE && cycles->count < run->options->count) {
		struct cycle *cycle = &cycles->list[cycles->count];

		if (signals_came(run->wake_fd)) {
			error_set(run->e, -EINTR, "interrupted by a signal");
			return HANDOVER_ROLLED_BACK;
		}
		end = cycle_run(run, cycle);
		if (end != HANDOVER_DONE)
			break;
		cycles->count++;
		if (run->options->cycled)
			run->options->cycled(cycles->count, cycle);
	}
	/* Every cycle before this one was rolled back, so that is what became of the machine. */
	if ((end == HANDOVER_FAILED || end == HANDOVER_REFUSED) && cycles->count)
		end = HANDOVER_ROLLED_BACK;
	return end;
}

enum handover_end cycles_run(const struct sys *sys, const struct cycles_options *options,
			     struct cycles *ret_cycles, struct error *e)
{
	struct run run = { .sys = sys, .options = options, .wake_fd = -1, .e = e };
	enum handover_end end;
	int r;

	*ret_cycles = (struct cycles){ .resets = options->resets,
				       .list = calloc(options->count + 1, sizeof(struct cycle)) };
	if (!ret_cycles->list) {
		error_set(e, -ENOMEM, "no memory for %zu cycles", options->count);
		return HANDOVER_FAILED;
	}
	r = prepare_run(&run);
	if (r < 0)
		return r == -EBUSY ? HANDOVER_REFUSED : HANDOVER_FAILED;
	run.wake_fd = signals_hold();
	end = run_all(&run, ret_cycles);
	if (run.wake_fd >= 0)
		close(run.wake_fd);
	return end;
}
