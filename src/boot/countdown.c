// SPDX-License-Identifier: GPL-2.0-or-later
/* The countdown; see countdown.h. */
#include "boot/countdown.h"

#include "boot/settings.h"
#include "entry/entry.h"

/* Seconds, or negative: for ever. */
static int seconds_of(const struct countdown_case *now)
{
	if (now->timeout == SETTINGS_TIMEOUT_FOREVER)
		return -1;
	if (now->timeout >= 0)
		return now->timeout;
	if (now->system_timeout == ENTRY_TIMEOUT_FOREVER)
		return -1;
	return now->system_timeout >= 0 ? now->system_timeout : COUNTDOWN_UNSET_SECONDS;
}

enum countdown_answer countdown_ask(struct countdown *countdown, const struct countdown_case *now,
				    int *ret_seconds)
{
	int seconds = seconds_of(now);
	double left_ms;

	if (countdown->is_attended || !now->has_default || seconds < 0) {
		countdown->is_running = false;
		return COUNTDOWN_WAIT;
	}
	if (!countdown->is_running) {
		countdown->is_running = true;
		countdown->end_ms = now->now_ms + seconds * 1000.0;
	}
	left_ms = countdown->end_ms - now->now_ms;
	*ret_seconds = left_ms > 0 ? (int)((left_ms + 999) / 1000) : 0;
	if (left_ms > 0)
		return COUNTDOWN_RUNS;
	return now->is_quiet ? COUNTDOWN_BOOT : COUNTDOWN_RUNS;
}
