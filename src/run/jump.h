/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way out into the next kernel; leave.h has the one through firmware. */
#pragma once

#include "base/error.h"
#include "record/record.h"
#include "run/doubts.h"
#include "run/guard.h"
#include "run/quiesce.h"
#include "sys/ops.h"

/*
 * Says on the kernel log what was released and reset, in two lines, then @doubts, a line for each, so
 * a serial log tells it; then sync(2), bounded, then @guard counts, then reboot(LINUX_REBOOT_CMD_KEXEC). Returns only when
 * the kernel did not jump, with its negative errno; -EINTR when @wake_fd was readable before.
 */
int jump(const struct sys *sys, struct record *record, const struct quiesce_result *result,
	 const struct doubts *doubts, struct guard *guard, int wake_fd, struct error *e);
