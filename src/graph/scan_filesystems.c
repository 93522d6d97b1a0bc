// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mounted file systems as the file systems themselves tell: the members of a btrfs, a journal on a
 * disk of its own, a mount that was detached (umount -l) and is still used, or lies in a namespace
 * that no process is in. ext4, xfs, f2fs and others have a folder for each in /sys/fs.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The disks of the folder @path go to the first @size of @members. Returns how many it has. */
static size_t list_members(struct scanner *s, const char *path, struct disk *members[], size_t size)
{
	DIR *dir = sysroot_opendir(s->root, path);
	struct dirent *entry;
	size_t count = 0;

	while (dir && (entry = readdir(dir))) {
		struct disk *disk = map_get(s->graph->by_disk, entry->d_name);

		if (!disk)
			continue;
		if (count < size)
			members[count] = disk;
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

/* mountinfo names one member; the others have the words of that one. */
static int read_btrfs_members(struct scanner *s, const char *path)
{
	size_t count = list_members(s, path, NULL, 0);
	struct disk **members = calloc(count + 1, sizeof(struct disk *));
	const char *words = "btrfs (mount not seen)";

	if (!members)
		return -ENOMEM;
	/* One may have been added in between; it is busy all the same. */
	if (list_members(s, path, members, count) < count)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (members[i]->words)
			words = members[i]->words;
	for (size_t i = 0; i < count; i++) {
		members[i]->words = words;
		members[i]->use = USE_MOUNT;
		members[i]->is_member = count > 1;
	}
	free(members);
	return 0;
}

static int read_btrfs(struct scanner *s)
{
	DIR *dir = sysroot_opendir(s->root, "/sys/fs/btrfs");
	char path[SCAN_PATH];
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return 0;
	while (!code && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/fs/btrfs/%s/devices", entry->d_name);
		code = read_btrfs_members(s, path);
	}
	closedir(dir);
	return code;
}

/* A folder @path with an entry for each disk that @type is mounted from. */
static int read_type(struct scanner *s, const char *path, const char *type)
{
	DIR *dir = sysroot_opendir(s->root, path);
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return 0;
	while (!code && (entry = readdir(dir))) {
		struct disk *disk = map_get(s->graph->by_disk, entry->d_name);

		if (!disk || disk->words)
			continue;
		disk->use = USE_MOUNT;
		disk->words = arena_printf(s->graph->arena, "%s (mount not seen)", type);
		if (!disk->words)
			code = -ENOMEM;
	}
	closedir(dir);
	return code;
}

static int read_types(struct scanner *s)
{
	DIR *dir = sysroot_opendir(s->root, "/sys/fs");
	char path[SCAN_PATH];
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return 0;
	while (!code && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "cgroup"))
			continue;
		snprintf(path, sizeof(path), "/sys/fs/%s", entry->d_name);
		code = read_type(s, path, entry->d_name);
	}
	closedir(dir);
	return code;
}

int scan_filesystems(struct scanner *s)
{
	int code = read_btrfs(s);

	if (!code)
		code = read_types(s);
	/* Of an internal journal the name goes on ("sda1-8"). */
	return code ? code : read_type(s, "/proc/fs/jbd2", "ext4 journal");
}
