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

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The block device of that UUID or label; udev keeps the links. */
static int find_link(enum entry_volume kind, const char *name, dev_t *ret_device)
{
	const char *folder = kind == ENTRY_VOLUME_UUID ? "by-uuid" : "by-label";
	char path[512];
	struct stat st;
	int length = snprintf(path, sizeof(path), "/dev/disk/%s/%s", folder, name);

	if (strchr(name, '/') || length < 0 || (size_t)length >= sizeof(path) || stat(path, &st))
		return -ENOENT;
	*ret_device = st.st_rdev;
	return 0;
}

/* Without udev nothing is known of what is not there. */
static bool has_links(void)
{
	struct stat st;

	return !stat("/dev/disk/by-uuid", &st);
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

int entry_volumes_find(const struct entry_source *source, enum entry_volume kind, const char *name,
		       const struct fsroot **ret_root)
{
	const struct entry_roots *roots = source->context;
	dev_t wanted, device;

	if (kind == ENTRY_VOLUME_FILE)
		return find_file(roots, name, ret_root);
	if (kind == ENTRY_VOLUME_DEVICE)
		return find_device(roots, source->root, name, ret_root);
	if (find_link(kind, name, &wanted)) {
		*ret_root = source->root;
		return has_links() && is_on_a_disk(roots, source->root) ? -ENOENT : 0;
	}
	for (size_t i = 0; i < roots->count; i++) {
		if (fsroot_device(roots->roots[i], &device) || device != wanted)
			continue;
		*ret_root = roots->roots[i];
		return 0;
	}
	return -ENOENT;
}
