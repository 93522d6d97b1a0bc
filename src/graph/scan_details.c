// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is told, and nothing is decided by. A machine with 100,000 devices has it read for a person
 * who lists them, and not on every way to a plan.
 */
#include "graph/scan.h"
#include "graph/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The folder of what has the path @path below /sys; negative when it is gone. */
static int folder_open(const struct sysroot *root, const char *path)
{
	char folder[SCAN_PATH];

	snprintf(folder, sizeof(folder), "/sys%s", path);
	return sysroot_openat(root, folder, O_PATH | O_DIRECTORY);
}

static int read_iommu_group(struct graph *graph, int fd, struct pci_facts *facts)
{
	char target[SCAN_PATH];
	const char *slash;

	if (file_readlink_at(fd, "iommu_group", target, sizeof(target)) < 0)
		return 0;
	slash = strrchr(target, '/');
	facts->iommu_group = graph_word(graph, slash ? slash + 1 : target);
	return facts->iommu_group ? 0 : -ENOMEM;
}

static int read_function(const struct sysroot *root, struct graph *graph,
			 const struct device *device)
{
	int fd = device->pci ? folder_open(root, device->path) : -ENODEV;
	int code;

	if (fd < 0)
		return 0;
	code = read_iommu_group(graph, fd, device->pci);
	if (!code)
		code = attribute_string(graph, fd, "label", &device->pci->label);
	close(fd);
	return code;
}

static void read_disk(const struct sysroot *root, struct disk *disk)
{
	int fd = folder_open(root, disk->path);

	if (fd < 0)
		return;
	disk->is_read_only = attribute_u64(fd, "ro", 0) == 1;
	close(fd);
}

static void read_link(const struct sysroot *root, struct netlink_if *link)
{
	int fd = folder_open(root, link->path);

	if (fd < 0)
		return;
	/* Asked only of a link that is up: the kernel answers EINVAL for the others. */
	link->has_carrier = link->is_up && attribute_u64(fd, "carrier", 0) == 1;
	close(fd);
}

int scan_details(const struct sysroot *root, struct graph *graph)
{
	int code = 0;

	for (size_t i = 0; i < graph->device_count && !code; i++)
		code = read_function(root, graph, graph->devices[i]);
	for (size_t i = 0; i < graph->disk_count; i++)
		read_disk(root, graph->disks[i]);
	for (size_t i = 0; i < graph->link_count; i++)
		read_link(root, graph->links[i]);
	return code;
}
