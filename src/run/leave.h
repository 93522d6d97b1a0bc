/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways out through firmware. What file systems hold back is written first, bounded: "flush",
 * "sync", "firmware" is the order in the record.
 */
#pragma once

#include "base/error.h"
#include "record/record.h"
#include "sys/ops.h"

/*
 * Something is stuck: by sysrq 'b', since reboot(2) would run device_shutdown(), which waits for the
 * stuck remove()'s device lock for ever. Returns only when sysrq is not there, with @e. @note may be
 * NULL.
 */
int leave_at_once(const struct sys *sys, struct record *record, const char *why,
		  void (*note)(const char *line), struct error *e);

/* Nothing is stuck: by reboot(2), so that the drivers that are left shut their devices down. Returns
 * only when the kernel did not restart, with @e. */
int leave_in_order(const struct sys *sys, struct record *record, const char *why,
		   void (*note)(const char *line), struct error *e);
