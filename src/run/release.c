// SPDX-License-Identifier: GPL-2.0-or-later
/* The parent's side of the release stage: what is ready, what ended, what must be left. */
#include "run/release.h"

#include "graph/scan.h"
#include "run/progress.h"
#include "run/release_signs.h"
#include "run/release_worker.h"
#include "worker/limits.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * How many network functions go at once. Each remove() has to have RTNL for most of its time, which one
 * at a time gets: more would only wait in a queue that nobody sees. Not one, since remove() waits for
 * other things as well. The number between is chosen, not measured.
 */
#define NET_JOBS 8

struct stage {
	const struct sys *sys;
	struct graph *graph;
	const struct plan *plan;
	struct record *record;
	const struct release_options *options;
	struct pool *pool;
	struct release *releases;	      /* parallel to plan->order */
	struct release **by_device;	      /* by device->id; NULL: not released */
	size_t open_by_phase[PHASE_LAST + 1]; /* releases that have not ended */
	size_t done;
	double first_ms, last_ms;
	int failure; /* a worker could not be made */
};

struct release {
	struct stage *stage;
	struct release_task task;
	struct release_result *result;
	size_t waits;		 /* releases that must end before */
	struct release **blocks; /* releases that wait for this one */
	size_t block_count, block_capacity;
	bool started, ended;
	bool told_slow;
	bool has_signs; /* it was looked at while it ran */
	struct signs signs;
	uint64_t counters; /* at the last look; 0: none yet */
};

static const char *const outcome_names[] = {
	[OUTCOME_PENDING] = "pending",	   [OUTCOME_RELEASED] = "released",
	[OUTCOME_NOT_QUIET] = "not-quiet", [OUTCOME_GONE] = "gone",
	[OUTCOME_LEFT] = "left",	   [OUTCOME_FAILED] = "failed",
	[OUTCOME_STUCK] = "stuck",
};

const char *outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

static void record_result(struct stage *stage, const struct release *release)
{
	const struct release_result *result = release->result;
	json_t *fields = json_pack("{s:s, s:s, s:f, s:f}", "device", result->decision->device->path,
				   "outcome", outcome_name(result->outcome), "ms",
				   result->elapsed_ms, "path_ms", result->path_ms);

	if (!fields)
		return;
	if (result->code)
		json_object_set_new(fields, "errno", json_string(errno_name(result->code)));
	if (result->inspected)
		json_object_set_new(fields, "verdict", json_string(verdict_name(result->verdict)));
	if (result->cleared)
		json_object_set_new(fields, "bus_master_cleared", json_true());
	if (result->text[0])
		json_object_set_new(fields, "reason", json_string(result->text));
	if (release->has_signs)
		json_object_set_new(fields, "signs", release_signs_json(&release->signs));
	record_write(stage->record, "released", fields);
}

/* Anything that needs its dependents gone first must stay when one of them does. */
static bool keeps_others(enum outcome outcome)
{
	return outcome == OUTCOME_LEFT || outcome == OUTCOME_FAILED || outcome == OUTCOME_STUCK;
}

static void release_end(struct release *release);
static void start_ready(struct stage *stage);

static void leave(struct release *release, const struct release *because)
{
	struct release_result *result = release->result;

	result->outcome = OUTCOME_LEFT;
	snprintf(result->text, sizeof(result->text), "%s needs it and is %s",
		 because->result->decision->device->name, outcome_name(because->result->outcome));
	release_end(release);
}

/*
 * Books the end of one release and settles what waited for it. Recursion is as deep as the chain
 * of devices that are left, which is at most the depth of the device tree.
 */
static void release_end(struct release *release)
{
	struct stage *stage = release->stage;
	struct release_result *result = release->result;

	release->ended = true;
	stage->done++;
	stage->open_by_phase[result->decision->phase]--;
	stage->last_ms = clock_ms();
	result->path_ms += result->elapsed_ms;
	record_result(stage, release);
	if (stage->options->progress && stage->options->progress->released)
		stage->options->progress->released(result);
	for (size_t i = 0; i < release->block_count; i++) {
		struct release *next = release->blocks[i];

		if (next->ended)
			continue;
		next->waits--;
		if (next->result->path_ms < result->path_ms)
			next->result->path_ms = result->path_ms;
		if (keeps_others(result->outcome))
			leave(next, release);
	}
}

static void set_stuck(struct release *release, double elapsed_ms)
{
	struct release_result *result = release->result;
	const struct device *device = result->decision->device;
	char signs[192];

	signs_describe(&release->signs, release_kind(device), signs, sizeof(signs));
	result->outcome = OUTCOME_STUCK;
	result->code = -ETIMEDOUT;
	snprintf(result->text, sizeof(result->text),
		 "remove() of %s did not return within %.0f s: %s", device->driver,
		 elapsed_ms / 1e3, signs);
}

