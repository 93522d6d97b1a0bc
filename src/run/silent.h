/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks that do not even answer an open(2), as where an earlier remove() hangs with the disk's lock: a
 * scan that claims them would hang with it.
 */
#pragma once

#include "sys/root.h"

/*
 * Opens each whole disk once, in a worker, bounded by @limit_ms in all (0: 10 s). What does not answer
 * is avoided by @root from here on, its partitions too, so that a scan takes it for one that could not
 * be asked; @note (may be NULL) is told. 0 or -ENOMEM.
 */
int silent_disks_avoid(struct sysroot *root, unsigned int limit_ms, void (*note)(const char *line));
