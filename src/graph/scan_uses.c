// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Uses that are not disks: VFIO groups, consoles, framebuffers, watchdogs, and device nodes that a
 * process holds open and whose close remove() waits for, uninterruptibly.
 */
#include "base/error.h"
#include "graph/scanner.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int vfio_group(struct scanner *s, const struct device *device, char *group, size_t size)
{
	char link[SCAN_PATH], target[SCAN_PATH];
	const char *slash;

	snprintf(link, sizeof(link), "/sys%s/iommu_group", device->path);
	if (sysroot_readlink(s->root, link, target, sizeof(target)) < 0)
		return -ENOENT;
	slash = strrchr(target, '/');
	snprintf(group, size, "%.*s", (int)size - 1, slash ? slash + 1 : target);
	return 0;
}

int scan_vfio(struct scanner *s, struct device *device)
{
	char group[32], words[128];
	int answer;

	if (!device->driver || strncmp(device->driver, "vfio", 4) != 0)
		return 0;
	answer = vfio_group(s, device, group, sizeof(group));
	if (!answer)
		answer = claim_ask_vfio(s, group);
	if (!answer)
		return 0;
	if (answer == 1) {
		snprintf(words, sizeof(words), "a user of VFIO group %s", group);
		return graph_add_use(s->graph, device, USE_VFIO, words);
	}
	snprintf(words, sizeof(words), "whether its VFIO group is in use could not be asked: %s",
		 errno_name(answer));
	return graph_add_use(s->graph, device, USE_UNKNOWN, words);
}

static int add_console(struct scanner *s, struct device *device, const char *name,
		       const struct device *only)
{
	char words[128];

	if (only && !device_is_within(device, only))
		return 0;
	snprintf(words, sizeof(words), "active console %s", name);
	return graph_add_use(s->graph, device, USE_CONSOLE, words);
}

/* The hvc layer does not tell which device is behind hvc0: all that might be. */
static int add_hvc(struct scanner *s, const char *name, const struct device *only)
{
	static const char *const drivers[] = { "virtio_console", "hvc_console", "hvc_opal",
					       "hvc_vio",	 "xencons",	"xenconsole" };
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = 0; i < graph->device_count; i++) {
		struct device *device = graph->devices[i];

		for (size_t j = 0; device->driver && j < sizeof(drivers) / sizeof(drivers[0]); j++)
			if (!code && !strcmp(device->driver, drivers[j]))
				code = add_console(s, device, name, only);
	}
	return code;
}

/* "ttyS0                -W- (EC  p a)    4:64": enabled (E), and its number at the end. */
static int read_console(struct scanner *s, const char *line, const struct device *only)
{
	char link[SCAN_PATH], path[SCAN_PATH], name[32], flags[32];
	unsigned int major, minor;
	const char *flags_at = strchr(line, '('), *end = flags_at ? strchr(flags_at, ')') : NULL;
	struct device *device;

	if (!end || sscanf(line, "%31s", name) != 1)
		return 0;
	snprintf(flags, sizeof(flags), "%.*s", (int)(end - flags_at), flags_at);
	if (!strchr(flags, 'E') || sscanf(end + 1, "%u:%u", &major, &minor) != 2)
		return 0;
	if (!strncmp(name, "hvc", 3))
		return add_hvc(s, name, only);
	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u", major, minor);
	if (sysroot_resolve(s->root, link, path, sizeof(path)) < 4)
		return 0;
	device = graph_owner(s->graph, path + 4);
	return device ? add_console(s, device, name, only) : 0;
}

int scan_consoles(struct scanner *s, const struct device *only)
{
	char *text, *line, *save;
	int code = sysroot_read_all(s->root, "/proc/consoles", &text);

	if (code)
		return code == -ENOMEM ? code : 0;
	for (line = strtok_r(text, "\n", &save); line && !code; line = strtok_r(NULL, "\n", &save))
		code = read_console(s, line, only);
	free(text);
	return code;
}

int scan_vtconsole(struct scanner *s, int fd, const char *name, const char *path,
		   struct device *owner)
{
	char attribute[300], text[128];
	struct graph *graph = s->graph;
	struct fbcon *fbcon;

