/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many workers this process may have: each costs it a descriptor, and its control group a
 * process.
 */
#pragma once

#include "sys/root.h"

/*
 * Raises the limit on open files so that @wanted workers fit, as far as it goes, and returns how many
 * fit now into it and into every pids.max above; at least 1, at most @wanted. @root may be NULL.
 */
size_t limits_make_room(const struct sysroot *root, size_t wanted);
