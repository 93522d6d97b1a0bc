/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what a mounted file system offers to boot; in a child, since reading can hang. */
#pragma once

#include "storage/disks.h"
#include "sys/root.h"

#include <stddef.h>
#include <stdio.h>

/* A file system that is mounted. */
struct reader_volume {
	const struct disk_facts *disk;
	const char *uuid, *label; /* "" for none */
	/* Its root; behind that, with btrfs, the roots of its subvolumes, which are read as well. */
	const char *const *folders;
	size_t folder_count;
};

/*
 * Reads the entries of @volumes[@own] and writes them to @answer as offer_decode() takes them. The
 * other volumes are there for entries that name them. 0 or a negative errno.
 */
int reader_read(const struct sysroot *root, const struct reader_volume *volumes, size_t count,
		size_t own, FILE *answer);
