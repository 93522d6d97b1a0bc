/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a block device that can block, each for a child; answers are one JSON object. */
#pragma once

#include "storage/disks.h"
#include "sys/ops.h"

#include <stdio.h>

/*
 * Makes the disk read-only before anything else opens it, then looks at its contents:
 *   type, uuid, label   as libblkid has them
 *   part_uuid           the partition's own; "" for none
 *   is_waiting          a member of a btrfs that lacks others
 *   reason              what went wrong, or ""
 */
int volume_probe(const struct sys *sys, const struct disk_facts *disk, FILE *answer);

/*
 * Mounts the disk @names[0] with contents @type (of a btrfs on several, these) on a folder of VOLUMES_DIR:
 *   folders   an array: its root, then roots of subvolumes; empty when it could not be mounted
 *   note      why it is not shown in its last state, or ""
 *   reason    why it is not shown, or ""
 */
int volume_mount(const struct sys *sys, const char *const names[], size_t count, const char *type,
		 FILE *answer);

/* Takes that mount away, whoever still reads from it. */
void volume_unmount(const struct sys *sys, const char *name);
