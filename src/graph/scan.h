/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From sysfs to a graph, in one pass and with no child process; the cost grows linearly.
 *
 * A device that vanishes while it is read is left out and is no error. What cannot be read as an
 * unprivileged user is marked (USE_UNKNOWN, has_config = false), never guessed.
 */
#pragma once

#include "base/error.h"
#include "graph/graph.h"
#include "sys/root.h"

/*
 * The caller owns *@ret_graph. -ENOMEM, or what the kernel said when /sys itself cannot be read.
 * Changes nothing on the machine, not for a moment: disks are not asked whether they are claimed.
 */
int scan(const struct sysroot *root, struct graph **ret_graph, struct error *e);

/* As scan(), for a run: each disk, and each VFIO group, is opened exclusively for a moment, so that a
 * user of which nothing else tells is seen. Somebody else's mount may get EBUSY at that moment. */
int scan_and_claim(const struct sysroot *root, struct graph **ret_graph, struct error *e);

/*
 * Fills what is only told and no plan needs: of PCI functions, disks and links, the fields that graph.h
 * names it at. 0 or -ENOMEM; what cannot be read stays zero.
 */
int scan_details(const struct sysroot *root, struct graph *graph);

/*
 * Asks again, right before @device is released, whether it is in use. device->uses becomes what holds
 * now for it and those below it. Who holds what is taken from the last look at all processes where
 * that is at most two seconds old, or twenty times what it took. Returns 1 when it is in use now, 0 when
 * not, -ENODEV when it is gone or bound to another driver than @device says, or another negative
 * errno.
 */
int scan_recheck(const struct sysroot *root, struct graph *graph, struct device *device);

/*
 * Looks again, where the last look is half as old as scan_recheck() may take: called before workers are
 * made, so that they share one look rather than take one each. 0 or a negative errno; uses of all devices
 * become what holds now.
 */
int scan_refresh(const struct sysroot *root, struct graph *graph);
