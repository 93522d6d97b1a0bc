/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The late module's interface: kexit_late.ko does, at the end of the kernel's device_shutdown(), what
 * nobody outside the kernel can do then. See kexit_late(4) for the lines of a list.
 */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

#include <stdbool.h>
#include <stddef.h>

#define LATE_DEVICE "/dev/kexit_late"

struct late_names {
	const char *const *names;
	size_t count;
};

/* What is to be done in the next kexec, whoever starts it. */
struct late_request {
	unsigned int timeout_s;		   /* for the whole of device_shutdown(); 0: no bound */
	struct late_names clears;	   /* endpoints: clear Bus Master ("0000:00:1f.3") */
	struct late_names resets;	   /* bridges: hot-reset the bus below */
	struct late_names function_resets; /* endpoints: their own reset */
	struct late_names stuck; /* paths below /sys: not shut down, nor what is below them */
};

/* Is the module loaded? */
bool late_is_present(const struct sysroot *root);

/*
 * Hands @request to the module in place of the one it had. 0, with what the module says of lines
 * that it left out, since their devices are not there any more, in @ret_skipped (@size bytes; "": of
 * none); or a negative errno with @e: -EINVAL when the module refuses a line, with its own words; it
 * then still has the list before.
 */
int late_arm(const struct sys *sys, const struct late_request *request, char *ret_skipped,
	     size_t size, struct error *e);

/* The next kexec is an ordinary one. 0 as well when there is no module. */
int late_disarm(const struct sys *sys, struct error *e);
