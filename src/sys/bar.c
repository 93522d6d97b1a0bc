// SPDX-License-Identifier: GPL-2.0-or-later
/* BARs through sysfs' resourceN; see bar.h. */
#include "sys/bar.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the third column of `resource` says (include/linux/ioport.h; printed, so it is fixed). */
#define RESOURCE_IO    0x00000100
#define RESOURCE_MEM   0x00000200
#define RESOURCE_UNSET 0x20000000 /* has a size, but no address yet */

/* The kernel fills in every page at once; no register of a decoder lies beyond this. */
#define WINDOW_LIMIT   ((uint64_t)1 << 20)

struct bar {
	uint64_t size; /* of the window */
	int fd;	       /* I/O: resourceN; memory: -1, the mapping needs no file */
	void *pages;   /* memory: what munmap() gets */
	size_t length; /* of the pages */
	const volatile uint8_t *registers;
};

struct resource {
	uint64_t start, end, flags;
};

/* Line @index of the function's `resource` file: a 64-bit BAR leaves the line after it zero. */
static int resource_read(const struct sysroot *root, const char *path, unsigned int index,
			 struct resource *ret)
{
	char name[PATH_MAX], text[1024];
	const char *line = text;
	ssize_t n;

	snprintf(name, sizeof(name), "%s/resource", path);
	n = sysroot_read(root, name, text, sizeof(text));
	if (n < 0)
		return (int)n;
	while (index-- && line) {
		line = strchr(line, '\n');
		line += line != NULL;
	}
	if (!line || sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNx64, &ret->start, &ret->end,
			    &ret->flags) != 3)
		return -ENOENT;
	return 0;
}

static bool resource_usable(const struct resource *resource)
{
	return (resource->flags & (RESOURCE_IO | RESOURCE_MEM)) &&
	       !(resource->flags & RESOURCE_UNSET) && resource->end > resource->start;
}

int bar_kind(const struct sysroot *root, const char *path, unsigned int index, bool *ret_is_io)
{
	struct resource resource;
	int r = resource_read(root, path, index, &resource);

	if (r)
		return r;
	if (!resource_usable(&resource))
		return -ENOENT;
	*ret_is_io = resource.flags & RESOURCE_IO;
	return 0;
}

/*
 * The mapping starts at the page the BAR lies in, so a BAR smaller than a page begins somewhere in
 * it. Beyond the BAR the page belongs to a neighbour: @size keeps reads out of there.
 */
static int map_registers(struct bar *bar, int fd, const struct resource *resource)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t skip = resource->start & (page - 1);

	if (bar->size > WINDOW_LIMIT)
		bar->size = WINDOW_LIMIT;
	bar->length = (skip + bar->size + page - 1) & ~(page - 1);
	bar->pages = mmap(NULL, bar->length, PROT_READ, MAP_SHARED, fd, 0);
	if (bar->pages == MAP_FAILED) {
		bar->pages = NULL;
		return -errno;
	}
	bar->registers = (const volatile uint8_t *)bar->pages + skip;
	return 0;
}

