// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every bound device of every bus, and every PCI function.
 *
 * Bound devices are found through the links in their driver's folder: a machine may have 100,000
 * memory blocks that no driver ever binds, and these are then never looked at. Whether a driver
 * can be unbound is asked once a driver.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct driver_folder {
	const char *bus, *driver;
	int fd;
	bool can_unbind;
};

/* NULL with *@ret_code 0: it vanished. */
static struct device *add_bound(struct scanner *s, const struct driver_folder *folder,
				const char *name, const char *path, int *ret_code)
{
	char attribute[512], modalias[SCAN_TEXT];
	struct device *device;
	ssize_t n;

	*ret_code = 0;
	/* Every PCI function was read already: this one came later. */
	if (!strcmp(folder->bus, "pci"))
		return NULL;
	snprintf(attribute, sizeof(attribute), "%s/modalias", name);
	n = attribute_read_at(folder->fd, attribute, modalias, sizeof(modalias));
	if (n < 0 && faccessat(folder->fd, name, F_OK, 0))
		return NULL;
	*ret_code = -ENOMEM;
	device = graph_add_device(s->graph, path, folder->bus);
	if (!device)
		return NULL;
	if (n > 0) {
		device->modalias = graph_word(s->graph, modalias);
		if (!device->modalias)
			return NULL;
	}
	*ret_code = 0;
	return device;
}

static int read_bound(struct scanner *s, const struct driver_folder *folder, const char *name)
{
	char target[SCAN_PATH];
	struct device *device;
	const char *path;
	int code;

	if (file_readlink_at(folder->fd, name, target, sizeof(target)) < 0)
		return 0;
	path = link_device_path(target);
	if (!path)
		return 0;
	device = graph_find(s->graph, path);
	if (!device)
		device = add_bound(s, folder, name, path, &code);
	if (!device)
		return code;
	device->driver = folder->driver;
	device->can_unbind = folder->can_unbind;
	return 0;
}

static int read_driver(struct scanner *s, const char *bus, const char *name)
{
	struct driver_folder folder = { .bus = bus };
	char path[SCAN_PATH];
	struct dirent *entry;
	int code = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/%s/drivers/%s", bus, name);
	dir = sysroot_opendir(s->root, path);
	if (!dir)
		return 0;
	folder.fd = dirfd(dir);
	folder.can_unbind = !faccessat(folder.fd, "unbind", F_OK, 0);
	folder.driver = arena_strdup(s->graph->arena, name);
	if (!folder.driver)
		code = -ENOMEM;
	while (!code && (entry = readdir(dir)))
		if (entry->d_type == DT_LNK && strcmp(entry->d_name, "module") != 0)
			code = read_bound(s, &folder, entry->d_name);
	closedir(dir);
	return code;
}

static int read_pci_function(struct scanner *s, int bus_fd, const char *name)
{
	char target[SCAN_PATH];
	struct device *device;
	const char *path;
	int fd, code;

	if (file_readlink_at(bus_fd, name, target, sizeof(target)) < 0)
		return 0;
	path = link_device_path(target);
	fd = openat(bus_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!path || fd < 0) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	device = graph_add_device(s->graph, path, "pci");
	code = device ? scan_pci_function(s, fd, device) : -ENOMEM;
	close(fd);
	return code;
}

static int read_pci_functions(struct scanner *s)
{
	DIR *dir = sysroot_opendir(s->root, "/sys/bus/pci/devices");
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return 0;
	while (!code && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			code = read_pci_function(s, dirfd(dir), entry->d_name);
	closedir(dir);
	return code;
}

static int read_bus(struct scanner *s, const char *bus)
{
	struct graph *graph = s->graph;
	char path[SCAN_PATH];
	struct dirent *entry;
	int code = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/%s/drivers_autoprobe", bus);
	if (sysroot_exists(s->root, path))
		code = graph_add_string(graph, &graph->buses, &graph->bus_count,
					&graph->bus_capacity, bus);
	if (!code && !strcmp(bus, "pci"))
		code = read_pci_functions(s);
	snprintf(path, sizeof(path), "/sys/bus/%s/drivers", bus);
	dir = sysroot_opendir(s->root, path);
	if (!dir)
		return code;
	while (!code && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			code = read_driver(s, bus, entry->d_name);
	closedir(dir);
	return code;
}

int scan_devices(struct scanner *s)
{
	DIR *dir = sysroot_opendir(s->root, "/sys/bus");
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return -errno;
	while (!code && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			code = read_bus(s, entry->d_name);
	closedir(dir);
	return code;
}
