// SPDX-License-Identifier: GPL-2.0-or-later
/* The run from its record to the jump or the way back; see handover.h. */
#include "run/handover.h"

#include "run/hooked.h"
#include "run/jump.h"
#include "run/late_stage.h"
#include "run/leave.h"
#include "run/load_bounded.h"
#include "run/quiesce.h"
#include "run/suspended.h"
#include "undo/rollback.h"
#include "worker/given_up.h"
#include "worker/signals.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define RUN_DEADLINE_MS	 300000

/* How long a killed worker is waited for that only has to come back from its call. */
#define GIVEN_UP_WAIT_MS 5000

static void (*note_of(const struct handover_options *options))(const char *line)
{
	return options->progress ? options->progress->note : NULL;
}

static void note(const struct handover_options *options, const char *line)
{
	if (note_of(options))
		note_of(options)(line);
}

/*
 * A quiesce that was not rolled back goes on in its own record: a new one would forget what the
 * machine was like before it.
 */
static int record_open(const struct handover_options *options, struct record **ret_record,
		       struct error *e)
{
	json_t *events;

	if (record_load(options->record_dir, false, &events, NULL) == 0) {
		bool unfinished = rollback_is_needed(events);

		json_decref(events);
		if (unfinished)
			return record_reopen(options->record_dir, ret_record, e);
	}
	return record_create(options->record_dir, options->verb, ret_record, e);
}

static enum handover_end roll_back(const struct sys *sys, struct record *record,
				   const struct handover_options *options, struct error *e)
{
	struct rollback_result result = { 0 };
	struct error failure = ERROR_NONE;
	json_t *events, *name;
	size_t i;
	int r;

	note(options, "rolling back");
	/* What one of them is in the middle of would undo what is brought back. */
	workers_given_up_wait(GIVEN_UP_WAIT_MS);
	r = record_load(options->record_dir, false, &events, &failure);
	if (r < 0) {
		error_wrap(e, e->code ?: r, "not rolled back (%s)", failure.text);
		return HANDOVER_NOT_ROLLED_BACK;
	}
	r = rollback_run(sys, record, events, options->progress ? options->progress->note : NULL,
			 &result);
	json_decref(events);
	json_array_foreach (result.names, i, name)
		note(options, json_string_value(name));
	json_decref(result.names);
	return r < 0 ? HANDOVER_NOT_ROLLED_BACK : HANDOVER_ROLLED_BACK;
}

/* What is stuck, for the last line on the console. */
static void describe_stuck(const struct quiesce_result *result, char *text, size_t size)
{
	for (size_t i = 0; result->results && i < result->plan->order_count; i++) {
		const struct release_result *r = &result->results[i];

		if (r->outcome != OUTCOME_STUCK)
			continue;
		snprintf(text, size, "%s: %s", r->decision->device->name, r->text);
		return;
	}
	for (size_t i = 0; i < result->resets.count; i++) {
		const struct reset_result *r = &result->resets.results[i];

		if (!r->stuck)
			continue;
		snprintf(text, size, "%s: %s", r->domain->device->name, r->report.text);
		return;
	}
	if (result->earlier.count)
		snprintf(text, size, "%s: %s", result->earlier.stuck->name,
			 result->earlier.stuck->text);
}

/* Some releases or resets are stuck: device_shutdown() would wait for their locks for ever. */
static enum handover_end on_stuck(const struct sys *sys, struct record *record,
				  const struct handover_options *options,
				  const struct quiesce_result *result, struct error *e)
{
	char text[320] = "a device is stuck";

	describe_stuck(result, text, sizeof(text));
	if (options->jump && options->on_stuck != ON_STUCK_ABORT) {
		note(options, text);
		note(options, "restarting through firmware");
		hooked_failed(sys, options, "firmware", text);
		leave_at_once(sys, record, text, note_of(options), e);
	} else {
		error_set(e, -ETIMEDOUT, "%s; a jump would hang in the kernel's shutdown", text);
	}
	return roll_back(sys, record, options, e);
}

