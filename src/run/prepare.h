/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be so before the first unbind. Each change is in the record before it is made.
 *
 *   drivers_autoprobe = 0      or the next driver that fits takes the device right back
 *   power/control = on         or an unbound function, and its bridge, may fall into D3cold, where
 *                              its registers cannot be read and the next kernel may not find it
 *   manage_*start_stop = 0     or libata stops the disk's motor at each unbind
 *   vtcon bind = 0             or the console keeps drawing into a framebuffer that goes away
 *
 * All in a worker: power/control takes the device's lock, vtcon the console's, and a dump of the links
 * RTNL, which a remove() that hangs, or a probe that takes its time, may have.
 */
#pragma once

#include "base/error.h"
#include "plan/plan.h"
#include "record/record.h"
#include "sys/ops.h"

struct prepare_options {
	unsigned int deadline_ms;	/* of one change; 0: as long as a slow probe may take */
	double run_deadline_ms;		/* CLOCK_BOOTTIME; 0: none */
	int wake_fd;			/* signalfd; -1: none */
	void (*note)(const char *line); /* what it waits for, or NULL */
};

/*
 * 0, -EINTR when wake_fd woke it, -ETIMEDOUT when a change did not return, or another negative errno,
 * with the attribute named in @e; what was changed is in the record.
 */
int prepare(const struct sys *sys, const struct plan *plan, struct record *record,
	    const struct prepare_options *options, struct error *e);

/* Its last part, links_save() in a worker, for who prepares nothing else. */
int prepare_links(const struct sys *sys, const struct plan *plan, struct record *record,
		  const struct prepare_options *options, struct error *e);
