/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When each step on the way from init to the jump was taken, for the kernel log: it outlives this
 * program on a serial console, and says which step a slow start waited for.
 */
#pragma once

#include <stddef.h>

enum trace_step {
	TRACE_DRIVERS, /* the last driver was loaded */
	TRACE_DISK,    /* the last disk or partition appeared */
	TRACE_READ,    /* the last of them was read */
	TRACE_CHOSEN,
	TRACE_LOADED, /* the next kernel and its initramfs are in memory */
	TRACE_DOWN,   /* nothing is mounted any more */
	TRACE_LOOKED, /* each device has its place in the order of release */
	TRACE_COUNT,
};

struct trace {
	double start_ms;	   /* as clock_ms() counts */
	double at_ms[TRACE_COUNT]; /* 0: not yet. What is done twice has its last time. */
};

void trace_start(struct trace *trace);
void trace_mark(struct trace *trace, enum trace_step step);

/* "disk 0.72, read 0.95, ...", in seconds after the start; without those that were not taken. */
void trace_text(const struct trace *trace, char *text, size_t size);
