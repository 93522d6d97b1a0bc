/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of several file systems an entry means where a name fits more than one. Pure. */
#pragma once

#include "storage/disks.h"

#include <stddef.h>

/*
 * @disks: where each file system lies, in the stable order of the machine. Writes their numbers to
 * @ret_order (room for @count) as they are to be asked for the file system @own: itself, those on the same
 * disk, all others. A copy of a disk beside it has the same UUIDs, and a system's files are its own.
 */
void nearness_order(const struct disk_facts *const disks[], size_t count, size_t own,
		    size_t *ret_order);
