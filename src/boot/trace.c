// SPDX-License-Identifier: GPL-2.0-or-later
/* Marks on the clock and their line; see trace.h. */
#include "boot/trace.h"

#include "worker/worker.h"

#include <stdio.h>

static const char *const names[TRACE_COUNT] = {
	[TRACE_DRIVERS] = "drivers",	[TRACE_DISK] = "disk",	   [TRACE_READ] = "read",
	[TRACE_CHOSEN] = "chosen",	[TRACE_LOADED] = "loaded", [TRACE_DOWN] = "disks down",
	[TRACE_LOOKED] = "looked over",
};

void trace_start(struct trace *trace)
{
	*trace = (struct trace){ .start_ms = clock_ms() };
}

void trace_mark(struct trace *trace, enum trace_step step)
{
	trace->at_ms[step] = clock_ms();
}

void trace_text(const struct trace *trace, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < TRACE_COUNT && used < size; i++)
		if (trace->at_ms[i] > 0)
			used += (size_t)snprintf(text + used, size - used, "%s%s %.2f",
						 used ? ", " : "", names[i],
						 (trace->at_ms[i] - trace->start_ms) / 1e3);
}
