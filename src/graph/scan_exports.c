// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What targets in the kernel serve to other machines, or to virtual ones: nvmet, LIO (iSCSI, Fibre
 * Channel, vhost-scsi), rnbd. nvmet and rnbd open their disks without O_EXCL, and no process shows
 * them: only configfs does.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONFIGFS "/sys/kernel/config"

/* @node: "/dev/nvme1n1", "/dev/mapper/vg-lun0". */
static int add_export(struct scanner *s, const char *node, const char *target)
{
	struct graph *graph = s->graph;
	struct disk *disk = map_get(graph->by_alias, node);
	const char *name = strncmp(node, "/dev/", 5) != 0 ? NULL : node + 5;

	if (!disk && name)
		disk = map_get(graph->by_disk, name);
	if (!disk) {
		struct node_holder holder = { .node = node, .target = target };

		return name ? node_held_by_name(s, &holder) : 0;
	}
	if (disk->words && disk->use != USE_OPEN)
		return 0;
	disk->use = USE_EXPORT;
	disk->words = arena_printf(graph->arena, "%s serves %s", target, disk->title);
	return disk->words ? 0 : -ENOMEM;
}

/* Calls @read with each folder below @path; it may be missing. */
static int each_folder(struct scanner *s, const char *path,
		       int (*read)(struct scanner *s, const char *path))
{
	DIR *dir = sysroot_opendir(s->root, path);
	char below[SCAN_PATH];
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return 0;
	while (!code && (entry = readdir(dir))) {
		int length = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);

		if (entry->d_type != DT_REG && entry->d_name[0] != '.' &&
		    length < (int)sizeof(below))
			code = read(s, below);
	}
	closedir(dir);
	return code;
}

static bool read_text(struct scanner *s, const char *folder, const char *name, char *text,
		      size_t size)
{
	char path[SCAN_PATH + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return sysroot_read(s->root, path, text, size) > 0;
}

static bool is_enabled(struct scanner *s, const char *folder)
{
	char text[16];

	return !read_text(s, folder, "enable", text, sizeof(text)) || strcmp(text, "0") != 0;
}

static int read_nvmet_namespace(struct scanner *s, const char *folder)
{
	char node[SCAN_PATH];

	if (!is_enabled(s, folder) || !read_text(s, folder, "device_path", node, sizeof(node)))
		return 0;
	return add_export(s, node, "nvmet");
}

static int read_nvmet_subsystem(struct scanner *s, const char *folder)
{
	char path[SCAN_PATH + 64];

	snprintf(path, sizeof(path), "%s/namespaces", folder);
	return each_folder(s, path, read_nvmet_namespace);
}

/*
 * LIO's "info": "Status: ACTIVATED ... File: /dev/sdb Size: ...". udev_path is what a tool wrote
 * there: for iblock and pscsi always the node, for a file its path.
 */
static int read_lio_store(struct scanner *s, const char *folder)
{
	char node[SCAN_PATH], info[SCAN_TEXT], *file;

	if (!is_enabled(s, folder))
		return 0;
	if (read_text(s, folder, "udev_path", node, sizeof(node)) && !strncmp(node, "/dev/", 5))
		return add_export(s, node, "LIO");
	if (!read_text(s, folder, "info", info, sizeof(info)))
		return 0;
	file = strstr(info, "File: /dev/");
	if (!file)
		return 0;
	file += strlen("File: ");
	file[strcspn(file, " \n")] = '\0';
	return add_export(s, file, "LIO");
}

static int read_lio_adapter(struct scanner *s, const char *folder)
{
	return each_folder(s, folder, read_lio_store);
}

/* block_dev is a link to the disk's folder of sysfs. */
static int read_rnbd(struct scanner *s, const char *folder)
{
	char path[SCAN_PATH + 64], target[SCAN_PATH], node[SCAN_PATH + 8];
	const char *slash;

	snprintf(path, sizeof(path), "%s/block_dev", folder);
	if (sysroot_readlink(s->root, path, target, sizeof(target)) < 0)
		return 0;
	slash = strrchr(target, '/');
	snprintf(node, sizeof(node), "/dev/%s", slash ? slash + 1 : target);
	return add_export(s, node, "rnbd");
}

int scan_exports(struct scanner *s)
{
	int code = each_folder(s, CONFIGFS "/nvmet/subsystems", read_nvmet_subsystem);

	if (!code)
		code = each_folder(s, CONFIGFS "/target/core", read_lio_adapter);
	return code ? code : each_folder(s, "/sys/class/rnbd-server/ctl/devices", read_rnbd);
}
