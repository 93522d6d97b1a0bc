// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One pass over /sys/class: what each device is ("net", "watchdog") and what it provides ("eth0"),
 * and on to the reader of the classes that have more to say.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct class_reader readers[] = {
	{ "block", scan_block }, { "devlink", scan_devlink },	  { "graphics", scan_graphics },
	{ "net", scan_net },	 { "vtconsole", scan_vtconsole }, { "watchdog", scan_watchdog },
};

/* The classes whose names a person uses for the device behind. */
static const char *const named_classes[] = {
	"block",    "drm",     "graphics",    "hwrng",	   "infiniband", "ipmi",
	"mmc_host", "net",     "nvme",	      "scsi_host", "sound",	 "tpm",
	"uio",	    "usbmisc", "video4linux", "watchdog",
};

static bool is_listed(const char *name, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

#define IS_LISTED(name, list) is_listed(name, list, sizeof(list) / sizeof((list)[0]))

struct class_folder {
	const char *name;
	int fd;
	bool gives_names;
	const struct class_reader *reader;
};

/* A card of its class stands for its streams ("pcmC0D0p") and connectors ("card0-HDMI-A-1"). */
static bool is_part_of_card(const char *class, const char *name)
{
	if (!strcmp(class, "sound"))
		return strncmp(name, "card", 4) != 0;
	return !strcmp(class, "drm") && strchr(name, '-');
}

static int tell_owner(struct scanner *s, const struct class_folder *folder, const char *name,
		      struct device *owner)
{
	struct graph *graph = s->graph;
	int code = device_add_class(graph, owner, folder->name);

	if (code || !folder->gives_names || is_part_of_card(folder->name, name))
		return code;
	return graph_add_string(graph, &owner->provides, &owner->provide_count,
				&owner->provide_capacity, name);
}

static int read_class_device(struct scanner *s, const struct class_folder *folder, const char *name)
{
	char target[SCAN_PATH];
	struct device *owner;
	const char *path;
	int code = 0;

	if (file_readlink_at(folder->fd, name, target, sizeof(target)) < 0)
		return 0;
	path = link_device_path(target);
	if (!path)
		return 0;
	/* Few virtual ones have one: a disk of FCoE on a VLAN. */
	owner = graph_owner(s->graph, path);
	if (owner)
		code = tell_owner(s, folder, name, owner);
	if (!code && folder->reader)
		code = folder->reader->read(s, folder->fd, name, path, owner);
	return code;
}

static int read_class(struct scanner *s, const char *name)
{
	struct class_folder folder = {
		.name = name,
		.gives_names = IS_LISTED(name, named_classes),
	};
	char path[SCAN_PATH];
	struct dirent *entry;
	int code = 0;
	DIR *dir;

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (!strcmp(readers[i].class, name))
			folder.reader = &readers[i];
	snprintf(path, sizeof(path), "/sys/class/%s", name);
	dir = sysroot_opendir(s->root, path);
	if (!dir)
		return 0;
	folder.fd = dirfd(dir);
	while (!code && (entry = readdir(dir))) {
		if (entry->d_type != DT_LNK)
			continue;
		code = read_class_device(s, &folder, entry->d_name);
	}
	closedir(dir);
	return code;
}

int scan_classes(struct scanner *s)
{
	DIR *dir = sysroot_opendir(s->root, "/sys/class");
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (!code && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			code = read_class(s, entry->d_name);
	closedir(dir);
	return code;
}
