// SPDX-License-Identifier: GPL-2.0-or-later
/* The parent's side of the reset stage: rounds of workers, and the record; see resets.h. */
#include "run/resets.h"

#include "run/progress.h"
#include "run/reset_choice.h"
#include "run/reset_worker.h"
#include "worker/limits.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The kernel waits for up to 60 s for a function that asks for more time (PCI_RESET_WAIT and its
 * successors, drivers/pci/pci.c), and our own waits come on top. */
#define DEADLINE_MS 70000

struct stage {
	const struct sys *sys;
	const struct plan *plan;
	struct record *record;
	const struct resets_options *options;
	struct pool *pool;
	struct reset_choosing choosing;
	struct resets *resets;
	int failure;
};

/* One reset under way. */
struct job_reset {
	struct stage *stage;
	struct reset_result *result;
	struct reset_task task;
	size_t shared_size;
	struct signs signs; /* what was seen of it while it ran */
};

static const char *outcome_of(const struct reset_result *result)
{
	return result->stuck ? "stuck" : reset_end_name(result->report.end);
}

/* ---- the record */

static void record_start_of(struct record *record, const struct reset_result *result)
{
	const struct reset_domain *domain = result->domain;
	json_t *functions = json_array();

	for (size_t i = 0; i < domain->function_count; i++)
		json_array_append_new(functions, json_string(domain->functions[i]->path));
	record_write(record, "reset",
		     json_pack("{s:s, s:s, s:s, s:s, s:o}", "device", domain->device->path, "kind",
			       domain->is_bus ? "bus" : "function", "method", domain->method, "why",
			       result->why, "functions", functions));
}

static json_t *after_json(const struct device *device, const struct reset_after *after)
{
	json_t *object = json_pack("{s:s}", "device", device->path);

	if (!after->was_there) {
		json_object_set_new(object, "state", json_string("was not there"));
		return object;
	}
	json_object_set_new(object, "state",
			    json_string(!after->is_back	     ? "dead"
					: after->differences ? "changed"
							     : "as before"));
	if (after->is_back && !after->is_bridge) {
		json_object_set_new(object, "verdict", json_string(verdict_name(after->verdict)));
		json_object_set_new(object, "bus_master", json_boolean(after->bus_master));
	}
	if (after->text[0])
		json_object_set_new(object, "text", json_string(after->text));
	return object;
}

static void record_end_of(struct record *record, const struct reset_result *result)
{
	const struct reset_report *report = &result->report;
	json_t *functions = json_array();
	json_t *fields;

	for (size_t i = 0; result->after && i < result->domain->function_count; i++)
		json_array_append_new(functions,
				      after_json(result->domain->functions[i], &result->after[i]));
	fields = json_pack("{s:s, s:s, s:f, s:f, s:o}", "device", result->domain->device->path,
			   "outcome", outcome_of(result), "ms", result->elapsed_ms, "kernel_ms",
			   report->kernel_ms, "functions", functions);
	if (fields && report->code)
		json_object_set_new(fields, "errno", json_string(errno_name(report->code)));
	if (fields && report->text[0])
		json_object_set_new(fields, "reason", json_string(report->text));
	record_write(record, "reset-ended", fields);
}

/* That something unknown has no reset is for the record; that something runs on is for a person. */
static void tell_unreset(const struct progress *progress, const struct unreset *unreset)
{
	char line[256];

	if (!progress || !progress->note ||
	    (unreset->verdict != VERDICT_LIVE && unreset->verdict != VERDICT_MASKED))
		return;
	snprintf(line, sizeof(line), "%s: %s, and not reset: %s", unreset->device->name,
		 verdict_name(unreset->verdict), unreset->reason);
	progress->note(line);
}

static void record_stage(struct record *record, const struct resets *resets,
			 const struct progress *progress)
{
	for (size_t i = 0; i < resets->unreset_count; i++) {
		const struct unreset *unreset = &resets->unreset[i];

		tell_unreset(progress, unreset);
		record_write(record, "not-reset",
			     json_pack("{s:s, s:s, s:s}", "device", unreset->device->path,
				       "verdict", verdict_name(unreset->verdict), "reason",
				       unreset->reason));
	}
	if (resets->count)
		record_write(record, "reset-all",
			     json_pack("{s:i, s:f, s:f}", "domains", (int)resets->count, "stage_ms",
				       resets->summary.stage_ms, "slowest_ms",
				       resets->summary.slowest_ms));
}

/* ---- one reset */

static size_t work(void *subject, void *answer, size_t size)
{
	struct job_reset *job = subject;
	struct reset_report report;

	(void)size;
	reset_work(&job->task, &report);
	memcpy(answer, &report, sizeof(report));
	return sizeof(report);
}

_Static_assert(sizeof(struct reset_report) <= JOB_ANSWER_SIZE, "the report goes through a pipe");

static bool waits_anyway(void *subject)
{
	const struct job_reset *job = subject;

	return job->stage->options->wait_for_stuck;
}

