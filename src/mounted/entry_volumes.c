// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of file systems on a machine that runs; see entry_volumes.h.
 *
 * A folder with a copy of a system, or a container's, is no disk of this machine, and its names mean
 * itself: what is shown then is what the original would show.
 */
#include "mounted/entry_volumes.h"
#include "entry/device_name.h"
#include "mounted/entry_roots.h"
#include "mounted/udev_names.h"
#include "offer/nearness.h"
#include "storage/disks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct entry_place *place_of(const struct entry_roots *roots,
					  const struct fsroot *root)
{
	for (size_t i = 0; i < roots->count; i++)
		if (roots->roots[i] == root)
			return &roots->places[i];
	return NULL;
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

/* What is known of a file system's device, and where its texts are kept. */
struct whereabouts {
	struct device_facts facts;
	struct disk_facts disk;
	char mapped[128];
};

/* False, and nothing known: it is on no disk, or a folder within a file system. */
static bool locate(const struct entry_roots *roots, const struct fsroot *root,
		   struct whereabouts *at)
{
	const struct entry_place *place = place_of(roots, root);

	*at = (struct whereabouts){ .facts = { .disk = NULL } };
	if (!place || !place->is_mount || !place->device ||
	    disk_find(roots->machine, place->device, &at->disk) < 0)
		return false;
	at->facts.disk = at->disk.whole;
	at->facts.partition = at->disk.partition;
	if (!disk_mapped_name(roots->machine, at->disk.name, at->mapped, sizeof(at->mapped)))
		at->facts.mapped = at->mapped;
	return true;
}

/* From near to far of @own; those on no disk are with each other. */
static void make_order(const struct entry_roots *roots, const struct fsroot *own,
		       size_t order[ENTRY_ROOTS_MAX])
{
	const struct disk_facts *disks[ENTRY_ROOTS_MAX];
	struct whereabouts at[ENTRY_ROOTS_MAX];
	size_t self = 0;

	for (size_t i = 0; i < roots->count; i++) {
		locate(roots, roots->roots[i], &at[i]);
		disks[i] = &at[i].disk;
		if (roots->roots[i] == own)
			self = i;
	}
	nearness_order(disks, roots->count, self, order);
}

static int find_file(const struct entry_roots *roots, const size_t order[], const char *path,
		     const struct fsroot **ret_root)
{
	for (size_t i = 0; i < roots->count; i++) {
		if (fsroot_exists(roots->roots[order[i]], path))
			continue;
		*ret_root = roots->roots[order[i]];
		return 0;
	}
	return -ENOENT;
}

static int find_device(const struct entry_roots *roots, const struct fsroot *own_root,
		       const char *name, const struct fsroot **ret_root)
{
	struct whereabouts own, other;
	int r = 0;

	*ret_root = own_root;
	if (!locate(roots, own_root, &own))
		return 0;
	for (size_t i = 0; r == 0 && i < roots->count; i++) {
		locate(roots, roots->roots[i], &other);
		*ret_root = roots->roots[i];
		r = device_name_fits(name, &own.facts, &other.facts);
	}
	return r > 0 ? 0 : r ?: -ENOENT;
}

static int find_name(const struct entry_roots *roots, const struct fsroot *own, const char *name,
		     const struct fsroot **ret_root)
{
	struct whereabouts at;

	if (!locate(roots, own, &at)) {
		*ret_root = own;
		return 0;
	}
	for (size_t i = 0; i < roots->count; i++) {
		if (!locate(roots, roots->roots[i], &at) || strcmp(at.disk.name, name) != 0)
			continue;
		*ret_root = roots->roots[i];
		return 0;
	}
	return -ENOENT;
}

/* @linked: the device that udev's link of @name leads to; 0: there is no such link. */
static bool is_called(const struct entry_roots *roots, dev_t device, enum entry_volume kind,
		      const char *name, dev_t linked)
{
	char *own = device ? udev_name(roots->machine, kind, device) : NULL;
	bool is_so = own && udev_is_same(kind, own, name);

	if (!own && device && linked)
		is_so = device == linked || is_member(roots->machine, name, device);
	free(own);
	return is_so;
}

/* A copy of a disk beside it has the same names, and a system's files are its own. */
static int find_called(const struct entry_roots *roots, const struct fsroot *own,
		       const size_t order[], enum entry_volume kind, const char *name,
		       const struct fsroot **ret_root)
{
	struct whereabouts at;
	dev_t linked = 0;

	udev_find(roots->machine, kind, name, &linked);
	for (size_t i = 0; i < roots->count; i++) {
		if (!is_called(roots, roots->places[order[i]].device, kind, name, linked))
			continue;
		*ret_root = roots->roots[order[i]];
		return 0;
	}
	/* Without udev nothing is known of what is not there. */
	if (linked ||
	    (sysroot_exists(roots->machine, "/dev/disk/by-uuid") && locate(roots, own, &at)))
		return -ENOENT;
	*ret_root = own;
	return 0;
}

int entry_volumes_find(const struct entry_source *source, enum entry_volume kind, const char *name,
		       const struct fsroot **ret_root)
{
	const struct entry_roots *roots = source->context;
	size_t order[ENTRY_ROOTS_MAX];

	make_order(roots, source->root, order);
	switch (kind) {
	case ENTRY_VOLUME_SIBLING:
		/* All are in one list. */
		return -ENOENT;
	case ENTRY_VOLUME_NAME:
		return find_name(roots, source->root, name, ret_root);
	case ENTRY_VOLUME_FILE:
		return find_file(roots, order, name, ret_root);
	case ENTRY_VOLUME_DEVICE:
		return find_device(roots, source->root, name, ret_root);
	default:
		return find_called(roots, source->root, order, kind, name, ret_root);
	}
}

const char *entry_volumes_uuid(const struct entry_source *source, const struct fsroot *root)
{
	const struct entry_roots *roots = source->context;
	const struct entry_place *place = place_of(roots, root);
	char *uuid = NULL;
	const char *copy;

	if (place && place->device)
		uuid = udev_name(roots->machine, ENTRY_VOLUME_UUID, place->device)
			       ?: udev_linked_uuid(roots->machine, place->device);
	copy = uuid ? arena_strdup(roots->list->arena, uuid) : NULL;
	free(uuid);
	return copy;
}