/* Never begun: past the run's deadline it is left to shutdown(), which does it no harm. */
static void set_unstarted(struct release_result *result, int code)
{
	result->outcome = code == -ETIME ? OUTCOME_LEFT : OUTCOME_FAILED;
	result->code = code == -ETIME ? 0 : code;
	if (code == -ETIME)
		snprintf(result->text, sizeof(result->text),
			 "the run's deadline passed before its turn");
	else
		snprintf(result->text, sizeof(result->text), "not started: %s", errno_text(code));
}

static void on_watched(void *subject, const struct signs *signs)
{
	struct release *release = subject;

	release->has_signs = true;
	release->signs = *signs;
}

static void on_end(void *subject, enum job_end end, const void *answer, size_t length,
		   double elapsed_ms)
{
	struct release *release = subject;
	struct release_result *result = release->result;

	result->elapsed_ms = elapsed_ms;
	if (end == JOB_DONE && length == sizeof(struct release_answer)) {
		struct release_answer copy;

		memcpy(&copy, answer, sizeof(copy));
		release_answer_read(&copy, result);
	} else if (end == JOB_STUCK) {
		set_stuck(release, elapsed_ms);
	} else if (end == JOB_UNSTARTED) {
		set_unstarted(result, *(const int *)answer);
	} else {
		release_answer_guess(release->stage->sys, release->result);
	}
	if (result->outcome == OUTCOME_FAILED && end == JOB_UNSTARTED)
		release->stage->failure = result->code;
	release_end(release);
	start_ready(release->stage);
}

static bool has_moved(void *subject)
{
	struct release *release = subject;
	uint64_t now =
		release_counters(release->stage->sys->root, release->result->decision->device);
	bool moved = release->counters && release->counters != now;

	release->counters = now;
	return moved;
}

/* --on-stuck=wait: past its deadline a release is named once and then waited for. */
static bool waits_anyway(void *subject)
{
	struct release *release = subject;
	const struct release_options *options = release->stage->options;
	char line[256];

	if (!options->wait_for_stuck)
		return false;
	if (!release->told_slow && options->progress && options->progress->note) {
		snprintf(line, sizeof(line), "%s: remove() of %s is past its deadline; waiting",
			 release->result->decision->device->name,
			 release->result->decision->device->driver);
		options->progress->note(line);
	}
	release->told_slow = true;
	return true;
}

static size_t work(void *subject, void *answer, size_t size)
{
	const struct release *release = subject;
	struct release_answer result = { .outcome = OUTCOME_FAILED };

	release_work(&release->task, &result);
	if (size < sizeof(result))
		return 0;
	memcpy(answer, &result, sizeof(result));
	return sizeof(result);
}

/* Written before the worker exists: a kill in between must find it. What is not in the record cannot
 * be brought back: then it is not taken away either. */
static int record_begun(void *subject)
{
	const struct release *release = subject;
	const struct device *device = release->result->decision->device;
	struct stage *stage = release->stage;

	if (!stage->first_ms)
		stage->first_ms = clock_ms();
	/* So that this worker, and those after it, need not read every process on their own. */
	scan_refresh(stage->sys->root, stage->graph);
	record_write(stage->record, "release",
		     json_pack("{s:s, s:s, s:s, s:s}", "device", device->path, "bus", device->bus,
			       "driver", device->driver, "name", device->name));
	return record_status(stage->record);
}

static void release_start(struct release *release)
{
	const struct decision *decision = release->result->decision;
	const char *kind = release_kind(decision->device);
	struct job job = {
		.subject = release,
		.name = decision->device->name,
		.deadline_ms = decision->deadline_ms,
		.kind = kind,
		.kind_jobs = !strcmp(kind, "net") ? NET_JOBS : 0,
		.needs_proof = true,
		.starting = record_begun,
		.work = work,
		.moved = has_moved,
		.waits_on = waits_anyway,
		.watched = on_watched,
		.ended = on_end,
	};
	int r = pool_start(release->stage->pool, &job);

	release->started = true;
	if (r < 0) {
		release->stage->failure = r;
		set_unstarted(release->result, r);
		release_end(release);
	}
}

/* The lowest phase that still has open releases, or one above the last. */
static int open_phase(const struct stage *stage)
{
	int phase = PHASE_UNSET;

	while (phase <= PHASE_LAST && !stage->open_by_phase[phase])
		phase++;
	return phase;
}

/*
 * Phases up to PHASE_STORAGE only order the start: nothing there depends on a device of another
 * phase that sysfs does not show. From PHASE_ENGINE on a phase is a barrier, since the clients of a
 * DMA engine are not in sysfs and must be gone before it.
 */
static bool is_held_back(const struct stage *stage, const struct release *release)
{
	int phase = release->result->decision->phase;

	return phase >= PHASE_ENGINE && open_phase(stage) < phase;
}

static size_t start_round(struct stage *stage, bool heed_barriers)
{
	size_t started = 0;

	for (size_t i = 0; i < stage->plan->order_count; i++) {
		struct release *release = &stage->releases[i];

		if (release->started || release->ended || release->waits)
			continue;
		if (heed_barriers && is_held_back(stage, release))
			continue;
		release_start(release);
		started++;
	}
	return started;
}

