// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network links that cannot be seen, since they lie in another network namespace: a container's, one
 * of `ip netns`, or the machine's own when kexit runs in a container.
 *
 * sysfs lists the links of one namespace, but a device's folder "net" counts all of them. So no other
 * namespace has to be entered, and no lock of the network be waited for.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLASS_NETWORK 0x02

static bool is_network_function(const struct device *device)
{
	return device->pci && device->pci->class_code >> 16 == CLASS_NETWORK;
}

bool device_may_have_links(const struct device *device)
{
	if (!device->driver)
		return false;
	if (device->pci)
		return is_network_function(device) || device_has_class(device, "net");
	if (device->parent && is_network_function(device->parent))
		return true;
	if (!strcmp(device->bus, "virtio"))
		return !strcmp(device->driver, "virtio_net");
	return !strcmp(device->bus, "usb") || !strcmp(device->bus, "sdio") ||
	       !strcmp(device->bus, "auxiliary") || !strcmp(device->bus, "mdio_bus") ||
	       device_has_class(device, "net");
}

/* Directly: ".../net/eth0"; not those of a device below. */
static bool is_link_of(const struct netlink_if *link, const struct device *device)
{
	size_t length = strlen(device->path);

	return link->owner == device && !strncmp(link->path + length, "/net/", 5) &&
	       !strchr(link->path + length + 5, '/');
}

struct seen {
	size_t own;    /* links of it that can be seen */
	bool has_link; /* it or something below it has one */
};

static void count_links(const struct graph *graph, struct seen *seen)
{
	for (size_t i = 0; i < graph->link_count; i++) {
		const struct netlink_if *link = graph->links[i];

		if (link->owner && is_link_of(link, link->owner))
			seen[link->owner->id].own++;
		for (const struct device *at = link->owner; at && !seen[at->id].has_link;
		     at = at->parent)
			seen[at->id].has_link = true;
	}
}

/* Links, or radios without one, that @folder counts and nobody lists. */
static size_t count_hidden(struct scanner *s, const struct device *device, const char *folder,
			   size_t listed)
{
	char path[SCAN_PATH];
	size_t all;

	snprintf(path, sizeof(path), "/sys%s/%s", device->path, folder);
	if (sysroot_count_folders(s->root, path, &all) || all <= listed)
		return 0;
	return all - listed;
}

/*
 * A driver that has made its function a network device shows it by a link, InfiniBand or a node. The
 * kernel keeps the folder "net" as long as there is a link in any namespace, so a function of this
 * machine without it has none. A captured tree may have been made without such folders, in a
 * namespace that has none of the links: what shows nothing there is unknown.
 */
static bool is_mute(const struct scanner *s, const struct device *device, const struct seen *seen)
{
	static const char *const voices[] = { "infiniband", "uio", "ieee80211", "wwan" };
	static const char *const silent[] = { "virtio-pci", "pci-stub", "pciback", "xen-pciback" };

	if (!sysroot_is_captured(s->root) || !is_network_function(device) || seen->has_link)
		return false;
	for (size_t i = 0; i < sizeof(voices) / sizeof(voices[0]); i++)
		if (device_has_class(device, voices[i]))
			return false;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (!strcmp(device->driver, silent[i]))
			return false;
	return !is_vfio(device);
}

/* @has_radios: the kernel knows wireless devices, of whatever namespace. */
static int look_at(struct scanner *s, struct device *device, const struct seen *seen,
		   bool has_radios)
{
	size_t hidden = count_hidden(s, device, "net", seen->own);
	char words[128];

	if (!hidden && has_radios && !device_has_class(device, "ieee80211"))
		hidden = count_hidden(s, device, "ieee80211", 0);
	if (hidden) {
		snprintf(words, sizeof(words),
			 "%zu network link%s of it in another network namespace", hidden,
			 hidden == 1 ? "" : "s");
		return graph_add_use(s->graph, device, USE_NETNS, words);
	}
	if (device->uses || !is_mute(s, device, seen))
		return 0;
	return graph_add_use(s->graph, device, USE_UNKNOWN,
			     "a network function, and no link of it can be seen");
}

/* So that asking again for one disk after the other costs nothing. */
static bool has_candidate(const struct device *device)
{
	if (device_may_have_links(device))
		return true;
	for (const struct device *child = device->child; child; child = child->sibling)
		if (has_candidate(child))
			return true;
	return false;
}

int scan_netns(struct scanner *s, const struct device *only)
{
	struct graph *graph = s->graph;
	struct seen *seen;
	bool has_radios;
	int code = 0;

	/* Every namespace has at least "lo": a kernel without any has no networks. */
	if (!graph->link_count || (only && !has_candidate(only)))
		return 0;
	has_radios = sysroot_exists(s->root, "/sys/class/ieee80211");
	seen = calloc(graph->device_count + 1, sizeof(*seen));
	if (!seen)
		return -ENOMEM;
	count_links(graph, seen);
	for (size_t i = 0; i < graph->device_count && !code; i++) {
		struct device *device = graph->devices[i];

		if (device_may_have_links(device) && (!only || device_is_within(device, only)))
			code = look_at(s, device, &seen[i], has_radios);
	}
	free(seen);
	return code;
}
