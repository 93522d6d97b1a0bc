/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libblkid's name for the contents of a disk means to a boot loader: a file system and how it
 * is mounted without a write, a part of something larger, or nothing to boot from.
 */
#pragma once

enum storage_kind {
	STORAGE_FILESYSTEM,
	STORAGE_BTRFS, /* a file system that may be on several disks, with subvolumes */
	STORAGE_MD,    /* a member of an md array */
	STORAGE_LVM,   /* a physical volume */
	STORAGE_OTHER, /* known, and nothing that can be booted from: see `reason` */
	STORAGE_UNKNOWN,
};

struct storage_type {
	const char *name; /* libblkid's TYPE */
	enum storage_kind kind;
	const char *filesystem; /* as mount(2) wants it; its module's alias is "fs-" and this */
	/*
	 * What keeps the file system from writing although the mount is read-only: a journal is not
	 * replayed (Linux: Documentation/filesystems/ext4, Documentation/admin-guide/xfs, btrfs(5)).
	 */
	const char *options;
	const char *replay_options; /* with which it is replayed, even when mounted read-only */
	const char *reason; /* STORAGE_OTHER: one clause for a person; NULL: nobody misses it */
};

/* Never NULL: what is not known has the kind STORAGE_UNKNOWN. Static. */
const struct storage_type *storage_type_find(const char *name);
