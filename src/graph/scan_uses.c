// SPDX-License-Identifier: GPL-2.0-or-later
/* Uses that are the kernel's own: consoles, framebuffers, running watchdogs. */
#include "base/error.h"
#include "graph/scanner.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add_console(struct scanner *s, struct device *device, const char *name)
{
	char words[128];

	snprintf(words, sizeof(words), "active console %s", name);
	return graph_add_use(s->graph, device, USE_CONSOLE, words);
}

/* The hvc layer does not tell which device is behind hvc0: all that might be. */
static int add_hvc(struct scanner *s, const char *name)
{
	static const char *const drivers[] = { "virtio_console", "hvc_console", "hvc_opal",
					       "hvc_vio",	 "xencons",	"xenconsole" };
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = 0; i < graph->device_count; i++) {
		struct device *device = graph->devices[i];

		for (size_t j = 0; device->driver && j < sizeof(drivers) / sizeof(drivers[0]); j++)
			if (!code && !strcmp(device->driver, drivers[j]))
				code = add_console(s, device, name);
	}
	return code;
}

/* "ttyS0                -W- (EC  p a)    4:64": enabled (E), and its number at the end. */
static int read_console(struct scanner *s, const char *line)
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
		return add_hvc(s, name);
	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u", major, minor);
	if (sysroot_resolve(s->root, link, path, sizeof(path)) < 4)
		return 0;
	device = graph_owner(s->graph, path + 4);
	return device ? add_console(s, device, name) : 0;
}

static int scan_consoles(struct scanner *s)
{
	char *text, *line, *save;
	int code = sysroot_read_all(s->root, "/proc/consoles", &text);

	if (code)
		return code == -ENOMEM ? code : 0;
	for (line = strtok_r(text, "\n", &save); line && !code; line = strtok_r(NULL, "\n", &save))
		code = read_console(s, line);
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
	if (attribute_read_at(fd, attribute, text, sizeof(text)) < 0 ||
	    !strstr(text, "frame buffer"))
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
int scan_displays(struct scanner *s)
{
	struct graph *graph = s->graph;
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
	return 0;
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

int scan_uses(struct scanner *s)
{
	struct graph *graph = s->graph;
	int code = scan_consoles(s);

	for (size_t i = 0; i < graph->watchdog_count && !code; i++)
		code = scan_watchdog_use(s, &graph->watchdogs[i]);
	return code;
}
