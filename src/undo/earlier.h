/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an earlier run in the same record left stuck, by a release or a reset. The kernel takes a device's driver link away
 * before it calls remove(), so sysfs shows a device whose remove() hangs as one without a driver: a
 * plan does not have it, and a jump would wait for its lock in device_shutdown() for ever.
 */
#pragma once

#include "base/arena.h"
#include "record/record.h"
#include "sys/ops.h"

#include <stddef.h>

struct earlier_stuck {
	const char *path; /* below /sys */
	const char *name; /* the last part of it */
	const char *text; /* why, as the record has it */
};

struct earlier {
	struct earlier_stuck *stuck;
	size_t count;
};

/*
 * Of the devices that @events say were stuck, those that still are: each is asked for its lock, in a
 * worker. Strings and array are @arena's. 0, -ENOMEM, or what kept a worker from being started.
 */
int earlier_find(const struct sys *sys, const json_t *events, struct arena *arena,
		 struct earlier *ret_earlier);
