/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rollback has to undo: the record's events since the last whole rollback, by subject. */
#pragma once

#include "base/map.h"
#include "undo/internal.h"

/* Arrays of the same length as the events; strings are the events'. The maps find in them by path:
 * a record of 10,000 devices is read in time that grows with their number, not with its square. */
struct undo {
	struct rollback rollback;
	json_t *events;
	struct changed *changes;
	size_t change_count;
	struct rebind *devices;
	size_t device_count;
	struct follower *followers;
	size_t follower_count;
	struct map *change_at, *device_at, *follower_at, *vfs_at;
	size_t planned; /* the last "plan" event so far */
};

/* Reads @events, of which it keeps a copy, into *@undo, whose rollback is set already. 0 or -ENOMEM;
 * to be ended by undo_done() in both cases. */
int undo_init(struct undo *undo, const json_t *events);
void undo_done(struct undo *undo);

/* The release of the device with the path @device below /sys, or NULL. */
struct rebind *undo_find(const struct undo *undo, const char *device);

/* A string of an event; "" when it has none of that name. */
const char *event_field(const json_t *event, const char *name);
bool event_is(const json_t *event, const char *name);

/* True for attributes of a bus or of who may bind: they come back before any device does. */
bool changed_is_of_bus(const struct changed *changed);
