// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Block devices: what carries them, and what they are stacked on.
 *
 * Partition, dm, md and loop lie on other disks. The head of an NVMe multipath disk lies outside
 * of every controller's folder and belongs to all controllers of its subsystem.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NVME_SUBSYSTEMS "/devices/virtual/nvme-subsystem/"
#define NVME_FABRICS	"/devices/virtual/nvme-fabrics/"

static bool has_digits_after(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	return !strncmp(name, prefix, length) && name[length] >= '0' && name[length] <= '9';
}

static int add_owner(struct scanner *s, struct disk *disk, struct device *owner)
{
	struct arena *arena = s->graph->arena;
	int code;

	for (size_t i = 0; i < disk->owner_count; i++)
		if (disk->owners[i] == owner)
			return 0;
	code = arena_grow(arena, &disk->owners, &disk->owner_capacity, disk->owner_count + 1,
			  sizeof(struct device *));
	if (!code)
		disk->owners[disk->owner_count++] = owner;
	return code;
}

static int add_slave(struct scanner *s, struct disk *disk, struct disk *slave)
{
	int code = arena_grow(s->graph->arena, &disk->slaves, &disk->slave_capacity,
			      disk->slave_count + 1, sizeof(struct disk *));

	if (code || slave == disk)
		return code;
	for (size_t i = 0; i < disk->slave_count; i++)
		if (disk->slaves[i] == slave)
			return 0;
	disk->slaves[disk->slave_count++] = slave;
	slave->is_held = true;
	slave->is_path |= disk->is_multipath;
	return 0;
}

/*
 * A folder of that name and a number: an iSCSI disk is ".../host2/session1/target2:0:0/...", one of
 * FCoE below its link ".../net/eth0.100/ctlr_0/host3/...".
 */
static bool is_below(const char *path, const char *folder)
{
	const char *at = strstr(path, folder);

	return at && has_digits_after(at, folder);
}

/* Whether its data takes the network, as far as its name and folder tell; see scan_net.c. A process
 * serves a ublk disk, from wherever it likes. */
static void read_network(struct disk *disk, int fd)
{
	const char *kind = NULL;

	if (has_digits_after(disk->name, "nbd"))
		/* `pid` is there while a client is connected. */
		kind = !faccessat(fd, "pid", F_OK, 0) ? "NBD" : NULL;
	else if (has_digits_after(disk->name, "rbd"))
		kind = "Ceph RBD";
	else if (has_digits_after(disk->name, "drbd"))
		kind = !disk->is_empty ? "DRBD" : NULL;
	else if (!strncmp(disk->name, "etherd!", 7))
		kind = "AoE";
	else if (has_digits_after(disk->name, "ublkb"))
		kind = "ublk";
	else if (is_below(disk->path, "/session"))
		kind = "iSCSI";
	else if (is_below(disk->path, "/ctlr_"))
		kind = "FCoE";
	disk->transport = kind;
	disk->is_network = kind != NULL;
}

/* multipathd and the kernel's own tools name their maps so. */
static bool is_multipath(int fd)
{
	char uuid[256];

	return attribute_read_at(fd, "dm/uuid", uuid, sizeof(uuid)) > 0 &&
	       !strncmp(uuid, "mpath-", 6);
}

/* "dm-0 (vg-root)", "loop0 (/srv/image)"; the name alone for all others. */
static int read_title(struct scanner *s, struct disk *disk, int fd)
{
	struct arena *arena = s->graph->arena;
	char text[SCAN_PATH];
	const char *alias;

	if (!strncmp(disk->name, "dm-", 3)) {
		if (attribute_read_at(fd, "dm/name", text, sizeof(text)) <= 0)
			return 0;
		alias = arena_printf(arena, "/dev/mapper/%s", text);
		if (!alias || map_put(s->graph->by_alias, alias, disk))
			return -ENOMEM;
		disk->is_multipath = is_multipath(fd);
		disk->is_suspended = attribute_u64(fd, "dm/suspended", 0) == 1;
	} else if (!has_digits_after(disk->name, "loop") ||
		   attribute_read_at(fd, "loop/backing_file", text, sizeof(text)) <= 0) {
		return 0;
	}
	disk->title = arena_printf(arena, "%s (%s)", disk->name, text);
	return disk->title ? 0 : -ENOMEM;
}

static int index_by_number(struct scanner *s, struct disk *disk)
{
	const char *key = arena_printf(s->graph->arena, "%u:%u", disk->major, disk->minor);

	return key ? map_put(s->graph->by_number, key, disk) : -ENOMEM;
}