	snprintf(attribute, sizeof(attribute), "%s/name", name);
	if (file_read_at(fd, attribute, text, sizeof(text)) < 0 || !strstr(text, "frame buffer"))
		return 0;
	if (arena_grow(graph->arena, &graph->fbcons, &graph->fbcon_capacity, graph->fbcon_count + 1,
		       sizeof(*fbcon)))
		return -ENOMEM;
	fbcon = &graph->fbcons[graph->fbcon_count++];
	snprintf(attribute, sizeof(attribute), "%s/bind", name);
	fbcon->is_bound = attribute_u64(fd, attribute, 0) == 1;
	fbcon->vtcon = arena_strdup(graph->arena, name);
	fbcon->path = arena_printf(graph->arena, "/sys/class/vtconsole/%s", name);
	return fbcon->vtcon && fbcon->path ? 0 : -ENOMEM;
}

int scan_graphics(struct scanner *s, int fd, const char *name, const char *path,
		  struct device *owner)
{
	struct graph *graph = s->graph;
	struct framebuffer *fb;

	/* "fbcon" is here, too, and is no framebuffer. */
	if (strncmp(name, "fb", 2) != 0 || !isdigit((unsigned char)name[2]))
		return 0;
	if (arena_grow(graph->arena, &graph->framebuffers, &graph->framebuffer_capacity,
		       graph->framebuffer_count + 1, sizeof(*fb)))
		return -ENOMEM;
	fb = &graph->framebuffers[graph->framebuffer_count++];
	fb->owner = owner;
	fb->name = arena_strdup(graph->arena, name);
	return fb->name ? 0 : -ENOMEM;
}

/* A framebuffer that consoles are drawn on makes its PCI function the boot display. */
static void mark_displays(struct graph *graph)
{
	bool bound = false;

	for (size_t i = 0; i < graph->fbcon_count; i++)
		bound |= graph->fbcons[i].is_bound;
	for (size_t i = 0; bound && i < graph->framebuffer_count; i++) {
		struct device *device = graph->framebuffers[i].owner;

		while (device && !device->pci)
			device = device->parent;
		if (device)
			device->pci->is_boot_display = true;
	}
}

int scan_watchdog(struct scanner *s, int fd, const char *name, const char *path,
		  struct device *owner)
{
	struct graph *graph = s->graph;
	struct watchdog *watchdog;
	char attribute[300];

	if (arena_grow(graph->arena, &graph->watchdogs, &graph->watchdog_capacity,
		       graph->watchdog_count + 1, sizeof(*watchdog)))
		return -ENOMEM;
	watchdog = &graph->watchdogs[graph->watchdog_count++];
	watchdog->owner = owner;
	snprintf(attribute, sizeof(attribute), "%s/nowayout", name);
	watchdog->is_nowayout = attribute_u64(fd, attribute, 0) == 1;
	snprintf(attribute, sizeof(attribute), "%s/timeout", name);
	watchdog->timeout = (unsigned int)attribute_u64(fd, attribute, 0);
	watchdog->name = arena_strdup(graph->arena, name);
	return watchdog->name ? 0 : -ENOMEM;
}

/* `state` is there only with CONFIG_WATCHDOG_SYSFS. */
int scan_watchdog_use(struct scanner *s, struct watchdog *watchdog)
{
	char path[SCAN_PATH], state[32], words[128];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/class/watchdog/%s/state", watchdog->name);
	n = sysroot_read(s->root, path, state, sizeof(state));
	watchdog->is_running = n > 0 && !strcmp(state, "active");
	if (!watchdog->owner || (n > 0 && !watchdog->is_running))
		return 0;
	if (watchdog->is_running) {
		snprintf(words, sizeof(words), "%s runs (%u s%s)", watchdog->name,
			 watchdog->timeout, watchdog->is_nowayout ? ", cannot be stopped" : "");
		return graph_add_use(s->graph, watchdog->owner, USE_WATCHDOG, words);
	}
	snprintf(words, sizeof(words), "whether %s runs could not be asked: %s", watchdog->name,
		 errno_name((int)n));
	return graph_add_use(s->graph, watchdog->owner, USE_UNKNOWN, words);
}

