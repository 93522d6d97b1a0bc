/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sync(2) that does not hang with the disk it waits for. */
#pragma once

#include "record/record.h"
#include "sys/dirty.h"
#include "sys/ops.h"

/* What sync(2) may take while nothing is written any more; Linux gives an ATA or NVMe cache flush as
 * much. */
#define SYNC_DEADLINE_MS      180000

/* And with nothing left to write, where something is stuck: a remove() of a disk that hangs holds a lock
 * that sync(2) takes of every disk. */
#define SYNC_IDLE_DEADLINE_MS 20000

struct sync_options {
	unsigned int deadline_ms;	/* without a sign of progress; 0: SYNC_DEADLINE_MS */
	unsigned int idle_deadline_ms;	/* the same with nothing left to write; 0: deadline_ms */
	int wake_fd;			/* signalfd; -1: none */
	void (*note)(const char *line); /* a line now and then while it goes on, or NULL */
};

/*
 * sync(2) in a worker, which makes progress as long as the data that is still to be written changes,
 * or a disk writes. A "sync" event with its result goes to the record. 0, -EINTR when wake_fd woke it,
 * -ETIMEDOUT, or another negative errno.
 */
int sync_bounded(const struct sys *sys, struct record *record, const struct sync_options *options);
