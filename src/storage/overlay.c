// SPDX-License-Identifier: GPL-2.0-or-later
/* Layers in RAM; see overlay.h. */
#include "storage/overlay.h"

#include "storage/disks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In sectors: file systems write in blocks of 4096 bytes. */
#define CHUNK 8

/* MemAvailable of /proc/meminfo (proc(5)) in bytes; 0 where it is not told. */
static unsigned long long free_memory(const struct sysroot *root)
{
	unsigned long long kib = 0;
	const char *line;
	char *text;

	if (sysroot_read_all(root, "/proc/meminfo", &text) < 0)
		return 0;
	line = strstr(text, "MemAvailable:");
	if (line)
		sscanf(line, "MemAvailable: %llu", &kib);
	free(text);
	return kib << 10;
}

static int device_number(const struct sysroot *root, const char *name, char *ret, size_t size)
{
	char path[128 + DISK_NAME_SIZE];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/class/block/%s/dev", name);
	n = sysroot_read(root, path, ret, size);
	return n < 0 ? (int)n : 0;
}

static int make_table(const struct sysroot *root, const char *name, const char *loop, char *ret,
		      size_t size)
{
	char path[128 + DISK_NAME_SIZE], origin[32], store[32];
	unsigned long long sectors;
	int r = device_number(root, name, origin, sizeof(origin));

	if (r == 0)
		r = device_number(root, loop, store, sizeof(store));
	snprintf(path, sizeof(path), "/sys/class/block/%s/size", name);
	if (r == 0)
		r = sysroot_read_u64(root, path, &sectors);
	if (r == 0)
		snprintf(ret, size, "0 %llu snapshot %s %s N %d\n", sectors, origin, store, CHUNK);
	return r;
}

/* "kexit-sda2": of the device mapper. */
static void mapped_name(const char *name, char *ret, size_t size)
{
	snprintf(ret, size, "kexit-%s", name);
}

static int map(const struct sys *sys, const char *name, const char *loop, char *ret_name)
{
	char mapped[DISK_NAME_SIZE + 16], uuid[DISK_NAME_SIZE + 16], table[256];
	int r = make_table(sys->root, name, loop, table, sizeof(table));

	mapped_name(name, mapped, sizeof(mapped));
	snprintf(uuid, sizeof(uuid), DISK_OWN_UUID "%s", name);
	if (r == 0)
		r = sys_dm_create(sys, mapped, uuid, table, false);
	if (r < 0)
		return r;
	r = disk_find_mapped(sys->root, mapped, ret_name);
	if (r < 0)
		sys_dm_remove(sys, mapped);
	return r;
}

int overlay_make(const struct sys *sys, const char *name, char *ret_name, struct error *e)
{
	unsigned long long bytes = free_memory(sys->root) / 8;
	char loop[DISK_NAME_SIZE];
	int r;

	if (bytes > OVERLAY_BYTES_MAX)
		bytes = OVERLAY_BYTES_MAX;
	if (bytes < OVERLAY_BYTES_MIN)
		return error_set(e, -ENOMEM, "%s: no RAM is free for what its journal holds", name);
	r = sys_ram_disk(sys, DISK_OWN_MEMORY, bytes & ~4095ULL, loop, sizeof(loop));
	if (r < 0)
		return error_set(e, r, "%s: no disk in RAM (loop) can be made: %s", name,
				 errno_text(r));
	r = map(sys, name, loop, ret_name);
	if (r < 0) {
		sys_loop_clear(sys, loop);
		return error_set(e, r,
				 "%s: the device mapper makes no snapshot (dm-snapshot) of it: %s",
				 name, errno_text(r));
	}
	return 0;
}

/* The loop device below it: what the layer sits on beside @name. */
static void clear_loops(const struct sys *sys, const char *layer)
{
	char path[128 + DISK_NAME_SIZE];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s/slaves", layer);
	dir = sysroot_opendir(sys->root, path);
	while (dir && (entry = readdir(dir)))
		if (disk_is_own(sys->root, entry->d_name))
			/* It goes when the layer does: the kernel waits for its last user. */
			sys_loop_clear(sys, entry->d_name);
	if (dir)
		closedir(dir);
}

void overlay_remove(const struct sys *sys, const char *name)
{
	char mapped[DISK_NAME_SIZE + 16], layer[DISK_NAME_SIZE];

	mapped_name(name, mapped, sizeof(mapped));
	if (disk_find_mapped(sys->root, mapped, layer) == 0)
		clear_loops(sys, layer);
	sys_dm_remove(sys, mapped);
}