/* Where the nodes lie, and the class that knows their device by the same name. */
static const struct node_kind {
	const char *prefix, *class;
} node_kinds[] = {
	{ "/dev/snd/", "sound" },
	/* The same cards by OSS: snd_pcm_oss and snd_mixer_oss. */
	{ "/dev/dsp", "sound" },
	{ "/dev/adsp", "sound" },
	{ "/dev/audio", "sound" },
	{ "/dev/mixer", "sound" },
	{ "/dev/midi", "sound" },
	{ "/dev/video", "video4linux" },
	{ "/dev/v4l-subdev", "video4linux" },
	{ "/dev/uio", "uio" },
	{ "/dev/vfio/devices/", "vfio-dev" },
};

#define NODE_KINDS (sizeof(node_kinds) / sizeof(node_kinds[0]))

bool is_waited_for(const struct device *device)
{
	for (size_t i = 0; i < NODE_KINDS; i++)
		if (device_has_class(device, node_kinds[i].class))
			return true;
	return false;
}

static struct device *node_device(struct scanner *s, const char *node)
{
	const char *name = strrchr(node, '/') + 1;
	char link[SCAN_PATH], path[SCAN_PATH];

	for (size_t i = 0; i < NODE_KINDS; i++) {
		if (strncmp(node, node_kinds[i].prefix, strlen(node_kinds[i].prefix)) != 0)
			continue;
		snprintf(link, sizeof(link), "/sys/class/%s/%.255s", node_kinds[i].class, name);
		if (sysroot_resolve(s->root, link, path, sizeof(path)) < 4)
			return NULL;
		return graph_owner(s->graph, path + 4);
	}
	return NULL;
}

static int add_open(struct scanner *s, struct device *device, const char *pid, const char *node)
{
	char path[64], name[64] = "?", words[SCAN_PATH];

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	sysroot_read(s->root, path, name, sizeof(name));
	snprintf(words, sizeof(words), "process %s (%s) holds %.200s", pid, name, node);
	return graph_add_use(s->graph, device, USE_OPEN, words);
}

/* 0, -ENOMEM, or -EACCES when its files must not be seen. A process that ended is none. */
static int read_process(struct scanner *s, const char *pid, const struct device *only)
{
	char path[64], node[256];
	struct dirent *entry;
	int code = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = sysroot_opendir(s->root, path);
	if (!dir)
		return errno == EACCES || errno == EPERM ? -EACCES : 0;
	while (!code && (entry = readdir(dir))) {
		struct device *device;

		if (file_readlink_at(dirfd(dir), entry->d_name, node, sizeof(node)) < 0 ||
		    strncmp(node, "/dev/", 5) != 0)
			continue;
		device = node_device(s, node);
		if (device && (!only || device_is_within(device, only)))
			code = add_open(s, device, pid, node);
	}
	closedir(dir);
	return code;
}

static int mark_unasked(struct scanner *s, const struct device *only)
{
	static const char words[] = "whether a process has it open could not be asked: EACCES on "
				    "/proc/*/fd";
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = 0; i < graph->device_count && !code; i++) {
		struct device *device = graph->devices[i];

		if (is_waited_for(device) && (!only || device_is_within(device, only)))
			code = graph_add_use(graph, device, USE_UNKNOWN, words);
	}
	return code;
}

int scan_open_nodes(struct scanner *s, const struct device *only)
{
	DIR *dir = sysroot_opendir(s->root, "/proc");
	struct dirent *entry;
	bool unseen = !dir;
	int code = 0;

	while (dir && !code && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		code = read_process(s, entry->d_name, only);
		if (code == -EACCES) {
			unseen = true;
			code = 0;
		}
	}
	if (dir)
		closedir(dir);
	return !code && unseen ? mark_unasked(s, only) : code;
}

int scan_uses(struct scanner *s)
{
	struct graph *graph = s->graph;
	int code = scan_consoles(s, NULL);

	mark_displays(graph);
	for (size_t i = 0; i < graph->device_count && !code; i++)
		code = scan_vfio(s, graph->devices[i]);
	for (size_t i = 0; i < graph->watchdog_count && !code; i++)
		code = scan_watchdog_use(s, &graph->watchdogs[i]);
	return !code && s->has_waiters ? scan_open_nodes(s, NULL) : code;
}
