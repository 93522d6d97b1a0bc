/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device put to work before it is released, so that its remove() has something to stop: links go
 * up and get a carrier, disks are read.
 */
#pragma once

#include "base/error.h"
#include "record/record.h"
#include "sys/ops.h"
#include "trial/subject.h"

struct exercise {
	unsigned int links, carriers; /* links, and those that got a carrier */
	unsigned int disks, reads;    /* disks, and those whose first block could be read */
	char text[192];		      /* the first thing that failed; "" for none */
};

/* How many links and disks there are to use. */
void exercise_count(const struct subject *subject, struct exercise *ret);

/*
 * Takes every link of @subject up, waits for a carrier, and reads the first block of every disk
 * past the cache. How each link was is in the record before. Runs in a worker with a deadline. 0
 * whatever single links and disks answered (*@ret tells: a cable may be out); -ETIMEDOUT when the
 * worker hangs in the kernel, or another negative errno, with @e.
 */
int exercise(const struct sys *sys, const struct subject *subject, struct record *record,
	     struct exercise *ret, struct error *e);
