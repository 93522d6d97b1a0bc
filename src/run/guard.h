/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hardware watchdog over the handover: fed by a process of its own until the jump, and left armed
 * with its whole time, so that a next kernel that does not come up is not for ever.
 */
#pragma once

#include "base/error.h"
#include "host/watchdog.h"
#include "record/record.h"
#include "sys/ops.h"

#include <sys/types.h>

struct guard {
	int fd; /* -1: none is armed */
	pid_t feeder;
	unsigned int seconds; /* as the driver took it */
	char name[32];
};

#define GUARD_NONE                                                                                 \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/*
 * Starts the watchdog of @choice and its feeder. 0, or a negative errno with @e: nothing is armed, and
 * *@ret_guard is GUARD_NONE. A handover does not end for want of it.
 */
int guard_start(const struct sys *sys, struct record *record, const struct watchdog_choice *choice,
		struct guard *ret_guard, struct error *e);

/* Feeds it for the last time: from here on it counts. The next thing is the jump. */
void guard_leave_armed(const struct sys *sys, struct guard *guard);

/*
 * Stops it, where the run ends without a jump. 0, or -EBUSY with @e where it runs on (nowayout): somebody
 * has to feed it.
 */
int guard_stop(const struct sys *sys, struct guard *guard, struct error *e);
