// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of contents; see kinds.h. */
#include "storage/kinds.h"

#include <stddef.h>
#include <string.h>

#define FILESYSTEM(type, own_options)                                                              \
	{                                                                                          \
		.name = (type), .kind = STORAGE_FILESYSTEM, .filesystem = (type),                  \
		.options = (own_options), .replay_options = ""                                     \
	}
#define OTHER(type, why)                                                                           \
	{                                                                                          \
		.name = (type), .kind = STORAGE_OTHER, .reason = (why)                             \
	}

static const struct storage_type types[] = {
	FILESYSTEM("ext4", "noload"),
	/* Debian's kernels have no ext2 and ext3 of their own: ext4 reads both. */
	{ "ext3", STORAGE_FILESYSTEM, "ext4", "noload", "", NULL },
	{ "ext2", STORAGE_FILESYSTEM, "ext4", "noload", "", NULL },
	/* nouuid: a copy of a disk beside it is two file systems with one UUID. */
	{ "xfs", STORAGE_FILESYSTEM, "xfs", "norecovery,nouuid", "nouuid", NULL },
	/* nologreplay is what `rescue=` of Linux 5.9 calls it; Debian 12 has 6.1. */
	{ "btrfs", STORAGE_BTRFS, "btrfs", "rescue=nologreplay", "", NULL },
	FILESYSTEM("vfat", ""),
	FILESYSTEM("iso9660", ""),
	FILESYSTEM("udf", ""),
	FILESYSTEM("squashfs", ""),
	FILESYSTEM("erofs", ""),
	/* Its roll-forward recovery is left out by norecovery. */
	FILESYSTEM("f2fs", "norecovery"),
	{ "linux_raid_member", STORAGE_MD, NULL, NULL, NULL, NULL },
	{ "LVM2_member", STORAGE_LVM, NULL, NULL, NULL, NULL },
	OTHER("crypto_LUKS", "it is encrypted, and kexit-boot does not ask for passphrases"),
	OTHER("BitLocker", "it is encrypted, and kexit-boot does not ask for passphrases"),
	/* Nearly every machine has some: naming it would hide what is worth a line. */
	OTHER("swap", NULL),
	OTHER("swsuspend", "a hibernated system is resumed by its own initramfs"),
	OTHER("zfs_member", "Linux has no ZFS driver of its own"),
	OTHER("bcachefs", "it cannot be read here without writing to it"),
	OTHER("bcache", "a cached disk cannot be put together without writing to it"),
	OTHER("ntfs", "Linux does not boot from NTFS"),
	OTHER("exfat", "no firmware and no installer boots Linux from exFAT"),
	OTHER("isw_raid_member", "firmware RAID needs mdmon, which writes to it"),
	OTHER("ddf_raid_member", "firmware RAID needs mdmon, which writes to it"),
};

static const struct storage_type unknown = { .name = "", .kind = STORAGE_UNKNOWN };

const struct storage_type *storage_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	return &unknown;
}