static void take_after(struct job_reset *job)
{
	struct reset_result *result = job->result;
	size_t size = result->domain->function_count * sizeof(*result->after);

	result->after = arena_alloc(job->stage->plan->arena, size);
	if (result->after)
		memcpy(result->after, job->task.after, size);
	for (size_t i = 0; result->after && i < result->domain->function_count; i++)
		result->running += result->after[i].verdict == VERDICT_LIVE ||
				   result->after[i].verdict == VERDICT_MASKED;
}

static void on_watched(void *subject, const struct signs *signs)
{
	struct job_reset *job = subject;

	job->signs = *signs;
}

/* The kernel keeps the config space of what it resets to itself: who reads it waits for the reset. */
static void avoid_config(const struct job_reset *job)
{
	const struct reset_domain *domain = job->result->domain;
	char path[PATH_MAX];

	for (size_t i = 0; i < domain->function_count; i++) {
		snprintf(path, sizeof(path), "/sys%s/config", domain->functions[i]->path);
		sysroot_avoid(job->stage->sys->root, path);
	}
}

static void set_stuck(struct job_reset *job, double elapsed_ms)
{
	struct reset_report *report = &job->result->report;
	char signs[150];

	avoid_config(job);
	signs_describe(&job->signs, NULL, signs, sizeof(signs));
	snprintf(report->text, sizeof(report->text), "its reset did not return within %.0f s: %s",
		 elapsed_ms / 1e3, signs);
}

/* The write never happened. */
static void set_unstarted(struct reset_result *result, int code)
{
	result->report = (struct reset_report){ .end = RESET_END_REFUSED, .code = code };
	snprintf(result->report.text, sizeof(result->report.text), "not begun: %s",
		 code == -ETIME ? "the run's deadline had passed" : errno_text(code));
}

static void on_end(void *subject, enum job_end end, const void *answer, size_t length,
		   double elapsed_ms)
{
	struct job_reset *job = subject;
	struct reset_result *result = job->result;
	struct stage *stage = job->stage;

	result->elapsed_ms = elapsed_ms;
	result->ended = true;
	result->stuck = end == JOB_STUCK;
	if (end == JOB_DONE && length == sizeof(result->report))
		memcpy(&result->report, answer, length);
	else if (end == JOB_UNSTARTED)
		set_unstarted(result, *(const int *)answer);
	else if (result->stuck)
		set_stuck(job, elapsed_ms);
	else
		/* It was reset, or a look at what came back killed the worker: not known. */
		result->report =
			(struct reset_report){ .end = RESET_END_DEAD, .text = "its worker died" };
	/* A worker that is stuck may still write to its share. */
	if (!result->stuck) {
		take_after(job);
		munmap(job->task.after, job->shared_size);
	}
	record_end_of(stage->record, result);
	if (stage->options->progress && stage->options->progress->reset)
		stage->options->progress->reset(result);
}

static int job_init(struct job_reset *job, struct stage *stage, struct reset_result *result)
{
	size_t size = result->domain->function_count * sizeof(*job->task.after);
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return -errno;
	*job = (struct job_reset){
		.stage = stage,
		.result = result,
		.shared_size = size,
		.task = { .sys = stage->sys,
			  .record = stage->record,
			  .domain = result->domain,
			  .after = shared },
	};
	return 0;
}

/* Before the worker exists: a kill in between must find it. */
static int record_begun(void *subject)
{
	const struct job_reset *job = subject;

	record_start_of(job->stage->record, job->result);
	return record_status(job->stage->record);
}

static int start(struct stage *stage, struct job_reset *subject, struct reset_result *result)
{
	const struct job job = {
		.subject = subject,
		.name = result->domain->device->name,
		.deadline_ms = stage->options->deadline_ms ?: DEADLINE_MS,
		.needs_proof = true,
		.starting = record_begun,
		.work = work,
		.waits_on = waits_anyway,
		.watched = on_watched,
		.ended = on_end,
	};
	int r = job_init(subject, stage, result);

	return r < 0 ? r : pool_start(stage->pool, &job);
}

/* ---- a round */

/* No two of a round overlap, so the order is only that of the starts. */
static int deepest_first(const void *a, const void *b)
{
	const struct reset_result *x = a, *y = b;

	return (x->domain->depth < y->domain->depth) - (x->domain->depth > y->domain->depth);
}

static int wait_for_round(struct stage *stage)
{
	bool interrupted = false;
	int r;

	do {
		r = pool_wait(stage->pool, interrupted ? -1 : stage->options->wake_fd,
			      stage->options->run_deadline_ms);
		if (r == -EINTR) {
			interrupted = true;
			pool_cancel_queued(stage->pool);
			r = 1;
		}
	} while (r > 0);
	return r < 0 ? r : interrupted ? -EINTR : 0;
}

