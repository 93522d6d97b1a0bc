// SPDX-License-Identifier: GPL-2.0-or-later
/* Identify Controller by the controller's own node; see nvme.h. */
#include "sys/nvme.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define IDENTIFY	    0x06 /* NVM Express Base 2.0, 5.17 */
#define IDENTIFY_CONTROLLER 0x01
#define IDENTIFY_SIZE	    4096
#define RTD3E		    88

uint32_t nvme_identified_shutdown_us(const uint8_t *data)
{
	uint32_t us = 0;

	for (unsigned int i = 0; i < sizeof(us); i++)
		us |= (uint32_t)data[RTD3E + i] << (8 * i);
	return us;
}

/* "nvme0": what the driver made below the function. 0 or -ENOENT. */
static int find_controller(const struct sysroot *root, const char *path, char *name, size_t size)
{
	char folder[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int r = -ENOENT;

	snprintf(folder, sizeof(folder), "%s/nvme", path);
	dir = sysroot_opendir(root, folder);
	if (!dir)
		return -ENOENT;
	while (r && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "nvme", 4) != 0)
			continue;
		snprintf(name, size, "%s", entry->d_name);
		r = 0;
	}
	closedir(dir);
	return r;
}

static int identify(int fd, uint8_t *data)
{
	struct nvme_admin_cmd command = {
		.opcode = IDENTIFY,
		.addr = (uintptr_t)data,
		.data_len = IDENTIFY_SIZE,
		.cdw10 = IDENTIFY_CONTROLLER,
	};
	int status = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &command);

	/* Positive: what the controller has against it. */
	return status < 0 ? -errno : status ? -EIO : 0;
}

int nvme_shutdown_us(const struct sysroot *root, const char *path, uint32_t *ret_us)
{
	_Alignas(4096) uint8_t data[IDENTIFY_SIZE] = { 0 };
	char name[NAME_MAX + 1], node[PATH_MAX];
	int fd, r;

	if (sysroot_is_captured(root))
		return -EOPNOTSUPP;
	r = find_controller(root, path, name, sizeof(name));
	if (r)
		return r;
	snprintf(node, sizeof(node), "/dev/%s", name);
	fd = sysroot_openat(root, node, O_RDONLY);
	if (fd < 0)
		return fd;
	r = identify(fd, data);
	close(fd);
	if (r == 0)
		*ret_us = nvme_identified_shutdown_us(data);
	return r;
}
