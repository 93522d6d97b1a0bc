// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of file systems on a machine that runs; see entry_volumes.h.
 *
 * A folder with a copy of a system, or a container's, is no disk of this machine, and its names mean
 * itself: what is shown then is what the original would show.
 */
#include "cli/entry_volumes.h"
#include "cli/entry_roots.h"
#include "entry/device_name.h"
#include "storage/disks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* udev writes "\\x20" for a blank, and so for all that a file's name should not have; in place. */
static void decode(char *name)
{
	char *to = name;

	for (const char *from = name; *from; from++) {
		char digits[3] = { 0 };

		if (!strncmp(from, "\\x", 2) && isxdigit((unsigned char)from[2]) &&
		    isxdigit((unsigned char)from[3])) {
			memcpy(digits, from + 2, 2);
			*to++ = (char)strtoul(digits, NULL, 16);
			from += 3;
		} else
			*to++ = *from;
	}
	*to = '\0';
}

/* UUIDs that differ in their letters' case only are one, to GRUB. */
static bool is_meant(enum entry_volume kind, const char *link, const char *name)
{
	char text[NAME_MAX + 1];

	snprintf(text, sizeof(text), "%s", link);
	decode(text);
	return !(kind == ENTRY_VOLUME_UUID ? strcasecmp(text, name) : strcmp(text, name));
}

/* The block device of that UUID or label; udev keeps the links. */
static int find_link(const struct sysroot *machine, enum entry_volume kind, const char *name,
		     dev_t *ret_device)
{
	DIR *dir = sysroot_opendir(machine, kind == ENTRY_VOLUME_UUID ? "/dev/disk/by-uuid"
								      : "/dev/disk/by-label");
	const struct dirent *item;
	struct stat st;
	int r = -ENOENT;

	while (dir && r && (item = readdir(dir))) {
		if (item->d_name[0] == '.' || !is_meant(kind, item->d_name, name) ||
		    fstatat(dirfd(dir), item->d_name, &st, 0))
			continue;
		*ret_device = st.st_rdev;
		r = 0;
	}
	if (dir)
		closedir(dir);
	return r;
}

/* btrfs on several disks: udev's link leads to one of them, and it may be mounted by another. */
static bool is_member(const struct sysroot *machine, const char *uuid, dev_t device)
{
	struct disk_facts disk;
	char path[256];

	if (strchr(uuid, '/') || disk_find(machine, device, &disk) < 0)
		return false;
	snprintf(path, sizeof(path), "/sys/fs/btrfs/%s/devices/%s", uuid, disk.name);
	return sysroot_exists(machine, path);
}

static int find_file(const struct entry_roots *roots, const char *path,
		     const struct fsroot **ret_root)
{
	for (size_t i = 0; i < roots->count; i++) {
		if (fsroot_exists(roots->roots[i], path))
			continue;
		*ret_root = roots->roots[i];
		return 0;
	}
	return -ENOENT;
}

/* What is known of a file system's device, and where its texts are kept. */
struct whereabouts {
	struct device_facts facts;
	struct disk_facts disk;
	char mapped[128];
};

static void locate(const struct entry_roots *roots, const struct fsroot *root,
		   struct whereabouts *at)
{
	dev_t device;

	*at = (struct whereabouts){ .facts = { .disk = NULL } };
	if (!fsroot_is_mount(root) || fsroot_device(root, &device) ||
	    disk_find(roots->machine, device, &at->disk) < 0)
		return;
	at->facts.disk = at->disk.whole;
	at->facts.partition = at->disk.partition;
	if (!disk_mapped_name(roots->machine, at->disk.name, at->mapped, sizeof(at->mapped)))
		at->facts.mapped = at->mapped;
}

static bool is_on_a_disk(const struct entry_roots *roots, const struct fsroot *root)
{
	struct whereabouts at;

	locate(roots, root, &at);
	return at.facts.disk != NULL;
}

static int find_device(const struct entry_roots *roots, const struct fsroot *own_root,
		       const char *name, const struct fsroot **ret_root)
{
	struct whereabouts own, other;
	int r = 0;

	locate(roots, own_root, &own);
	*ret_root = own_root;
	if (!own.facts.disk)
		return 0;
	for (size_t i = 0; r == 0 && i < roots->count; i++) {
		locate(roots, roots->roots[i], &other);
		*ret_root = roots->roots[i];
		r = device_name_fits(name, &own.facts, &other.facts);
	}
	return r > 0 ? 0 : r ?: -ENOENT;
}

static int find_name(const struct entry_roots *roots, const char *name,
		     const struct fsroot **ret_root)
{
	for (size_t i = 0; i < roots->count; i++) {
		struct whereabouts at;

		locate(roots, roots->roots[i], &at);
		if (!at.facts.disk || strcmp(at.disk.name, name) != 0)
			continue;
		*ret_root = roots->roots[i];
		return 0;
	}
	return -ENOENT;
}

int entry_volumes_find(const struct entry_source *source, enum entry_volume kind, const char *name,
		       const struct fsroot **ret_root)
{
	const struct entry_roots *roots = source->context;
	dev_t wanted, device;

	/* All are in one list. */
	if (kind == ENTRY_VOLUME_SIBLING)
		return -ENOENT;
	if (kind == ENTRY_VOLUME_NAME) {
		*ret_root = source->root;
		return is_on_a_disk(roots, source->root) ? find_name(roots, name, ret_root) : 0;
	}
	if (kind == ENTRY_VOLUME_FILE)
		return find_file(roots, name, ret_root);
	if (kind == ENTRY_VOLUME_DEVICE)
		return find_device(roots, source->root, name, ret_root);
	if (find_link(roots->machine, kind, name, &wanted)) {
		*ret_root = source->root;
		/* Without udev nothing is known of what is not there. */
		if (sysroot_exists(roots->machine, "/dev/disk/by-uuid") &&
		    is_on_a_disk(roots, source->root))
			return -ENOENT;
		return 0;
	}
	for (size_t i = 0; i < roots->count; i++) {
		if (fsroot_device(roots->roots[i], &device) ||
		    (device != wanted && !is_member(roots->machine, name, device)))
			continue;
		*ret_root = roots->roots[i];
		return 0;
	}
	return -ENOENT;
}

/* udev's link to the device, whose name is the UUID; btrfs on several disks may be mounted by another. */
const char *entry_volumes_uuid(const struct entry_source *source, const struct fsroot *root)
{
	const struct entry_roots *roots = source->context;
	DIR *dir = sysroot_opendir(roots->machine, "/dev/disk/by-uuid");
	const struct dirent *item;
	const char *uuid = NULL;
	struct stat st;
	dev_t device;

	if (fsroot_device(root, &device) == 0)
		while (dir && !uuid && (item = readdir(dir)))
			if (item->d_name[0] != '.' && !fstatat(dirfd(dir), item->d_name, &st, 0) &&
			    st.st_rdev == device)
				uuid = arena_strdup(roots->list->arena, item->d_name);
	if (dir)
		closedir(dir);
	return uuid;
}
