// SPDX-License-Identifier: GPL-2.0-or-later
/* The parent's side of the halt stage: a look, a worker for each that runs, and the record; see stage.h. */
#include "halt/stage.h"

#include "base/error.h"
#include "graph/scan.h"
#include "inspect/guard.h"
#include "worker/limits.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than the longest of halt.h: what is not back by then hangs in a register. */
#define DEADLINE_MS 70000

struct stage {
	const struct sys *sys;
	struct graph *graph;
	struct record *record;
	const struct halts_options *options;
	struct arena *arena;
	struct pool *pool;
	struct halts *halts;
};

/* One that is told to stop. */
struct halt_job {
	struct stage *stage;
	struct halt_result *result;
	const char *path;
};

_Static_assert(sizeof(struct halt_report) <= JOB_ANSWER_SIZE, "the report goes through a pipe");

/* ---- the record */

static void record_start_of(struct record *record, const struct halt_result *result)
{
	const struct halt_class *class = result->halt->class;

	record_write(record, "halt",
		     json_pack("{s:s, s:s, s:s, s:s, s:s}", "device", result->halt->device->path,
			       "engine", class->name, "registers", class->registers, "section",
			       class->section, "verdict", verdict_name(result->report.before)));
}

static void record_end_of(struct record *record, const struct halt_result *result)
{
	const struct halt_report *report = &result->report;
	json_t *fields = json_pack("{s:s, s:s, s:f, s:s}", "device", result->halt->device->path,
				   "outcome", halt_end_name(report->end), "ms", result->elapsed_ms,
				   "verdict", verdict_name(report->after));

	if (fields && report->ran[0])
		json_object_set_new(fields, "ran", json_string(report->ran));
	if (fields && report->code)
		json_object_set_new(fields, "errno", json_string(errno_name(report->code)));
	if (fields && report->text[0])
		json_object_set_new(fields, "reason", json_string(report->text));
	record_write(record, "halted", fields);
}

/* ---- one function */

/* Before the worker exists: a kill in between must find it. */
static int record_begun(void *subject)
{
	const struct halt_job *job = subject;

	record_start_of(job->stage->record, job->result);
	return record_status(job->stage->record);
}

static void set_failed(struct halt_report *report, enum halt_end end, int code, const char *text)
{
	report->end = end;
	report->code = code;
	snprintf(report->text, sizeof(report->text), "%s", text);
}

/* The plan is older than the releases: a process may have mapped its registers since. */
static bool is_free(const struct halt_job *job, struct halt_report *report)
{
	struct device *device = job->result->halt->device;
	int r = scan_recheck(job->stage->sys->root, job->stage->graph, device);

	if (r == 0)
		return true;
	if (r > 0)
		set_failed(report, HALT_END_REFUSED, -EBUSY, device->uses->words);
	else if (r == -ENODEV)
		set_failed(report, HALT_END_REFUSED, r, "gone, or a driver took it");
	else
		set_failed(report, HALT_END_REFUSED, r, "its users cannot be asked for");
	return false;
}

static size_t work(void *subject, void *answer, size_t size)
{
	const struct halt_job *job = subject;
	struct halt_report report = job->result->report;

	(void)size;
	if (is_free(job, &report)) {
		if (!worker_is_wanted())
			return 0;
		halt_here(job->stage->sys, job->path, job->result->halt->class, &report);
	}
	memcpy(answer, &report, sizeof(report));
	return sizeof(report);
}

static void on_end(void *subject, enum job_end end, const void *answer, size_t length,
		   double elapsed_ms)
{
	struct halt_job *job = subject;
	struct halt_result *result = job->result;
	struct stage *stage = job->stage;

	result->ended = true;
	result->elapsed_ms = elapsed_ms;
	if (end == JOB_DONE && length == sizeof(result->report))
		memcpy(&result->report, answer, length);
	else if (end == JOB_UNSTARTED)
		set_failed(&result->report, HALT_END_REFUSED, *(const int *)answer,
			   errno_text(*(const int *)answer));
	else
		set_failed(&result->report, HALT_END_NOT_QUIET, 0,
			   end == JOB_STUCK ? "its registers do not answer"
					    : "its worker died: a register faulted");
	stage->halts->halted += result->report.end == HALT_END_HALTED;
	stage->halts->failed +=
		result->report.end == HALT_END_REFUSED || result->report.end == HALT_END_NOT_QUIET;
	record_end_of(stage->record, result);
	if (stage->options->told)
		stage->options->told(result);
}

