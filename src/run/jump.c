// SPDX-License-Identifier: GPL-2.0-or-later
/* The last words and the jump; see jump.h. */
#include "run/jump.h"

#include "run/sync.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The kernel cuts a /dev/kmsg line near 1000 bytes; a console wants less. */
#define LINE_SIZE 240

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
	 const struct doubts *doubts, struct guard *guard, int wake_fd, struct error *e)
{
	int r;

	say_summary(sys, result);
	say_resets(sys, result);
	doubts_say(sys, doubts);
	r = sync_last(sys, record, result, wake_fd, e);
	if (r < 0)
		return r;
	record_write(record, "jump", NULL);
	guard_leave_armed(sys, guard);
	r = sys_jump(sys);
	record_write(record, "jump-returned", json_pack("{s:s}", "errno", errno_name(r)));
	return error_set(e, r, "the kernel did not jump: %s; see the kernel log", errno_text(r));
}
