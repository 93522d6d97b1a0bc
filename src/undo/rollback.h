/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking back everything the record says was done, in reverse order.
 *
 * Works from the events alone, so that it is the same after a failure in the same process, after
 * SIGTERM, and in another process after kill -9. Events it acts on (all written before the change):
 *
 *   attribute  path, old, new              a sysfs attribute was changed
 *   link       see links.h                 a network link is about to go down
 *   release    device, bus, driver, name   a device is about to be unbound; `device` is below /sys
 *   follow     device, bus, driver, name   a device that goes along with a release
 *   clear      device, old, new            the command register, Bus Master is about to be cleared
 *   late       see run/late_stage.h         the late module is about to get a list
 *
 * Order, and why: attributes of buses (drivers_autoprobe) first, since children found by a rebind
 * only bind while it is on; then devices, last released first; then other attributes (numvfs,
 * power/control, vtconsole bind) once what they belong to is there; then links.
 */
#pragma once

#include "base/error.h"
#include "record/record.h"
#include "sys/ops.h"

struct rollback_result {
	size_t devices; /* bound again to the driver they had */
	size_t failed;	/* things that could not be restored */
	json_t *names;	/* their messages, an array of strings the caller owns */
};

/*
 * Rolls back @events, writing "restored" and "not-restored" events to @record as it goes and
 * calling @progress (may be NULL) with a line for a person for each device. Each rebind runs in a
 * worker with a deadline, independent ones at once, so that one hung probe does not keep the rest.
 * 0 when everything is back, -EIO when something is not (@ret_result names it). "rolled-back" is
 * written when everything is back, and only then: what is not can be tried again.
 */
int rollback_run(const struct sys *sys, struct record *record, const json_t *events,
		 void (*progress)(const char *line), struct rollback_result *ret_result);

/* True when @events hold a change that no later "rolled-back" event took back, made in this boot. */
bool rollback_is_needed(const json_t *events);
