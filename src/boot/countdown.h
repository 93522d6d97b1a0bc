/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the default boots by itself. Pure: told what is the case, it says what is to be done. */
#pragma once

#include <stdbool.h>

/* Seconds, where neither the settings nor the system say anything. */
#define COUNTDOWN_UNSET_SECONDS 5

struct countdown {
	bool is_attended; /* somebody pressed a key: never by itself again */
	bool is_running;
	double end_ms; /* CLOCK_BOOTTIME, while it is running */
};

/* The case, at one moment. */
struct countdown_case {
	double now_ms;
	bool has_default;
	/* Seconds, or ENTRY_TIMEOUT_... as the system of the default says. */
	int system_timeout;
	int timeout;   /* settings: SETTINGS_TIMEOUT_SYSTEM, SETTINGS_TIMEOUT_FOREVER or seconds */
	bool is_quiet; /* nothing is being looked at that is still waited for */
};

enum countdown_answer {
	COUNTDOWN_WAIT, /* for a person, or for something to be found */
	COUNTDOWN_RUNS, /* ask again in a second, or when something changed */
	COUNTDOWN_BOOT, /* now */
};

/* *@ret_seconds: what is left, for the menu, when it runs. With a timeout of 0 the default boots as
 * soon as all that is known has been looked at: another disk may have a better one. */
enum countdown_answer countdown_ask(struct countdown *countdown, const struct countdown_case *now,
				    int *ret_seconds);
