/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes that are under way when kexit begins, as right after a boot: waited for, bounded, before the
 * machine is looked at. A driver whose probe runs asynchronously shows as bound in sysfs while its
 * disks and links are not there yet, so that nothing could be in use; and its device's lock is taken.
 */
#pragma once

#include "graph/graph.h"
#include "sys/ops.h"

struct probes_options {
	unsigned int
		limit_ms; /* for all of it; at most as long as a slow probe may take; 0: that */
	void (*note)(const char *line); /* what is waited for, or NULL */
};

/* PCI functions whose lock did not come free. */
struct probes {
	char **busy; /* paths below /sys */
	size_t count;
};

/*
 * Waits until the lock of every PCI function is free, those that appear meanwhile as well. 0, whatever
 * is still busy, or -ENOMEM. Changes nothing. The config space of what is busy is avoided from here
 * on (sysroot_avoid()).
 */
int probes_wait(const struct sys *sys, const struct probes_options *options,
		struct probes *ret_probes);
void probes_done(struct probes *probes);

/* What is busy is left, by a use that says so, and its lock is not asked for again. 0 or -ENOMEM. */
int probes_mark(const struct probes *probes, struct graph *graph);
