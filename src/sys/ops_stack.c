// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device mapper, loop and network block devices by their ioctls; see ops_stack.h. Linux:
 * include/uapi/linux/dm-ioctl.h, loop.h, nbd.h.
 */
#include "sys/ops_stack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <linux/nbd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int open_disk(const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "/dev/%s", name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	/* sysfs writes the slash of "cciss/c0d0" as '!'. */
	for (char *c = path; *c; c++)
		if (*c == '!')
			*c = '/';
	/* O_NONBLOCK: an empty drive shall not pull its tray in. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags);
	return fd < 0 ? -errno : fd;
}

int stack_open_disk(const char *name)
{
	return open_disk(name, 0);
}

/* One request with @size bytes, of which the device's name and UUID are filled in here. */
static int dm_request(struct dm_ioctl *request, size_t size, const char *name, const char *uuid,
		      unsigned long code)
{
	int fd, r;

	if (strlen(name) >= sizeof(request->name) || strlen(uuid) >= sizeof(request->uuid))
		return -ENAMETOOLONG;
	memset(request->name, 0, sizeof(request->name));
	memset(request->uuid, 0, sizeof(request->uuid));
	strcpy(request->name, name);
	strcpy(request->uuid, uuid);
	request->version[0] = DM_VERSION_MAJOR;
	request->version[1] = request->version[2] = 0;
	request->data_size = (uint32_t)size;
	request->data_start = sizeof(*request);
	fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = ioctl(fd, code, request) ? -errno : 0;
	close(fd);
	return r;
}

int stack_dm_remove(void *context, const char *name)
{
	struct dm_ioctl request = { .flags = 0 };

	return dm_request(&request, sizeof(request), name, "", DM_DEV_REMOVE);
}

/* Puts one line of a table to @at, where there is room for it; returns its size, 0 for no such line.
 * The parameters stand behind it with a NUL, and the next begins at a multiple of 8. */
static size_t put_target(char *at, const char *line, size_t length)
{
	struct dm_target_spec spec = { .status = 0 };
	unsigned long long start, sectors;
	int parameters = 0;
	size_t size;

	if (sscanf(line, "%llu %llu %15s %n", &start, &sectors, spec.target_type, &parameters) <
		    3 ||
	    !parameters || (size_t)parameters > length)
		return 0;
	size = sizeof(spec) + (length - (size_t)parameters) + 1;
	size = (size + 7) / 8 * 8;
	spec.sector_start = start;
	spec.length = sectors;
	spec.next = (uint32_t)size;
	memcpy(at, &spec, sizeof(spec));
	memcpy(at + sizeof(spec), line + parameters, length - (size_t)parameters);
	return size;
}

static int load_table(const char *name, const char *table, bool read_only)
{
	size_t lines = 1, size = sizeof(struct dm_ioctl);
	struct dm_ioctl *request;
	char *buffer;
	int r = 0;

	for (const char *c = table; *c; c++)
		lines += *c == '\n';
	buffer = calloc(1, size + strlen(table) + lines * (sizeof(struct dm_target_spec) + 9));
	if (!buffer)
		return -ENOMEM;
	request = (struct dm_ioctl *)buffer;
	while (*table && r == 0) {
		size_t length = strcspn(table, "\n");
		size_t added = put_target(buffer + size, table, length);

		r = added ? 0 : -EINVAL;
		size += added;
		request->target_count++;
		table += length + (table[length] == '\n');
	}
	request->flags = read_only ? DM_READONLY_FLAG : 0;
	if (r == 0)
		r = dm_request(request, size, name, "", DM_TABLE_LOAD);
	free(buffer);
	return r;
}

int stack_dm_create(void *context, const char *name, const char *uuid, const char *table,
		    bool read_only)
{
	struct dm_ioctl request = { .flags = 0 };
	int r = dm_request(&request, sizeof(request), name, uuid, DM_DEV_CREATE);

	if (r < 0)
		return r;
	r = load_table(name, table, read_only);
	if (r == 0) {
		/* Without DM_SUSPEND_FLAG it is a resume, and the table comes into use. */
		request = (struct dm_ioctl){ .flags = read_only ? DM_READONLY_FLAG : 0 };
		r = dm_request(&request, sizeof(request), name, "", DM_DEV_SUSPEND);
	}
	if (r < 0)
		stack_dm_remove(context, name);
	return r;
}

static int attach(int memory, char *ret_name, size_t size)
{
	struct loop_config config = { .fd = (uint32_t)memory };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number, fd, r;
	char path[32];

	if (control < 0)
		return -errno;
	/* Another process may take the same one between the two calls. */
	do {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		snprintf(path, sizeof(path), "/dev/loop%d", number);
		fd = number < 0 ? -1 : open(path, O_RDWR | O_CLOEXEC);
		r = fd < 0 || ioctl(fd, LOOP_CONFIGURE, &config) ? -errno : 0;
		if (fd >= 0)
			close(fd);
	} while (r == -EBUSY);
	close(control);
	if (r == 0)
		snprintf(ret_name, size, "loop%d", number);
	return r;
}

int stack_ram_disk(void *context, const char *label, unsigned long long bytes, char *ret_name,
		   size_t size)
{
	int memory = memfd_create(label, MFD_CLOEXEC), r;

	if (memory < 0)
		return -errno;
	r = ftruncate(memory, (off_t)bytes) ? -errno : attach(memory, ret_name, size);
	close(memory);
	return r;
}

int stack_loop_clear(void *context, const char *name)
{
	int fd = stack_open_disk(name), code;

	if (fd < 0)
		return fd;
	code = ioctl(fd, LOOP_CLR_FD, 0) ? -errno : 0;
	close(fd);
	return code;
}

int stack_disk_claim(void *context, const char *name)
{
	int fd = open_disk(name, O_EXCL);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* The second call takes the socket away where a client in user space does not, as nobody is left to do
 * it, or the connection is the kernel's own (netlink). */
int stack_nbd_disconnect(void *context, const char *name)
{
	int fd = stack_open_disk(name), code;

	if (fd < 0)
		return fd;
	code = ioctl(fd, NBD_DISCONNECT) ? -errno : 0;
	if (ioctl(fd, NBD_CLEAR_SOCK) && !code)
		code = -errno;
	close(fd);
	return code;
}