/* True when the module has the list. */
static bool hand_to_late_module(const struct sys *sys, struct record *record,
				const struct handover_options *options,
				const struct quiesce_result *result)
{
	const struct late_options late = {
		.shutdown_deadline_ms = options->shutdown_deadline_ms,
		.progress = options->progress,
	};

	return late_stage(sys, result, record, &late);
}

/* True when what is stuck will not stop the jump. */
static bool gets_past_stuck(const struct handover_options *options, bool late_armed)
{
	return late_armed && options->jump && options->on_stuck == ON_STUCK_AUTO;
}

/* A function that a reset did not bring back, for a person who does not want to go on without it. */
static enum handover_end on_dead(const struct sys *sys, struct record *record,
				 const struct handover_options *options,
				 const struct quiesce_result *result, struct error *e)
{
	char text[320] = "a device is dead";

	for (size_t i = 0; i < result->resets.count; i++)
		if (result->resets.results[i].report.end == RESET_END_DEAD)
			snprintf(text, sizeof(text), "%s", result->resets.results[i].report.text);
	if (options->jump) {
		note(options, "restarting through firmware");
		hooked_failed(sys, options, "firmware", text);
		leave_in_order(sys, record, text, note_of(options), e);
	} else {
		error_set(e, -ENODEV, "%s", text);
	}
	return roll_back(sys, record, options, e);
}

/* The last list: into the record, and counted for a person. Without memory for it it is missing, which
 * is no reason to stay. */
static void list_doubts(const struct sys *sys, struct record *record,
			const struct handover_options *options, const struct quiesce_result *result,
			bool late_armed, struct doubts *ret_doubts)
{
	char text[120], line[200];

	*ret_doubts = (struct doubts){ 0 };
	if (doubts_find(sys, result, late_armed, ret_doubts) < 0) {
		note(options, "no memory for the list of what is not known to be quiet");
		return;
	}
	doubts_record(record, ret_doubts);
	if (options->jump || !ret_doubts->count)
		return;
	doubts_describe(ret_doubts, text, sizeof(text));
	snprintf(line, sizeof(line), "%s; `kexit report` names each", text);
	note(options, line);
}

/* Before anything is touched: where a jump is out of the question, nothing has to be bound again. */
static int find_earlier(const struct sys *sys, const struct plan *plan,
			const struct handover_options *options, struct earlier *ret_earlier,
			struct error *e)
{
	json_t *events;
	int r = record_load(options->record_dir, false, &events, e);

	if (r < 0)
		return r;
	r = earlier_find(sys, events, plan->arena, ret_earlier);
	json_decref(events);
	if (r < 0)
		return error_set(e, r, "what is stuck cannot be looked at: %s", errno_text(r));
	if (!ret_earlier->count || !options->jump || options->on_stuck != ON_STUCK_ABORT)
		return 0;
	return error_set(e, -ETIMEDOUT,
			 "%s: %s in an earlier run, nor since; a jump would hang in the kernel's "
			 "shutdown",
			 ret_earlier->stuck->name, ret_earlier->stuck->text);
}

/* One that cannot be armed is told, and no reason to stay. */
static void start_guard(const struct sys *sys, struct record *record,
			const struct handover_options *options, struct guard *ret_guard)
{
	struct error e = ERROR_NONE;
	char line[sizeof(e.text) + 40];

	if (!options->watchdog || !options->jump ||
	    guard_start(sys, record, options->watchdog, ret_guard, &e) == 0)
		return;
	snprintf(line, sizeof(line), "no watchdog guards the jump: %s", e.text);
	note(options, line);
}

static void stop_guard(const struct sys *sys, const struct handover_options *options,
		       struct guard *guard)
{
	struct error e = ERROR_NONE;

	if (guard_stop(sys, guard, &e) < 0)
		note(options, e.text);
}