/* The file behind BAR @index; a descriptor, and what kind of BAR it is and where. */
static int open_resource(const struct sysroot *root, const char *path, unsigned int index,
			 int flags, struct resource *ret_resource)
{
	char name[PATH_MAX];
	int r;

	if (sysroot_is_captured(root))
		return -EOPNOTSUPP;
	r = resource_read(root, path, index, ret_resource);
	if (r)
		return r;
	if (index > 5 || !resource_usable(ret_resource))
		return -ENOENT;
	if (snprintf(name, sizeof(name), "%s/resource%u", path, index) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	return sysroot_openat(root, name, flags);
}

int bar_open(const struct sysroot *root, const char *path, unsigned int index, struct bar **ret_bar)
{
	struct resource resource;
	struct bar *bar;
	int fd, r;

	fd = open_resource(root, path, index, O_RDONLY, &resource);
	if (fd < 0)
		return fd;
	bar = calloc(1, sizeof(*bar));
	if (!bar) {
		close(fd);
		return -ENOMEM;
	}
	bar->size = resource.end - resource.start + 1;
	bar->fd = fd;
	if (resource.flags & RESOURCE_MEM) {
		r = map_registers(bar, fd, &resource);
		close(fd);
		bar->fd = -1;
		if (r) {
			free(bar);
			return r;
		}
	}
	*ret_bar = bar;
	return 0;
}

void bar_close(struct bar *bar)
{
	if (!bar)
		return;
	if (bar->pages)
		munmap(bar->pages, bar->length);
	if (bar->fd >= 0)
		close(bar->fd);
	free(bar);
}

uint64_t bar_size(const struct bar *bar)
{
	return bar->size;
}

bool bar_is_io(const struct bar *bar)
{
	return bar->fd >= 0;
}

static bool is_inside(const struct bar *bar, uint64_t offset, unsigned int width)
{
	return !(offset & (width - 1)) && offset < bar->size && bar->size - offset >= width;
}

/* The kernel does one in() of this width and hands its bytes out in CPU order. */
static bool port_read(const struct bar *bar, uint64_t offset, void *value, unsigned int width)
{
	return pread(bar->fd, value, width, (off_t)offset) == (ssize_t)width;
}

uint8_t bar_read8(const struct bar *bar, uint64_t offset)
{
	uint8_t value = UINT8_MAX;

	if (!is_inside(bar, offset, sizeof(value)))
		return UINT8_MAX;
	if (bar_is_io(bar))
		return port_read(bar, offset, &value, sizeof(value)) ? value : UINT8_MAX;
	return bar->registers[offset];
}

uint16_t bar_read16(const struct bar *bar, uint64_t offset)
{
	uint16_t value = UINT16_MAX;

	if (!is_inside(bar, offset, sizeof(value)))
		return UINT16_MAX;
	if (bar_is_io(bar))
		return port_read(bar, offset, &value, sizeof(value)) ? value : UINT16_MAX;
	return le16toh(*(const volatile uint16_t *)(bar->registers + offset));
}

uint32_t bar_read32(const struct bar *bar, uint64_t offset)
{
	uint32_t value = UINT32_MAX;

	if (!is_inside(bar, offset, sizeof(value)))
		return UINT32_MAX;
	if (bar_is_io(bar))
		return port_read(bar, offset, &value, sizeof(value)) ? value : UINT32_MAX;
	return le32toh(*(const volatile uint32_t *)(bar->registers + offset));
}

/* The kernel does one out() of the width that is written, and takes the bytes in CPU order. */
static int port_write(int fd, uint64_t offset, unsigned int width, uint32_t value)
{
	const uint8_t byte = (uint8_t)value;
	const uint16_t word = (uint16_t)value;
	const void *data = width == 1 ? &byte : width == 2 ? (const void *)&word : &value;
	ssize_t n = pwrite(fd, data, width, (off_t)offset);

	return n == (ssize_t)width ? 0 : n < 0 ? -errno : -EIO;
}

/* One store of the register's own width: what a device makes of two halves is not defined. */
static void store(volatile void *at, unsigned int width, uint32_t value)
{
	switch (width) {
	case 1:
		*(volatile uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)at = htole16((uint16_t)value);
		break;
	default:
		*(volatile uint32_t *)at = htole32(value);
		break;
	}
	/* On POWER and arm64 the next read must not overtake it. */
	__sync_synchronize();
}

/* Only the page that the register lies in: the kernel maps all that it is asked for at once. */
static int memory_write(int fd, const struct resource *resource, uint64_t offset,
			unsigned int width, uint32_t value)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t at = (resource->start & (page - 1)) + offset;
	uint64_t from = at & ~(uint64_t)(page - 1);
	uint8_t *mapped = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)from);

	if (mapped == MAP_FAILED)
		return -errno;
	store(mapped + (at - from), width, value);
	munmap(mapped, page);
	return 0;
}

int bar_write(const struct sysroot *root, const char *path, unsigned int index, uint64_t offset,
	      unsigned int width, uint32_t value)
{
	struct resource resource;
	struct bar bar;
	int fd = open_resource(root, path, index, O_RDWR, &resource), r = -ERANGE;

	if (fd < 0)
		return fd;
	bar.size = resource.end - resource.start + 1;
	if (is_inside(&bar, offset, width))
		r = resource.flags & RESOURCE_IO
			    ? port_write(fd, offset, width, value)
			    : memory_write(fd, &resource, offset, width, value);
	close(fd);
	return r;
}
