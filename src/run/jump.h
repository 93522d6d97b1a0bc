/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ways out: into the next kernel, or through firmware when something is stuck. */
#pragma once

#include "base/error.h"
#include "record/record.h"
#include "run/quiesce.h"
#include "sys/ops.h"

/*
 * Says on the kernel log, in four lines at most, what was released, reset, left and not quiet, so a
 * serial log tells it; then sync(2), then reboot(LINUX_REBOOT_CMD_KEXEC). Returns only when the
 * kernel did not jump, with its negative errno.
 */
int jump(const struct sys *sys, struct record *record, const struct quiesce_result *result,
	 struct error *e);

/*
 * Leaves through firmware by sysrq 'b': reboot(2) would run device_shutdown(), which waits for the
 * stuck remove()'s device lock for ever. Returns only when sysrq is not there.
 */
int leave_by_firmware(const struct sys *sys, struct record *record, const char *why,
		      struct error *e);