static enum handover_end go(const struct sys *sys, struct graph *graph, const struct plan *plan,
			    struct record *record, const struct handover_options *options,
			    struct guard *guard, int wake_fd, struct error *e)
{
	struct quiesce_options quiesce_options = {
		.jobs = options->jobs,
		.run_deadline_ms = options->run_deadline_ms ?: RUN_DEADLINE_MS,
		.wait_for_stuck = options->on_stuck == ON_STUCK_WAIT,
		.wake_fd = wake_fd,
		.progress = options->progress,
	};
	struct quiesce_result result;
	struct earlier earlier = { 0 };
	struct doubts doubts;
	bool late_armed;
	int r;

	if ((options->image && image_load_bounded(sys, options->image, wake_fd, e) < 0) ||
	    find_earlier(sys, plan, options, &earlier, e) < 0 ||
	    hooked(sys, options, HOOKS_BEFORE_RELEASE, e) < 0)
		return HANDOVER_FAILED;
	start_guard(sys, record, options, guard);
	r = quiesce(sys, graph, plan, record, &quiesce_options, &result, e);
	result.earlier = earlier;
	/* The jump is the point of no return: a signal that came after the last wait still counts. */
	if (r == 0 && signals_came(wake_fd))
		r = -EINTR;
	if (r == -EINTR)
		error_set(e, r, "interrupted by a signal");
	/* A lock that it waited for in vain is that of what was stuck before. */
	if (r == -ETIMEDOUT && result.changed && earlier.count)
		return on_stuck(sys, record, options, &result, e);
	if (r < 0)
		return result.changed ? roll_back(sys, record, options, e) : HANDOVER_FAILED;
	late_armed = hand_to_late_module(sys, record, options, &result);
	if (quiesce_is_stuck(&result) && !gets_past_stuck(options, late_armed))
		return on_stuck(sys, record, options, &result, e);
	if (result.resets.summary.dead && options->on_dead == ON_DEAD_FIRMWARE)
		return on_dead(sys, record, options, &result, e);
	list_doubts(sys, record, options, &result, late_armed, &doubts);
	if (!options->jump)
		return HANDOVER_DONE;
	if (options->progress && options->progress->stage)
		options->progress->stage("jump", 0);
	if (hooked(sys, options, HOOKS_BEFORE_JUMP, e) == 0) {
		if (options->before_jump)
			options->before_jump(sys, record);
		jump(sys, record, &result, &doubts, guard, wake_fd, e);
	}
	return roll_back(sys, record, options, e);
}

static const char *word_of(enum handover_end end)
{
	if (end == HANDOVER_ROLLED_BACK)
		return "rolled-back";
	return end == HANDOVER_FAILED ? "nothing-changed" : "not-rolled-back";
}

enum handover_end handover_run(const struct sys *sys, struct graph *graph, const struct plan *plan,
			       const struct handover_options *options, struct error *e)
{
	struct record *record = NULL;
	struct guard guard = GUARD_NONE;
	enum handover_end end;
	int wake_fd;
	int r = suspended_check(sys, graph, e);

	if (r == 0)
		r = record_open(options, &record, e);
	if (r < 0)
		return r == -EBUSY ? HANDOVER_REFUSED : HANDOVER_FAILED;
	wake_fd = signals_hold();
	end = go(sys, graph, plan, record, options, &guard, wake_fd, e);
	stop_guard(sys, options, &guard);
	if (wake_fd >= 0)
		close(wake_fd);
	if (end == HANDOVER_FAILED)
		record_write(record, "failed", json_pack("{s:s}", "why", e->text));
	if (end != HANDOVER_DONE)
		hooked_failed(sys, options, word_of(end), e->text);
	r = record_status(record);
	if (r < 0)
		note(options,
		     "the record could not be written in full; `kexit rollback` may miss steps");
	record_close(record);
	return end;
}
