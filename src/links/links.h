/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network links across a release: written to the record while they are whole, taken down by the
 * worker that releases their device, and brought back by a rollback.
 *
 * Saved for each link: name, hardware address if it was set by hand, MTU, up or down, its master
 * (bridge, bond, team or VRF), the VLANs above it, its addresses, and every route that leaves
 * through it. Not saved: queueing disciplines, ethtool settings, per-port bridge options, sysctls,
 * next hop objects, links in other network namespaces (kexit(8) says so). Links of other kinds
 * above it that vanish with it (macvlan, ...) are named by the rollback.
 */
#pragma once

#include "base/error.h"
#include "plan/plan.h"
#include "record/record.h"
#include "sys/ops.h"

/* Whether anything that @plan releases has a network link, or may have got one since the scan: else
 * there is nothing to save. */
bool links_may_go(const struct plan *plan);

/*
 * Writes one "vfs" event for each physical function, and one "link" event for each network link whose device @plan releases or takes along. One
 * dump of links, addresses and routes for all. 0 or a negative errno with @e.
 */
int links_save(const struct sys *sys, const struct plan *plan, struct record *record,
	       struct error *e);

/* Takes every link of @device down, as `ip link set dev X down` does. 0 or the first errno; a link
 * that vanished is no error. Called in the device's worker. */
int links_down(const struct sys *sys, const struct graph *graph, const struct device *device);

/*
 * Brings back every "link" event of @events: waits (bounded, @wait_ms in all) for the link to
 * appear below its device again, gives it its name, address, MTU, master and VLANs, takes it up
 * and replays addresses and routes with the new interface index. What could not be restored is
 * added as strings to the JSON array @failed. Returns how many things could not be restored, or a
 * negative errno.
 */
int links_restore(const struct sys *sys, const json_t *events, unsigned int wait_ms,
		  json_t *failed);
