/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a link or its device has that is not set up again: XDP programs, queueing disciplines and the
 * filters on them, the mode of an embedded switch. Written into the link's event, so that a rollback
 * can name what is not as it was.
 */
#pragma once

#include "links/seen.h"

#include <stddef.h>

/* From a link's RTM_NEWLINK message into @event: "xdp" (true), "qdisc" (its name, when it is none that
 * the kernel takes by itself). */
void unsaved_from_link(json_t *event, const void *attributes, size_t length);

/* Of all links at once: "ingress" ("clsact" or "ingress"). 0 or a negative errno. */
int unsaved_read_qdiscs(const struct links_seen *seen);

/* Of @event's "device": "eswitch" (true), when it switches between representors. */
void unsaved_read_eswitch(const struct sysroot *root, json_t *event);

/* "its XDP program is not attached again": what @now, the same link's event after a rollback, does not
 * have of what @was has; NULL is nothing at all. Calls @each with a clause for each. */
void unsaved_compare(const json_t *was, const json_t *now,
		     void (*each)(const char *clause, void *context), void *context);

/* True when @event has something of all that. */
bool unsaved_any(const json_t *event);
