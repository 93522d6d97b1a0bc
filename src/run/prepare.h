/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be so before the first unbind. Each change is in the record before it is made.
 *
 *   drivers_autoprobe = 0      or the next driver that fits takes the device right back
 *   power/control = on         or an unbound function, and its bridge, may fall into D3cold, where
 *                              its registers cannot be read and the next kernel may not find it
 *   manage_*start_stop = 0     or libata stops the disk's motor at each unbind
 *   vtcon bind = 0             or the console keeps drawing into a framebuffer that goes away
 */
#pragma once

#include "base/error.h"
#include "plan/plan.h"
#include "record/record.h"
#include "sys/ops.h"

/* 0, or a negative errno with the attribute named in @e; what was changed is in the record. */
int prepare(const struct sys *sys, const struct plan *plan, struct record *record, struct error *e);