static int read_owner(struct scanner *s, struct disk *disk, struct device *owner)
{
	if (!owner || disk->is_partition)
		return 0;
	if (!strcmp(owner->bus, "scsi") && owner->driver && !strcmp(owner->driver, "sd")) {
		disk->scsi_disk =
			arena_printf(s->graph->arena, "/sys/class/scsi_disk/%s", owner->name);
		if (!disk->scsi_disk)
			return -ENOMEM;
	}
	return add_owner(s, disk, owner);
}

static int read_disk(struct scanner *s, int fd, const char *name, const char *path,
		     struct device *owner)
{
	struct disk *disk;
	char dev[32];
	int code;

	/* The hidden path of a multipath disk has no number and no node: its head is what is used. */
	if (attribute_read_at(fd, "dev", dev, sizeof(dev)) <= 0)
		return 0;
	disk = graph_add_disk(s->graph, name);
	if (!disk)
		return -ENOMEM;
	sscanf(dev, "%u:%u", &disk->major, &disk->minor);
	disk->path = arena_strdup(s->graph->arena, path);
	if (!disk->path)
		return -ENOMEM;
	disk->is_partition = !faccessat(fd, "partition", F_OK, 0);
	disk->is_empty = attribute_u64(fd, "size", 0) == 0;
	code = index_by_number(s, disk);
	if (!code)
		code = read_title(s, disk, fd);
	if (!code)
		code = read_owner(s, disk, owner);
	if (!code)
		read_network(disk, fd);
	return code;
}

int scan_block(struct scanner *s, int fd, const char *name, const char *path, struct device *owner)
{
	int disk_fd = openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int code;

	if (disk_fd < 0)
		return 0;
	code = read_disk(s, disk_fd, name, path, owner);
	close(disk_fd);
	return code;
}

static int add_class_owners(struct scanner *s, struct disk *disk, const char *class)
{
	int code = 0;

	for (size_t i = 0; i < s->graph->device_count && !code; i++)
		if (device_has_class(s->graph->devices[i], class))
			code = add_owner(s, disk, s->graph->devices[i]);
	return code;
}

/*
 * A controller reached over a fabric, which lies below no device: over Fibre Channel, every adapter
 * may carry it; over TCP and RDMA, every link.
 */
static int add_fabric(struct scanner *s, struct disk *disk, const char *path)
{
	char attribute[SCAN_PATH * 2], transport[32] = "";

	snprintf(attribute, sizeof(attribute), "/sys%s/transport", path);
	sysroot_read(s->root, attribute, transport, sizeof(transport));
	if (!strcmp(transport, "fc"))
		return add_class_owners(s, disk, "fc_host");
	if (!strcmp(transport, "rdma"))
		s->graph->net_uses_rdma = true;
	disk->is_network = true;
	disk->transport = "NVMe-oF";
	return 0;
}

static int add_controller(struct scanner *s, struct disk *disk, const char *path)
{
	struct device *owner = graph_owner(s->graph, path);
	int code;

	if (!strncmp(path, NVME_FABRICS, strlen(NVME_FABRICS)))
		return add_fabric(s, disk, path);
	if (!owner)
		return 0;
	code = add_owner(s, disk, owner);
	if (code)
		return code;
	return graph_add_string(s->graph, &owner->provides, &owner->provide_count,
				&owner->provide_capacity, disk->name);
}

/* The folder of the subsystem has a link to each of its controllers. */
static int read_controllers(struct scanner *s, struct disk *disk, const char *folder)
{
	char link[SCAN_PATH * 2], path[SCAN_PATH];
	struct dirent *entry;
	int code = 0;
	DIR *dir = sysroot_opendir(s->root, folder);

	if (!dir)
		return 0;
	while (!code && (entry = readdir(dir))) {
		if (entry->d_type != DT_LNK || !has_digits_after(entry->d_name, "nvme"))
			continue;
		snprintf(link, sizeof(link), "%s/%s", folder, entry->d_name);
		if (sysroot_resolve(s->root, link, path, sizeof(path)) > 4)
			code = add_controller(s, disk, path + 4);
	}
	closedir(dir);
	return code;
}

static int read_head(struct scanner *s, struct disk *disk)
{
	const char *slash = strrchr(disk->path, '/');
	char folder[SCAN_PATH];

	snprintf(folder, sizeof(folder), "/sys%.*s", (int)(slash - disk->path), disk->path);
	if (!strncmp(disk->path, NVME_FABRICS, strlen(NVME_FABRICS)))
		return add_fabric(s, disk, folder + 4);
	return read_controllers(s, disk, folder);
}

