/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that keeps a disk in use, taken down from the top: mounts, then the device mapper's
 * devices, md arrays and loops, whichever sits on which; of a system that ends swap before and disks of
 * the network after them. What is read only needs no flush.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "sys/ops.h"

#include <stddef.h>

enum takedown_kind {
	TAKEDOWN_SWAP,	 /* subject: the device or file, as /proc/swaps has it */
	TAKEDOWN_MOUNT,	 /* the mount point */
	TAKEDOWN_DM,	 /* the name that the device mapper knows: "vg-root" */
	TAKEDOWN_MD,	 /* "md127" */
	TAKEDOWN_LOOP,	 /* "loop0" */
	TAKEDOWN_NBD,	 /* "nbd0" */
	TAKEDOWN_FABRIC, /* "nvme1", a controller behind a network */
};

struct takedown_step {
	enum takedown_kind kind;
	const char *subject;
	/* Steps of one level do not need each other and may be done at once; level 0 goes first,
	 * as what is in a higher level is in use by something of a lower one. */
	unsigned int level;
	/* Of a mount: a process or another machine answers for it, and may be gone. */
	bool is_foreign;
};

/*
 * What is to be done on this machine now, in order; the array is in @arena. Mounts are those of
 * /proc/self/mountinfo whose source is below /dev; where @below names a folder, they are all that lie
 * in it, itself included and whatever they show, swap goes first, and the disks of the network last, as
 * long as their network card is there. 0 or a negative errno.
 */
int takedown_plan(const struct sysroot *root, const char *below, struct arena *arena,
		  struct takedown_step **ret_steps, size_t *ret_count, struct error *e);

/* Does one of them. What is gone by itself is a success. -EBUSY: still in use, by what @e says. */
int takedown_step_run(const struct sys *sys, const struct takedown_step *step, struct error *e);
