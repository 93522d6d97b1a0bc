// SPDX-License-Identifier: GPL-2.0-or-later
/* Coldplug and device events; see devices.h. */
#include "boot/devices.h"

#include "storage/disks.h"
#include "sys/uevent.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct devices {
	struct loop *loop;
	const struct sysroot *root;
	struct modules *modules;
	struct devices_events events;
	int fd;
	bool is_held;
	char buffer[UEVENT_SIZE];
};

static void take_event(struct devices *devices, const struct uevent *event)
{
	const char *name = strrchr(event->devpath, '/') + 1;

	if (devices->is_held)
		return;
	if (*event->modalias && strcmp(event->action, "remove") != 0)
		modules_request(devices->modules, event->modalias);
	if (strcmp(event->subsystem, "block") != 0)
		return;
	if (!strcmp(event->action, "remove"))
		devices->events.vanished(devices->events.context, name);
	else
		devices->events.appeared(devices->events.context, name);
}

void devices_drain(struct devices *devices)
{
	struct uevent event;
	int r;

	while ((r = uevent_receive(devices->fd, devices->buffer, &event)) > 0)
		take_event(devices, &event);
	/* The socket's buffer was too small for what came: look at everything instead. */
	if (r == -ENOBUFS && !devices->is_held)
		devices_coldplug(devices);
}

static void ready(void *context, uint32_t events)
{
	devices_drain(context);
}

int devices_new(struct loop *loop, const struct sysroot *root, struct modules *modules,
		const struct devices_events *events, struct devices **ret_devices, struct error *e)
{
	struct devices *devices = calloc(1, sizeof(*devices));
	int r;

	if (!devices)
		return error_set(e, -ENOMEM, "devices: %m");
	devices->loop = loop;
	devices->root = root;
	devices->modules = modules;
	devices->events = *events;
	devices->fd = uevent_open();
	r = devices->fd < 0 ? devices->fd : loop_add(loop, devices->fd, EPOLLIN, ready, devices);
	if (r < 0) {
		devices_free(devices);
		return error_set(e, r, "the kernel's device events cannot be heard: %s",
				 errno_text(r));
	}
	*ret_devices = devices;
	return 0;
}

void devices_free(struct devices *devices)
{
	if (!devices)
		return;
	if (devices->fd >= 0) {
		loop_remove(devices->loop, devices->fd);
		close(devices->fd);
	}
	free(devices);
}

/* Every device of the bus whose folder is @bus. */
static void coldplug_bus(struct devices *devices, const char *bus)
{
	char path[PATH_MAX], modalias[4096];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/%s/devices", bus);
	dir = sysroot_opendir(devices->root, path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/modalias", bus, entry->d_name);
		if (sysroot_read(devices->root, path, modalias, sizeof(modalias)) > 0)
			modules_request(devices->modules, modalias);
	}
	if (dir)
		closedir(dir);
}

void devices_coldplug(struct devices *devices)
{
	DIR *dir = sysroot_opendir(devices->root, "/sys/bus");
	char(*names)[DISK_NAME_SIZE];
	struct dirent *entry;
	size_t count;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			coldplug_bus(devices, entry->d_name);
	if (dir)
		closedir(dir);
	if (disk_list(devices->root, &names, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		devices->events.appeared(devices->events.context, names[i]);
	free(names);
}

void devices_hold(struct devices *devices, bool held)
{
	/* What was said while it was held is old news. */
	if (!held)
		devices_drain(devices);
	devices->is_held = held;
}