static bool is_nvme_head(const struct disk *disk)
{
	return !strncmp(disk->path, NVME_SUBSYSTEMS, strlen(NVME_SUBSYSTEMS)) ||
	       !strncmp(disk->path, NVME_FABRICS, strlen(NVME_FABRICS));
}

static int read_slaves(struct scanner *s, struct disk *disk)
{
	char path[SCAN_PATH];
	struct dirent *entry;
	int code = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys%s/slaves", disk->path);
	dir = sysroot_opendir(s->root, path);
	if (!dir)
		return 0;
	while (!code && (entry = readdir(dir))) {
		struct disk *slave = map_get(s->graph->by_disk, entry->d_name);

		if (slave)
			code = add_slave(s, disk, slave);
	}
	closedir(dir);
	return code;
}

/* A loop device does not claim what it lies on: without this, O_EXCL would call its disk free. */
static int read_backing(struct scanner *s, struct disk *disk)
{
	const char *file = strstr(disk->title, "(/dev/");
	struct disk *slave;

	if (!has_digits_after(disk->name, "loop") || !file)
		return 0;
	file += strlen("(/dev/");
	slave = map_get_n(s->graph->by_disk, file, strcspn(file, ")"));
	return slave ? add_slave(s, disk, slave) : 0;
}

static void tie_partition(struct scanner *s, struct disk *disk)
{
	const char *end = strrchr(disk->path, '/'), *start = end;
	struct disk *whole;

	while (start > disk->path && start[-1] != '/')
		start--;
	whole = map_get_n(s->graph->by_disk, start, (size_t)(end - start));
	if (!whole || whole == disk)
		return;
	disk->whole = whole;
	disk->owners = whole->owners;
	disk->owner_count = whole->owner_count;
	disk->owner_capacity = whole->owner_capacity;
	disk->is_network = whole->is_network;
	whole->part_count++;
}

/* A dm on two NBDs is a network disk as well. */
static bool is_on_network(const struct disk *disk, unsigned int depth)
{
	if (disk->is_network || depth >= 16)
		return disk->is_network;
	for (size_t i = 0; i < disk->slave_count; i++)
		if (is_on_network(disk->slaves[i]->whole, depth + 1))
			return true;
	return false;
}

static int compare_disks(const void *a, const void *b)
{
	const struct disk *const *first = a, *const *second = b;

	return strverscmp((*first)->name, (*second)->name);
}

/* What each disk from the number @first on lies on, and what it is a partition of. */
static int relate(struct scanner *s, size_t first)
{
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = first; i < graph->disk_count && !code; i++) {
		struct disk *disk = graph->disks[i];

		if (disk->is_partition || strncmp(disk->path, "/devices/virtual/", 17) != 0)
			continue;
		if (is_nvme_head(disk))
			code = read_head(s, disk);
		else
			code = read_slaves(s, disk);
		if (!code)
			code = read_backing(s, disk);
	}
	for (size_t i = first; i < graph->disk_count && !code; i++)
		if (graph->disks[i]->is_partition)
			tie_partition(s, graph->disks[i]);
	for (size_t i = first; i < graph->disk_count; i++)
		graph->disks[i]->is_network = is_on_network(graph->disks[i], 0);
	return code;
}

int scan_disk_relations(struct scanner *s)
{
	struct graph *graph = s->graph;

	if (graph->disk_count)
		qsort(graph->disks, graph->disk_count, sizeof(struct disk *), compare_disks);
	return relate(s, 0);
}

/* A loop device claims nothing and may have got its file since. */
static int read_loop_again(struct scanner *s, struct disk *disk, int folder)
{
	int fd = openat(folder, disk->name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int code;

	if (fd < 0)
		return 0;
	code = read_title(s, disk, fd);
	close(fd);
	return code ? code : read_backing(s, disk);
}

static int read_new(struct scanner *s, int folder, const char *name)
{
	struct disk *known = map_get(s->graph->by_disk, name);
	char target[SCAN_PATH];
	const char *path;

	if (known)
		return has_digits_after(name, "loop") ? read_loop_again(s, known, folder) : 0;
	if (file_readlink_at(folder, name, target, sizeof(target)) < 0)
		return 0;
	path = link_device_path(target);
	return path ? scan_block(s, folder, name, path, graph_owner(s->graph, path)) : 0;
}

int scan_disks_new(struct scanner *s)
{
	size_t known = s->graph->disk_count;
	struct dirent *entry;
	int code = 0;
	DIR *dir;

	if (!s->knows_disks)
		return 0;
	dir = sysroot_opendir(s->root, "/sys/class/block");
	while (dir && !code && (entry = readdir(dir)))
		if (entry->d_type == DT_LNK)
			code = read_new(s, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	return code ? code : relate(s, known);
}
