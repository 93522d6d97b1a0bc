/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is on a disk, by libblkid: the only file of kexit that links it, for kexit-boot alone. */
#pragma once

#include <stddef.h>

struct probe_result {
	char type
		[32]; /* libblkid's TYPE: "ext4", "LVM2_member"; "" when there is nothing it knows */
	char uuid[64]; /* of the file system or the array; "" for none */
	char label[128];
};

/*
 * Looks at the contents of /dev/@name, which must have been made read-only before. Blocks as long as
 * the disk does. -EBADMSG: it holds signatures of two kinds, and libblkid cannot tell which is meant.
 */
int probe_disk(const char *name, struct probe_result *ret);

/* The partition table that the partition /dev/@name is in, as libblkid has it: "gpt", "dos"; "" where
 * it is in none, or cannot be read. */
void probe_scheme(const char *name, char *ret_scheme, size_t size);

/* What PARTUUID= means of the partition /dev/@name, in the same way. */
void probe_part_uuid(const char *name, char *ret_uuid, size_t size);
