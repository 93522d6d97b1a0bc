// SPDX-License-Identifier: GPL-2.0-or-later
/* Classes of disks by their place in sysfs; see disk_class.h. */
#include "storage/disk_class.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* An array of volumes of arrays is deep; deeper is a loop. */
#define LEVELS_MAX 8

static const char *const names[DISK_CLASSES] = {
	[DISK_FIXED] = "fixed",		[DISK_USB] = "usb", [DISK_CD] = "cd", [DISK_CARD] = "card",
	[DISK_REMOVABLE] = "removable",
};

const char *disk_class_name(enum disk_class class)
{
	return names[class];
}

static bool begins(const char *name, const char *kind)
{
	size_t length = strlen(kind);

	return !strncmp(name, kind, length) && name[length] >= '0' && name[length] <= '9';
}

/* A USB device hangs below its host controller's root hub: ".../usb1/1-2/...". */
static bool is_below_usb(const char *path)
{
	for (; (path = strchr(path, '/')); path++)
		if (begins(path + 1, "usb"))
			return true;
	return false;
}

/* Linux: drivers/mmc/core/bus.c, type_show(). */
static bool is_card(const struct sysroot *root, const char *name)
{
	char path[PATH_MAX], type[16];

	snprintf(path, sizeof(path), "/sys/class/block/%s/device/type", name);
	return begins(name, "mmcblk") && sysroot_read(root, path, type, sizeof(type)) > 0 &&
	       strcmp(type, "MMC") != 0;
}

static enum disk_class of_device(const struct sysroot *root, const char *name)
{
	char link[PATH_MAX], path[PATH_MAX];
	unsigned long long removable = 0;

	if (begins(name, "sr"))
		return DISK_CD;
	snprintf(link, sizeof(link), "/sys/class/block/%s", name);
	if (sysroot_resolve(root, link, path, sizeof(path)) >= 0 && is_below_usb(path))
		return DISK_USB;
	if (is_card(root, name))
		return DISK_CARD;
	snprintf(path, sizeof(path), "/sys/class/block/%s/removable", name);
	sysroot_read_u64(root, path, &removable);
	return removable ? DISK_REMOVABLE : DISK_FIXED;
}

static enum disk_class find(const struct sysroot *root, const char *name, unsigned int level)
{
	char path[PATH_MAX];
	enum disk_class found = DISK_FIXED;
	struct dirent *entry;
	bool has_members = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s/slaves", name);
	dir = level < LEVELS_MAX ? sysroot_opendir(root, path) : NULL;
	while (dir && found == DISK_FIXED && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		has_members = true;
		found = find(root, entry->d_name, level + 1);
	}
	if (dir)
		closedir(dir);
	return has_members ? found : of_device(root, name);
}

enum disk_class disk_class_find(const struct sysroot *root, const char *name)
{
	return find(root, name, 0);
}
