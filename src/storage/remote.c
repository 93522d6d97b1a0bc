// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks of the network disconnected; see remote.h. */
#include "storage/remote.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define CONTROLLERS "/sys/class/nvme"

bool remote_is_nbd(const struct sysroot *root, const char *name)
{
	char path[PATH_MAX];

	/* Linux: drivers/block/nbd.c; the attribute is there while the disk is connected. */
	snprintf(path, sizeof(path), "/sys/class/block/%s/pid", name);
	return !strncmp(name, "nbd", 3) && sysroot_exists(root, path);
}

/* Linux: drivers/nvme/host/sysfs.c, "transport": pcie, tcp, rdma, fc, loop, apple-nvme. What is none of
 * a network is a device of its own and no link of another. */
static bool is_remote(const struct sysroot *root, const char *controller)
{
	static const char *const transports[] = { "tcp", "rdma", "fc" };
	char path[PATH_MAX], transport[32];

	snprintf(path, sizeof(path), CONTROLLERS "/%s/transport", controller);
	if (sysroot_read(root, path, transport, sizeof(transport)) <= 0)
		return false;
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (!strcmp(transport, transports[i]))
			return true;
	return false;
}

size_t remote_controllers(const struct sysroot *root, char (*ret_names)[DISK_NAME_SIZE])
{
	DIR *dir = sysroot_opendir(root, CONTROLLERS);
	const struct dirent *entry;
	size_t count = 0;

	while (dir && count < REMOTE_MAX && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && strlen(entry->d_name) < DISK_NAME_SIZE &&
		    is_remote(root, entry->d_name))
			strcpy(ret_names[count++], entry->d_name);
	if (dir)
		closedir(dir);
	return count;
}

int remote_disconnect_nbd(const struct sys *sys, const char *name)
{
	int r = sys_disk_claim(sys, name);

	return r ?: sys_nbd_disconnect(sys, name);
}

/* The disk of a controller's namespace: "nvme1n1", whose path through one of several controllers is
 * called "nvme1c2n1". False for what else is in a controller's folder. */
static bool disk_of(const char *name, char ret_disk[DISK_NAME_SIZE])
{
	unsigned int subsystem, controller, namespace;
	int end = 0;

	if (sscanf(name, "nvme%uc%un%u%n", &subsystem, &controller, &namespace, &end) == 3 &&
	    !name[end])
		;
	else if (sscanf(name, "nvme%un%u%n", &subsystem, &namespace, &end) != 2 || name[end])
		return false;
	snprintf(ret_disk, DISK_NAME_SIZE, "nvme%un%u", subsystem, namespace);
	return true;
}

int remote_disconnect_controller(const struct sys *sys, const char *name)
{
	char path[PATH_MAX], disk[DISK_NAME_SIZE];
	const struct dirent *entry;
	int r = 0;
	DIR *dir;

	snprintf(path, sizeof(path), CONTROLLERS "/%s", name);
	dir = sysroot_opendir(sys->root, path);
	if (!dir)
		return -ENOENT;
	while (r == 0 && (entry = readdir(dir))) {
		if (disk_of(entry->d_name, disk))
			r = sys_disk_claim(sys, disk);
		/* A disk without a node, or that no path answers for, has no user either. */
		if (r == -ENOENT || r == -ENXIO)
			r = 0;
	}
	closedir(dir);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), CONTROLLERS "/%s/delete_controller", name);
	return sys_write(sys, path, "1");
}
