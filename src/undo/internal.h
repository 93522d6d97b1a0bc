/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a rollback share: rollback.c has the order, rebind.c the devices, followers.c
 * what comes back with them. */
#pragma once

#include "undo/rollback.h"

#include <stddef.h>

struct rollback {
	const struct sys *sys;
	struct record *record;
	void (*progress)(const char *line);
	struct rollback_result *result;
};

/* A device as the record names it. Strings are the events'. */
struct bound {
	const char *device; /* below /sys */
	const char *bus, *driver, *name;
};

/* An attribute that was changed, and what it said before the first change. */
struct changed {
	const char *path;
	const char *old;
};

/* A release to take back. */
struct rebind {
	struct rollback *rollback;
	struct bound what;
	size_t started, ended; /* events of the release; SIZE_MAX: it did not end */
	unsigned int deadline_ms;
	const struct changed *numvfs; /* its virtual functions, made again with it, or NULL */
	const json_t *vfs;	      /* the event that says what they are set to, or NULL */
	enum { REBIND_WAITS, REBIND_RUNS, REBIND_DONE, REBIND_FAILED } state;
};

/* One more thing that could not be restored. */
void rollback_fail(struct rollback *rollback, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Tells @what of @device to the caller and to the record. */
void rollback_tell(struct rollback *rollback, const struct bound *device, const char *what,
		   double ms);

/* The driver that holds the device with the path @device below /sys now, in @buffer; NULL: none. */
const char *bound_driver(const struct sys *sys, const char *device, char *buffer, size_t size);

/* Writes an attribute's old value back unless it says so. 0, or what the kernel answered. */
int changed_restore(const struct sys *sys, const struct changed *changed);

/*
 * Binds every device of @list again that is not bound, as many at once as the order of their
 * releases allows: B waits for A when B's release had ended before A's began, since A may be what
 * B lies on or is supplied by. Each ends REBIND_DONE or REBIND_FAILED, the failed ones named.
 */
void rebind_all(struct rollback *rollback, struct rebind *list, size_t count);

/* Devices that went along with a release and come back with it by themselves. */
struct follower {
	struct bound what;
	const char *with;	      /* what it goes along with, as the plan said; or "" */
	size_t planned;		      /* the event of the plan that named it */
	const struct rebind *carrier; /* NULL: its carrier was not released */
};

/*
 * Waits, bounded, until every device of @list is bound again, binds those that are there and were
 * not, and names those that are missing. A device that came back under another name (SCSI hosts
 * and USB buses count up) is known by its carrier, bus and driver.
 */
void followers_wait(struct rollback *rollback, const struct follower *list, size_t count);