static int run_round(struct stage *stage)
{
	const struct reset_choosing *choosing = &stage->choosing;
	struct resets *resets = stage->resets;
	struct reset_result *round = &resets->results[resets->count];
	size_t count = choosing->chosen_count;
	struct job_reset *jobs = arena_alloc(stage->plan->arena, count * sizeof(*jobs));
	int r = jobs ? 0 : -ENOMEM, waited;

	for (size_t i = 0; i < count; i++)
		round[i] = (struct reset_result){ .domain = choosing->chosen[i],
						  .why = choosing->whys[i] };
	qsort(round, count, sizeof(*round), deepest_first);
	for (size_t i = 0; i < count && r == 0; i++) {
		r = start(stage, &jobs[i], &round[i]);
		resets->count += r == 0;
	}
	waited = wait_for_round(stage);
	for (size_t i = 0; i < count; i++)
		if (round[i].ended)
			reset_choosing_note(&stage->choosing, &round[i]);
	return r < 0 ? r : waited;
}

static int run_rounds(struct stage *stage)
{
	int r = reset_choose(&stage->choosing);

	while (r == 0 && stage->choosing.chosen_count) {
		r = run_round(stage);
		if (r == 0)
			r = reset_choose(&stage->choosing);
	}
	return r;
}

/* ---- the stage */

static void summarize(struct resets *resets, double started_ms)
{
	struct resets_summary *sum = &resets->summary;

	for (size_t i = 0; i < resets->count; i++) {
		const struct reset_result *result = &resets->results[i];
		enum reset_end end = result->report.end;

		if (sum->slowest_ms < result->elapsed_ms)
			sum->slowest_ms = result->elapsed_ms;
		sum->stuck += result->stuck;
		if (result->stuck || !result->ended)
			continue;
		sum->done += end == RESET_END_DONE;
		sum->changed += end == RESET_END_CHANGED;
		sum->dead += end == RESET_END_DEAD;
		sum->refused += end == RESET_END_REFUSED;
	}
	for (size_t i = 0; i < resets->unreset_count; i++)
		sum->running += resets->unreset[i].verdict == VERDICT_LIVE ||
				resets->unreset[i].verdict == VERDICT_MASKED;
	if (resets->count)
		sum->stage_ms = clock_ms() - started_ms;
}

/* What is known of every function once nothing more is reset. 0 or -ENOMEM. */
static int take_looks(const struct reset_choosing *choosing, struct resets *resets)
{
	const struct plan *plan = choosing->plan;
	struct look *looks = arena_alloc(plan->arena, (plan->decision_count + 1) * sizeof(*looks));

	if (!looks)
		return -ENOMEM;
	for (size_t i = 0; i < plan->decision_count; i++) {
		const struct candidate *candidate = &choosing->candidates[i];

		looks[i] = (struct look){ .is_known = candidate->is_known,
					  .verdict = candidate->verdict,
					  .doubt = candidate->doubt };
	}
	resets->looks = looks;
	return 0;
}

static int stage_init(struct stage *stage, const struct release_result *released)
{
	struct resets *resets = stage->resets;
	unsigned int jobs = stage->options->jobs;
	size_t room;
	int r = reset_choosing_init(&stage->choosing, stage->sys, stage->plan, released,
				    stage->options->halts);

	if (r < 0)
		return r;
	resets->results = arena_alloc(stage->plan->arena,
				      (stage->plan->resets.count + 1) * sizeof(*resets->results));
	if (!resets->results)
		return -ENOMEM;
	room = limits_make_room(stage->sys->root, stage->plan->resets.count);
	if (!jobs || jobs > room)
		jobs = (unsigned int)room;
	return pool_new(jobs, stage->sys->root, &stage->pool);
}

int resets_run(const struct sys *sys, const struct plan *plan,
	       const struct release_result *released, struct record *record,
	       const struct resets_options *options, struct resets *ret_resets)
{
	struct stage stage = {
		.sys = sys,
		.plan = plan,
		.record = record,
		.options = options,
		.resets = ret_resets,
	};
	double started_ms = clock_ms();
	int r;

	*ret_resets = (struct resets){ 0 };
	if (plan->resets.mode == RESET_MODE_NONE || !plan->resets.count)
		return 0;
	r = stage_init(&stage, released);
	if (r < 0)
		return r;
	r = run_rounds(&stage);
	pool_free(stage.pool);
	ret_resets->unreset = stage.choosing.unreset;
	ret_resets->unreset_count = stage.choosing.unreset_count;
	if (r == 0)
		r = take_looks(&stage.choosing, ret_resets);
	if (r == 0)
		r = reset_choosing_late(&stage.choosing, &ret_resets->late,
					&ret_resets->late_count);
	summarize(ret_resets, started_ms);
	record_stage(record, ret_resets, options->progress);
	return r;
}

const struct reset_after *resets_find(const struct resets *resets, const struct device *device)
{
	for (size_t i = resets->count; i-- > 0;) {
		const struct reset_result *result = &resets->results[i];

		if (!result->after || result->report.end == RESET_END_REFUSED)
			continue;
		for (size_t j = 0; j < result->domain->function_count; j++)
			if (result->domain->functions[j] == device)
				return &result->after[j];
	}
	return NULL;
}

bool resets_have_quieted(const struct resets *resets, const struct device *device)
{
	const struct reset_after *after = resets_find(resets, device);

	return after && (!after->is_back ||
			 (after->verdict != VERDICT_LIVE && after->verdict != VERDICT_MASKED));
}
