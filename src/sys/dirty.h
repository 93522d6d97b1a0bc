/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much waits to be written, and whether the disks write: what shows that sync(2) gets on. */
#pragma once

#include "sys/root.h"

/* What /proc/meminfo and /proc/diskstats say of data on its way to the disks. */
struct dirty {
	unsigned long long dirty_kb, writeback_kb; /* to be written, and being written */
	unsigned long long sectors;		   /* written by all disks so far */
};

/* What cannot be read is 0. */
void dirty_read(const struct sysroot *root, struct dirty *ret_dirty);
