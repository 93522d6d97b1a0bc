// SPDX-License-Identifier: GPL-2.0-or-later
/* Marks in superblocks; see journal.h. */
#include "storage/journal.h"

#include <endian.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Linux: Documentation/filesystems/ext4/super.rst: s_magic, s_feature_incompat. */
#define EXT4_AT	       1024
#define EXT4_MAGIC_AT  0x38
#define EXT4_MAGIC     0xef53
#define EXT4_INCOMPAT  0x60
#define EXT4_RECOVER   0x4 /* the journal needs recovery */

/* Linux: include/uapi/linux/btrfs_tree.h: struct btrfs_super_block. */
#define BTRFS_AT       65536
#define BTRFS_MAGIC_AT 0x40
#define BTRFS_MAGIC    "_BHRfS_M"
#define BTRFS_LOG_ROOT 0x60 /* of the tree that fsync(2) wrote, 0: none */

#define SUPER_SIZE     512

static bool ext4_is_dirty(const unsigned char *super)
{
	uint16_t magic;
	uint32_t incompat;

	memcpy(&magic, super + EXT4_MAGIC_AT, sizeof(magic));
	memcpy(&incompat, super + EXT4_INCOMPAT, sizeof(incompat));
	return le16toh(magic) == EXT4_MAGIC && le32toh(incompat) & EXT4_RECOVER;
}

static bool btrfs_is_dirty(const unsigned char *super)
{
	uint64_t log_root;

	memcpy(&log_root, super + BTRFS_LOG_ROOT, sizeof(log_root));
	return !memcmp(super + BTRFS_MAGIC_AT, BTRFS_MAGIC, 8) && log_root;
}

static const struct {
	const char *filesystem;
	off_t at;
	bool (*is_dirty)(const unsigned char *super);
} marks[] = {
	{ "ext4", EXT4_AT, ext4_is_dirty },
	{ "btrfs", BTRFS_AT, btrfs_is_dirty },
};

static bool read_super(const struct sysroot *root, const char *name, off_t at,
		       unsigned char super[SUPER_SIZE])
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = sysroot_openat(root, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = pread(fd, super, SUPER_SIZE, at);
	close(fd);
	return n == SUPER_SIZE;
}

enum journal_state journal_look(const struct sysroot *root, const char *name,
				const struct storage_type *type)
{
	unsigned char super[SUPER_SIZE];

	if (!strcmp(type->filesystem, "xfs"))
		return JOURNAL_UNKNOWN;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (!strcmp(type->filesystem, marks[i].filesystem) &&
		    read_super(root, name, marks[i].at, super) && marks[i].is_dirty(super))
			return JOURNAL_DIRTY;
	return JOURNAL_CLEAN;
}
