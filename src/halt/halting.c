// SPDX-License-Identifier: GPL-2.0-or-later
/* A register changed, and waited for; see halting.h. */
#include "halt/halting.h"

#include <errno.h>

#define POLL_US 500

int halting_refuse(struct halting *h, int code, const char *why)
{
	h->why = why;
	return code;
}

int halting_change(struct halting *h, unsigned int bar, uint64_t offset, unsigned int width,
		   uint32_t clear, uint32_t set)
{
	uint32_t value;
	int r = function_read(h->f, bar, offset, width, &value);

	return r ?: function_put(h->f, bar, offset, width, (value & ~clear) | set);
}

int halting_wait(struct halting *h, unsigned int bar, uint64_t offset, unsigned int width,
		 uint32_t mask, uint32_t match, unsigned int limit_ms)
{
	uint32_t value;

	for (unsigned int left = limit_ms * (1000 / POLL_US);; left--) {
		int r = function_read(h->f, bar, offset, width, &value);

		if (r)
			return r;
		if ((value & mask) == match)
			return 0;
		if (!left)
			return -ETIMEDOUT;
		h->pause(h->context, POLL_US);
	}
}
