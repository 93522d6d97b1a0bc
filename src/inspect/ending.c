// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking until a shutdown has ended; see ending.h. */
#include "inspect/ending.h"
#include "inspect/live.h"

#include <unistd.h>

#define POLL_MS 20

void inspect_until_ended(const struct sys *sys, const char *path, unsigned int limit_ms,
			 struct inspection *ret)
{
	inspect_here(sys, path, ret);
	for (unsigned int waited = 0; ret->is_ending && waited < limit_ms; waited += POLL_MS) {
		usleep(POLL_MS * 1000);
		inspect_here(sys, path, ret);
	}
}
