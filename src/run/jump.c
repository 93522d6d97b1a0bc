// SPDX-License-Identifier: GPL-2.0-or-later
/* The last words and the jump; see jump.h. */
#include "run/jump.h"

#include "run/sync.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The kernel cuts a /dev/kmsg line near 1000 bytes; a console wants less. */
#define LINE_SIZE 240

/* Adds " name (words)" while there is room, else one "..." . */
static void list_add(char *line, const char *name, const char *words)
{
	size_t used = strlen(line);
	int n = snprintf(line + used, LINE_SIZE - used, " %s (%s)", name, words);

	if ((size_t)n < LINE_SIZE - used - 4)
		return;
	line[used] = '\0';
	if (used + 4 < LINE_SIZE && (used < 4 || strcmp(line + used - 4, " ...") != 0))
		strcat(line, " ...");
}

/* Not counting what a reset quieted. */
static bool is_not_quiet(const struct quiesce_result *result, const struct release_result *r)
{
	return r->outcome == OUTCOME_NOT_QUIET &&
	       !resets_have_quieted(&result->resets, r->decision->device);
}

static size_t count_not_quiet(const struct quiesce_result *result)
{
	size_t count = 0;

	for (size_t i = 0; i < result->plan->order_count; i++)
		count += is_not_quiet(result, &result->results[i]);
	return count;
}

static void say_summary(const struct sys *sys, const struct quiesce_result *result)
{
	const struct release_summary *s = &result->summary;
	char line[LINE_SIZE];

	snprintf(line, sizeof(line),
		 "kexit: %zu released, %zu went along, %zu left to shutdown(), %zu not quiet, %zu "
		 "failed, %zu stuck, %zu cleared, in %.0f ms",
		 s->released + s->gone, result->plan->summary.follow,
		 result->plan->summary.leave + s->left, count_not_quiet(result), s->failed,
		 s->stuck, result->cleared, s->stage_ms);
	sys_kmsg(sys, line);
}

static void say_resets(const struct sys *sys, const struct quiesce_result *result)
{
	const struct resets_summary *s = &result->resets.summary;
	char line[LINE_SIZE];

	if (!result->resets.count)
		return;
	snprintf(line, sizeof(line),
		 "kexit: %zu reset%s, in %.0f ms: %zu done, %zu changed registers, %zu dead, %zu "
		 "refused, %zu stuck",
		 result->resets.count, result->resets.count == 1 ? "" : "s", s->stage_ms, s->done,
		 s->changed, s->dead, s->refused, s->stuck);
	sys_kmsg(sys, line);
}

/* A left bridge or platform device is the rule; what a person wants to read is what was in use. */
static void say_left(const struct sys *sys, const struct quiesce_result *result)
{
	char line[LINE_SIZE] = "kexit: in use and left:";
	size_t empty = strlen(line);

	for (size_t i = 0; i < result->plan->decision_count; i++) {
		const struct decision *decision = &result->plan->decisions[i];

		if (decision->fate == FATE_LEAVE && decision->device->uses)
			list_add(line, decision->device->name, decision->device->uses->words);
	}
	for (size_t i = 0; i < result->plan->order_count; i++) {
		if (result->results[i].outcome == OUTCOME_LEFT)
			list_add(line, result->results[i].decision->device->name,
				 result->results[i].text);
	}
	if (line[empty])
		sys_kmsg(sys, line);
}

static void say_unclean(const struct sys *sys, const struct quiesce_result *result)
{
	char line[LINE_SIZE] = "kexit: not clean:";
	size_t empty = strlen(line);

	for (size_t i = 0; i < result->plan->order_count; i++) {
		const struct release_result *r = &result->results[i];

		if (is_not_quiet(result, r) || r->outcome == OUTCOME_FAILED ||
		    r->outcome == OUTCOME_STUCK)
			list_add(line, r->decision->device->name, r->text);
	}
	for (size_t i = 0; i < result->resets.count; i++) {
		const struct reset_result *r = &result->resets.results[i];

		if (r->report.end != RESET_END_DONE || r->stuck)
			list_add(line, r->domain->device->name, r->report.text);
	}
	if (line[empty])
		sys_kmsg(sys, line);
}

/*
 * The disks that were left are still written to until now; reboot(2) does not sync. Where something is
 * stuck its locks can keep sync(2) for ever, and the flush before the first release has to do.
 */
static int sync_last(const struct sys *sys, struct record *record,
		     const struct quiesce_result *result, int wake_fd, struct error *e)
{
	const struct sync_options options = {
		.idle_deadline_ms = quiesce_is_stuck(result) ? SYNC_IDLE_DEADLINE_MS : 0,
		.wake_fd = wake_fd,
	};
	int r = sync_bounded(sys, record, &options);

	if (r == 0 || (r != -EINTR && quiesce_is_stuck(result)))
		return 0;
	if (r == -EINTR)
		return error_set(e, r, "interrupted by a signal");
	return error_set(
		e, r,
		"sync did not end, so that data of a disk that was left would be lost: %s; "
		"see the kernel log",
		errno_text(r));
}

int jump(const struct sys *sys, struct record *record, const struct quiesce_result *result,
	 int wake_fd, struct error *e)
{
	int r;

	say_summary(sys, result);
	say_resets(sys, result);
	say_left(sys, result);
	say_unclean(sys, result);
	r = sync_last(sys, record, result, wake_fd, e);
	if (r < 0)
		return r;
	record_write(record, "jump", NULL);
	r = sys_jump(sys);
	record_write(record, "jump-returned", json_pack("{s:s}", "errno", errno_name(r)));
	return error_set(e, r, "the kernel did not jump: %s; see the kernel log", errno_text(r));
}
