/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine that is on its way to stop by itself (inspection.is_ending: an NVMe controller that shuts
 * down) is waited for: a reset in the middle may lose what it is writing out of its cache.
 */
#pragma once

#include "inspect/inspect.h"

/*
 * Looks at the function at @path as inspect_here() does, again and again while it is ending, for
 * @limit_ms at most. What it says last is in *@ret: still ending, if the time did not do.
 */
void inspect_until_ended(const struct sys *sys, const char *path, unsigned int limit_ms,
			 struct inspection *ret);