static int start(struct stage *stage, struct halt_result *result, const char *path)
{
	struct halt_job *subject = arena_alloc(stage->arena, sizeof(*subject));
	const struct job job = {
		.subject = subject,
		.name = result->halt->device->name,
		.changes_nothing = true,
		.deadline_ms = DEADLINE_MS,
		.starting = record_begun,
		.work = work,
		.ended = on_end,
	};

	if (!subject)
		return -ENOMEM;
	*subject = (struct halt_job){ .stage = stage, .result = result, .path = path };
	result->was_asked = true;
	return pool_start(stage->pool, &job);
}

/* ---- which of them run */

static bool must_stop(const struct inspection *ins)
{
	return ins->is_running && !ins->is_ending && ins->verdict != VERDICT_BOUND;
}

static int start_those_that_run(struct stage *stage, const char *const *paths,
				const struct inspection *inspections)
{
	int r = 0;

	for (size_t i = 0; i < stage->halts->count && r == 0; i++) {
		struct halt_result *result = &stage->halts->results[i];

		result->is_known = true;
		result->report.before = result->report.after = inspections[i].verdict;
		if (must_stop(&inspections[i]))
			r = start(stage, result, paths[i]);
	}
	return r;
}

static int look_and_start(struct stage *stage)
{
	size_t count = stage->halts->count;
	struct inspection *inspections = calloc(count + 1, sizeof(*inspections));
	const char **paths = arena_alloc(stage->arena, (count + 1) * sizeof(*paths));
	int r = inspections && paths ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && r == 0; i++) {
		paths[i] = arena_printf(stage->arena, "/sys%s",
					stage->halts->results[i].halt->device->path);
		r = paths[i] ? 0 : -ENOMEM;
	}
	if (r == 0)
		r = inspect_many(stage->sys, paths, count, inspections);
	if (r == 0)
		r = start_those_that_run(stage, paths, inspections);
	free(inspections);
	return r;
}

/* ---- the stage */

/* What runs is waited for in any case: each is bounded. */
static int wait_for_all(struct stage *stage)
{
	int r = pool_drain(stage->pool, stage->options->wake_fd, stage->options->run_deadline_ms);

	if (r != -EINTR)
		return r;
	pool_cancel_queued(stage->pool);
	r = pool_drain(stage->pool, -1, stage->options->run_deadline_ms);
	return r < 0 ? r : -EINTR;
}

static int take_candidates(struct stage *stage, const struct plan *plan)
{
	struct halts *halts = stage->halts;

	halts->results = arena_alloc(stage->arena, (plan->halts.may + 1) * sizeof(*halts->results));
	if (!halts->results)
		return -ENOMEM;
	for (size_t i = 0; i < plan->halts.count; i++)
		if (plan->halts.list[i].may)
			halts->results[halts->count++] =
				(struct halt_result){ .halt = &plan->halts.list[i] };
	return 0;
}

int halts_run(const struct sys *sys, struct graph *graph, const struct plan *plan,
	      struct record *record, const struct halts_options *options, struct halts *ret_halts)
{
	struct stage stage = {
		.sys = sys,
		.graph = graph,
		.record = record,
		.options = options,
		.arena = plan->arena,
		.halts = ret_halts,
	};
	size_t room;
	int r, waited;

	*ret_halts = (struct halts){ 0 };
	if (plan->halts.mode == HALT_MODE_NONE || !plan->halts.may)
		return 0;
	room = limits_make_room(sys->root, plan->halts.may);
	r = pool_new(options->jobs && options->jobs < room ? options->jobs : (unsigned int)room,
		     sys->root, &stage.pool);
	if (r < 0)
		return r;
	r = take_candidates(&stage, plan);
	if (r == 0)
		r = look_and_start(&stage);
	waited = wait_for_all(&stage);
	pool_free(stage.pool);
	return r < 0 ? r : waited;
}

const struct halt_result *halts_find(const struct halts *halts, const struct device *device)
{
	for (size_t i = 0; i < halts->count; i++)
		if (halts->results[i].halt->device == device)
			return &halts->results[i];
	return NULL;
}
