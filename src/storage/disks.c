// SPDX-License-Identifier: GPL-2.0-or-later
/* Block devices as sysfs has them; see disks.h. */
#include "storage/disks.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* No firmware or installer puts a system there; "fd" would start a motor and wait for it. */
static bool is_never_bootable(const char *name)
{
	static const char *const kinds[] = { "ram", "zram", "fd", "mtdblock", "nbd", "rpmb" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i]);

		if (!strncmp(name, kinds[i], length) && name[length] >= '0' && name[length] <= '9')
			return true;
	}
	/* eMMC's: reading its boot areas or the replay protected block is slow, or an error. */
	return strstr(name, "boot0") || strstr(name, "boot1") || strstr(name, "rpmb");
}

static bool attribute_is_set(const struct sysroot *root, const char *name, const char *attribute)
{
	unsigned long long value;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/block/%s/%s", name, attribute);
	return sysroot_read_u64(root, path, &value) == 0 && value;
}

/* A folder with a `partition` attribute is a partition; its parent in the tree is the disk. */
static int find_whole(const struct sysroot *root, struct disk_facts *disk)
{
	char link[PATH_MAX], path[PATH_MAX], *slash;
	unsigned long long number;
	ssize_t n;

	strcpy(disk->whole, disk->name);
	snprintf(link, sizeof(link), "/sys/class/block/%s/partition", disk->name);
	if (sysroot_read_u64(root, link, &number) < 0 || !number)
		return 0;
	disk->partition = (unsigned int)number;
	snprintf(link, sizeof(link), "/sys/class/block/%s", disk->name);
	n = sysroot_resolve(root, link, path, sizeof(path));
	if (n < 0)
		return (int)n;
	slash = strrchr(path, '/');
	*slash = '\0';
	slash = strrchr(path, '/');
	if (!slash || strlen(slash + 1) >= DISK_NAME_SIZE)
		return -ENODEV;
	strcpy(disk->whole, slash + 1);
	return 0;
}

/* The folder of each partition lies in the disk's. */
static bool has_partitions(const struct sysroot *root, const char *name)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	dir = sysroot_opendir(root, path);
	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/class/block/%s/%s/partition", name,
			 entry->d_name);
		found = sysroot_exists(root, path);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool begins_with(const struct sysroot *root, const char *name, const char *attribute,
			const char *prefix)
{
	char path[PATH_MAX], text[256];

	snprintf(path, sizeof(path), "/sys/class/block/%s/%s", name, attribute);
	return sysroot_read(root, path, text, sizeof(text)) > 0 &&
	       !strncmp(text, prefix, strlen(prefix));
}

bool disk_is_own(const struct sysroot *root, const char *name)
{
	return begins_with(root, name, "dm/uuid", DISK_OWN_UUID) ||
	       begins_with(root, name, "loop/backing_file", "/memfd:" DISK_OWN_MEMORY);
}

static bool is_held(const struct sysroot *root, const char *name)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool held = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s/holders", name);
	dir = sysroot_opendir(root, path);
	while (dir && !held && (entry = readdir(dir)))
		held = entry->d_name[0] != '.' && !disk_is_own(root, entry->d_name);
	if (dir)
		closedir(dir);
	return held;
}

int disk_look(const struct sysroot *root, const char *name, struct disk_facts *ret)
{
	struct disk_facts disk = { .sectors = 0 };
	char path[PATH_MAX];
	int r;

	if (strlen(name) >= sizeof(disk.name))
		return -ENXIO;
	strcpy(disk.name, name);
	snprintf(path, sizeof(path), "/sys/class/block/%s/size", name);
	r = sysroot_read_u64(root, path, &disk.sectors);
	if (r < 0)
		return -ENOENT;
	if (!disk.sectors || is_never_bootable(name) || attribute_is_set(root, name, "hidden") ||
	    disk_is_own(root, name))
		return -ENXIO;
	r = find_whole(root, &disk);
	if (r < 0)
		return -ENOENT;
	disk.has_partitions = has_partitions(root, name);
	disk.is_held = is_held(root, name);
	disk.class = disk_class_find(root, disk.whole);
	snprintf(path, sizeof(path), "/sys/class/block/%s/diskseq", disk.whole);
	sysroot_read_u64(root, path, &disk.sequence);
	*ret = disk;
	return 0;
}

bool disk_is_same(const struct sysroot *root, const struct disk_facts *then)
{
	struct disk_facts now;

	return disk_look(root, then->name, &now) == 0 && now.sequence == then->sequence &&
	       !strcmp(now.whole, then->whole);
}

int disk_find(const struct sysroot *root, dev_t device, struct disk_facts *ret)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(device), minor(device));
	n = sysroot_resolve(root, link, path, sizeof(path));
	return n < 0 ? (int)n : disk_look(root, strrchr(path, '/') + 1, ret);
}

int disk_mapped_name(const struct sysroot *root, const char *name, char *ret_mapped, size_t size)
{
	char path[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/class/block/%s/dm/name", name);
	n = sysroot_read(root, path, ret_mapped, size);
	return n < 0 ? (int)n : 0;
}

int disk_compare(const char *a, const char *b)
{
	return strverscmp(a, b);
}

static int by_name(const void *a, const void *b)
{
	return disk_compare(a, b);
}

int disk_list(const struct sysroot *root, char (**ret_names)[DISK_NAME_SIZE], size_t *ret_count)
{
	char(*names)[DISK_NAME_SIZE] = NULL, (*longer)[DISK_NAME_SIZE];
	size_t count = 0, capacity = 0;
	DIR *dir = sysroot_opendir(root, "/sys/class/block");
	struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? (*ret_names = NULL, *ret_count = 0, 0) : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= DISK_NAME_SIZE)
			continue;
		if (count == capacity) {
			capacity = capacity ? 2 * capacity : 32;
			longer = reallocarray(names, capacity, sizeof(*names));
			if (!longer) {
				free(names);
				closedir(dir);
				return -ENOMEM;
			}
			names = longer;
		}
		strcpy(names[count++], entry->d_name);
	}
	closedir(dir);
	if (count)
		qsort(names, count, sizeof(*names), by_name);
	*ret_names = names;
	*ret_count = count;
	return 0;
}

int disk_find_mapped(const struct sysroot *root, const char *mapped, char *ret_name)
{
	char(*names)[DISK_NAME_SIZE] = NULL, found[DISK_NAME_SIZE + 16];
	size_t count = 0;
	int r = disk_list(root, &names, &count);

	if (r < 0)
		return r;
	r = -ENODEV;
	for (size_t i = 0; i < count && r < 0; i++)
		if (disk_mapped_name(root, names[i], found, sizeof(found)) == 0 &&
		    !strcmp(found, mapped)) {
			strcpy(ret_name, names[i]);
			r = 0;
		}
	free(names);
	return r;
}
