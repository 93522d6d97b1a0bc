/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What speaks against a reboot now, whichever way it goes: each asked before anything is touched, each
 * with a line and an exit status of its own.
 */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

/* Exit statuses of `kexit reboot`; see kexit(8). */
enum precheck_status {
	PRECHECK_ROOM = 10,	 /* memory or /run too small */
	PRECHECK_FIRMWARE = 11,	 /* an update waits for a start through firmware */
	PRECHECK_DISKS = 12,	 /* an array rebuilds or is degraded, a disk says it fails */
	PRECHECK_PACKAGES = 13,	 /* a package manager is at work */
	PRECHECK_INHIBITED = 14, /* somebody asked the service manager not to */
	PRECHECK_HOOK = 15,	 /* an administrator's hook failed; not one of the table */
};

struct precheck {
	enum precheck_status status;
	const char *name; /* "room" */
	/* 0, or -EBUSY or another errno with the reason and what to do in @e. */
	int (*ask)(const struct sys *sys, struct error *e);
};

/* In the order in which they are asked; ends with a name of NULL. */
extern const struct precheck prechecks[];
