/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual functions across the release of their physical function, which takes them away: what was
 * set for each through the physical function's link (hardware address, VLAN, rates, trust, spoof
 * check, link state), and which driver each is kept for (driver_override). Both have to be there
 * again before a driver probes one: a guest's card would come up with another address, or the host's
 * driver would take what is kept for a guest.
 */
#pragma once

#include "base/error.h"
#include "plan/plan.h"
#include "record/record.h"
#include "sys/ops.h"

#include <linux/netlink.h>

/* Writes a "vfs" event for each physical function with virtual functions that @plan releases or takes
 * along. 0 or a negative errno. */
int vfs_save(const struct sys *sys, const struct plan *plan, struct record *record);

/*
 * Sets what the "vfs" event @event says, for virtual functions that are there and have no driver yet;
 * what is so already is left. Waits up to @wait_ms for the physical function's link. Calls @failed
 * with a clause for each setting that the kernel refused.
 */
void vfs_restore(const struct sys *sys, const json_t *event, unsigned int wait_ms,
		 void (*failed)(const char *clause, void *context), void *context);

/* The settings of all virtual functions in @message (RTM_NEWLINK of a physical function's link), as an
 * array of hex strings: one IFLA_VF_INFO each, without what cannot be set. NULL: no memory. */
json_t *vfs_settings(const struct nlmsghdr *message);
