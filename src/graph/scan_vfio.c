// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices that are handed to virtual machines. Their driver's remove() waits, for ever and with
 * the device locked, until the last user has closed them.
 *
 * A user has either the node of the group (/dev/vfio/12), which can be opened once, or the node of
 * the device (/dev/vfio/devices/vfio3). Opening a group to see whether it is free keeps a virtual
 * machine from starting at that moment, so only a run does it.
 */
#include "base/error.h"
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* vfio-pci and its variants (mlx5-vfio-pci, hisi_acc_vfio_pci, nvgrace-gpu-vfio-pci), vfio-platform,
 * vfio_mdev, and whatever registers a device with VFIO under another name. */
bool is_vfio(const struct device *device)
{
	if (!device->driver)
		return false;
	return strstr(device->driver, "vfio") || device_has_class(device, "vfio-dev");
}

static int find_group(struct scanner *s, const struct device *device, char *group, size_t size)
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

int vfio_group_held(struct scanner *s, const char *group, const char *words)
{
	struct graph *graph = s->graph;
	char own[32];
	int code = 0;

	if (!strncmp(group, "noiommu-", strlen("noiommu-")))
		group += strlen("noiommu-");
	for (size_t i = 0; i < graph->device_count && !code; i++) {
		struct device *device = graph->devices[i];

		if (is_vfio(device) && !find_group(s, device, own, sizeof(own)) &&
		    !strcmp(own, group))
			code = graph_add_use(graph, device, USE_VFIO, words);
	}
	return code;
}

int scan_vfio_unnamed(struct scanner *s)
{
	struct graph *graph = s->graph;
	char words[256];
	int code = 0;

	if (!s->vfio_holder)
		return 0;
	snprintf(words, sizeof(words), "%s has a VFIO device, perhaps this one", s->vfio_holder);
	for (size_t i = 0; i < graph->device_count && !code; i++)
		if (is_vfio(graph->devices[i]) && !graph->devices[i]->uses)
			code = graph_add_use(graph, graph->devices[i], USE_VFIO, words);
	return code;
}

static bool has_use(const struct device *device, enum use_kind kind)
{
	for (const struct use *use = device->uses; use; use = use->next)
		if (use->kind == kind)
			return true;
	return false;
}

int scan_vfio_claim(struct scanner *s, struct device *device)
{
	char group[32], words[128];
	int answer;

	if (!is_vfio(device) || has_use(device, USE_VFIO))
		return 0;
	answer = find_group(s, device, group, sizeof(group));
	if (!answer)
		answer = claim_ask_vfio(s, group);
	if (!answer)
		return 0;
	if (answer == 1) {
		snprintf(words, sizeof(words), "a user of VFIO group %s", group);
		return graph_add_use(s->graph, device, USE_VFIO, words);
	}
	/* A kernel without groups: only the device has a node, and who holds that was seen. */
	if ((answer == -ENOENT || answer == -ENODATA) && !s->unseen &&
	    device_has_class(device, "vfio-dev"))
		return 0;
	snprintf(words, sizeof(words), "whether its VFIO group is in use could not be asked: %s",
		 errno_name(answer));
	return graph_add_use(s->graph, device, USE_UNKNOWN, words);
}

int scan_vfio_claims(struct scanner *s)
{
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = 0; i < graph->device_count && !code && s->may_claim; i++)
		code = scan_vfio_claim(s, graph->devices[i]);
	return code;
}