static void start_ready(struct stage *stage)
{
	if (start_round(stage, true) || pool_left(stage->pool))
		return;
	/* An edge can ask for a later phase first; edges are facts, phases are advice. */
	start_round(stage, false);
}

static int block_add(struct arena *arena, struct release *first, struct release *then)
{
	int r = arena_grow(arena, &first->blocks, &first->block_capacity, first->block_count + 1,
			   sizeof(*first->blocks));

	if (r < 0)
		return r;
	first->blocks[first->block_count++] = then;
	then->waits++;
	return 0;
}

static int stage_init(struct stage *stage, struct release_result **ret_results)
{
	const struct plan *plan = stage->plan;
	struct arena *arena = plan->arena;
	struct release_result *results =
		arena_alloc(arena, (plan->order_count + 1) * sizeof(*results));

	stage->releases = arena_alloc(arena, (plan->order_count + 1) * sizeof(*stage->releases));
	stage->by_device = arena_alloc(arena, (plan->decision_count + 1) * sizeof(void *));
	if (!results || !stage->releases || !stage->by_device)
		return -ENOMEM;
	for (size_t i = 0; i < plan->order_count; i++) {
		struct release *release = &stage->releases[i];

		results[i].decision = plan->order[i];
		*release = (struct release){
			.stage = stage,
			.result = &results[i],
			.task = { .sys = stage->sys,
				  .graph = stage->graph,
				  .record = stage->record,
				  .decision = plan->order[i] },
		};
		stage->by_device[plan->order[i]->device->id] = release;
		stage->open_by_phase[plan->order[i]->phase]++;
	}
	for (size_t i = 0; i < plan->order_count; i++) {
		const struct decision *decision = plan->order[i];

		for (size_t j = 0; j < decision->wait_count; j++) {
			struct release *first =
				stage->by_device[decision->waits_for[j]->device->id];
			int r = first ? block_add(arena, first, &stage->releases[i]) : 0;

			if (r < 0)
				return r;
		}
	}
	*ret_results = results;
	return 0;
}

static void tell_waiting(const struct stage *stage)
{
	const struct progress *progress = stage->options->progress;
	size_t running = pool_running(stage->pool);

	if (!progress || !progress->waiting)
		return;
	for (size_t i = 0; running && i < stage->plan->order_count; i++) {
		const struct release *release = &stage->releases[i];

		if (release->started && !release->ended) {
			progress->waiting(release->result->decision, running);
			return;
		}
	}
}

static void summarize(const struct stage *stage, const struct release_result *results,
		      struct release_summary *summary)
{
	*summary = (struct release_summary){
		.stage_ms = stage->first_ms ? stage->last_ms - stage->first_ms : 0,
	};
	for (size_t i = 0; i < stage->plan->order_count; i++) {
		size_t *const counts[] = {
			[OUTCOME_PENDING] = &summary->pending,
			[OUTCOME_RELEASED] = &summary->released,
			[OUTCOME_NOT_QUIET] = &summary->not_quiet,
			[OUTCOME_GONE] = &summary->gone,
			[OUTCOME_LEFT] = &summary->left,
			[OUTCOME_FAILED] = &summary->failed,
			[OUTCOME_STUCK] = &summary->stuck,
		};

		++*counts[results[i].outcome];
		if (summary->critical_path_ms < results[i].path_ms)
			summary->critical_path_ms = results[i].path_ms;
	}
}

static int stage_loop(struct stage *stage)
{
	bool interrupted = false;
	int wake_fd = stage->options->wake_fd;
	int r;

	start_ready(stage);
	do {
		tell_waiting(stage);
		r = pool_wait(stage->pool, interrupted ? -1 : wake_fd,
			      stage->options->run_deadline_ms);
		if (r == -EINTR) {
			/* What runs cannot be called back; what does not run yet never starts. */
			interrupted = true;
			pool_cancel_queued(stage->pool);
			for (size_t i = 0; i < stage->plan->order_count; i++)
				stage->releases[i].started = true;
			r = 1;
		}
	} while (r > 0);
	return r < 0 ? r : interrupted ? -EINTR : stage->failure;
}

int release_run(const struct sys *sys, struct graph *graph, const struct plan *plan,
		struct record *record, const struct release_options *options,
		struct release_result **ret_results, struct release_summary *ret_summary)
{
	struct stage stage = {
		.sys = sys,
		.graph = graph,
		.plan = plan,
		.record = record,
		.options = options,
	};
	struct release_result *results = NULL;
	unsigned int jobs = options->jobs;
	size_t room;
	int r = stage_init(&stage, &results);

	if (r < 0)
		return r;
	room = limits_make_room(sys->root, plan->order_count);
	if (!options->jobs || options->jobs > room)
		jobs = (unsigned int)room;
	r = pool_new(jobs, sys->root, &stage.pool);
	if (r < 0)
		return r;
	r = stage_loop(&stage);
	summarize(&stage, results, ret_summary);
	pool_free(stage.pool);
	*ret_results = results;
	return r;
}
