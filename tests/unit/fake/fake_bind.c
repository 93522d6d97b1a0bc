// SPDX-License-Identifier: GPL-2.0-or-later
/* Drivers that let devices go and take them again, as sysfs shows it; see fake_ops.h. */
#include "unit/fake/fake_internal.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* Everything of the device that the driver had made is kept here until it is bound again. */
static void stash_path(const struct fake *fake, const char *device, char ret_path[PATH_MAX])
{
	print_path(ret_path, "%s/stash/%s", fake->folder, device);
	for (char *c = ret_path + strlen(fake->folder) + strlen("/stash/"); *c; c++)
		if (*c == '/')
			*c = '!';
}

/* A folder below a device that stays when its driver goes: attributes, and devices of its bus. */
static bool stays(const struct fake *fake, const char *device, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];

	if (!strcmp(name, "power") || !strcmp(name, "link") || !strcmp(name, "pci_bus"))
		return true;
	print_path(path, "%s/%s/subsystem", device, name);
	return sysroot_readlink(fake->sys.root, path, target, sizeof(target)) > 0 &&
	       !strcmp(basename(target), "pci");
}

static bool is_dir(const struct fake *fake, const char *path)
{
	struct stat st;
	char full[PATH_MAX];

	on_disk(fake, path, full);
	return !lstat(full, &st) && S_ISDIR(st.st_mode);
}

/* Moves the folders below @device that do not stay into @stash; writes their paths to @moved. */
static void stash_folders(const struct fake *fake, const char *device, const char *stash,
			  FILE *moved)
{
	DIR *dir = sysroot_opendir(fake->sys.root, device);
	struct dirent *entry;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		char path[PATH_MAX], from[PATH_MAX], to[PATH_MAX];

		print_path(path, "%s/%s", device, entry->d_name);
		if (entry->d_name[0] == '.' || !is_dir(fake, path) ||
		    stays(fake, device, entry->d_name))
			continue;
		on_disk(fake, path, from);
		print_path(to, "%s/%s", stash, entry->d_name);
		CHECK(!rename(from, to));
		fprintf(moved, "dir\t%s\t%s\n", path, entry->d_name);
	}
	closedir(dir);
}

/* Takes away the links below @folder that lead to something below @device; notes them in @moved. */
static void stash_links(const struct fake *fake, const char *folder, const char *device,
			FILE *moved)
{
	DIR *dir = sysroot_opendir(fake->sys.root, folder);
	size_t length = strlen(device);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[PATH_MAX], target[PATH_MAX], text[PATH_MAX], full[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		print_path(path, "%s/%s", folder, entry->d_name);
		if (is_dir(fake, path)) {
			stash_links(fake, path, device, moved);
			continue;
		}
		if (sysroot_resolve(fake->sys.root, path, target, sizeof(target)) < 0 ||
		    strncmp(target, device, length) || target[length] != '/')
			continue;
		CHECK(sysroot_readlink(fake->sys.root, path, text, sizeof(text)) > 0);
		on_disk(fake, path, full);
		/* Another worker may take a link of a device that lies below both. */
		if (!unlink(full))
			fprintf(moved, "link\t%s\t%s\n", path, text);
	}
	if (dir)
		closedir(dir);
}

static void stash(const struct fake *fake, const char *device)
{
	static const char *const folders[] = { "/sys/class", "/sys/bus", "/sys/block", "/sys/dev" };
	char path[PATH_MAX], list[PATH_MAX];
	FILE *moved;

	stash_path(fake, device, path);
	make_parents(path);
	CHECK(!mkdir(path, 0755));
	print_path(list, "%s/.moved", path);
	moved = fopen(list, "w");
	CHECK(moved);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		stash_links(fake, folders[i], device, moved);
	stash_folders(fake, device, path, moved);
	fclose(moved);
}

static void unstash(const struct fake *fake, const char *device)
{
	char path[PATH_MAX], list[PATH_MAX], line[2 * PATH_MAX];
	FILE *moved;

	stash_path(fake, device, path);
	print_path(list, "%s/.moved", path);
	moved = fopen(list, "r");
	while (moved && fgets(line, sizeof(line), moved)) {
		char *at = line;
		const char *kind = strsep(&at, "\t"), *to = strsep(&at, "\t");
		const char *from = strsep(&at, "\n");
		char here[PATH_MAX], there[PATH_MAX];

		on_disk(fake, to, there);
		print_path(here, "%s/%s", path, from);
		if (!strcmp(kind, "dir"))
			CHECK(!rename(here, there));
		else
			CHECK(!symlink(from, there));
	}
	if (moved) {
		fclose(moved);
		unlink(list);
		rmdir(path);
	}
}

static void remove_link(const struct fake *fake, const char *path)
{
	char full[PATH_MAX];

	on_disk(fake, path, full);
	CHECK(!unlink(full) || errno == ENOENT);
}

/* A relative link as sysfs has it: from the folder of @path up to /sys, then down to @target. */
void sysfs_link(struct fake *fake, const char *path, const char *target)
{
	char text[PATH_MAX] = "";

	for (const char *c = strchr(path + 1, '/') + 1; (c = strchr(c, '/')); c++)
		strcat(text, "../");
	strcat(text, target + strlen("/sys/"));
	fake_link(fake, path, text);
}

int do_unbind(struct fake *fake, const char *bus, const char *driver, const char *name)
{
	char in_driver[PATH_MAX], device[PATH_MAX], link[PATH_MAX];

	print_path(in_driver, "/sys/bus/%s/drivers/%s/%s", bus, driver, name);
	if (sysroot_resolve(fake->sys.root, in_driver, device, sizeof(device)) < 0)
		return -ENODEV;
	print_path(link, "%s/driver", device);
	if (!sysroot_exists(fake->sys.root, link))
		return -ENODEV;
	stash(fake, device);
	remove_link(fake, link);
	remove_link(fake, in_driver);
	return 0;
}

int do_bind(struct fake *fake, const char *bus, const char *driver, const char *name)
{
	char in_bus[PATH_MAX], in_driver[PATH_MAX], device[PATH_MAX], link[PATH_MAX];
	char driver_path[PATH_MAX];

	print_path(in_bus, "/sys/bus/%s/devices/%s", bus, name);
	if (sysroot_resolve(fake->sys.root, in_bus, device, sizeof(device)) < 0)
		return -ENODEV;
	print_path(link, "%s/driver", device);
	if (sysroot_exists(fake->sys.root, link))
		return -EBUSY;
	print_path(driver_path, "/sys/bus/%s/drivers/%s", bus, driver);
	sysfs_link(fake, link, driver_path);
	print_path(in_driver, "%s/%s", driver_path, name);
	sysfs_link(fake, in_driver, device);
	unstash(fake, device);
	return 0;
}
