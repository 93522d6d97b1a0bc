// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The facts of one PCI function, and how functions hang together.
 *
 * Only attributes that the kernel answers from memory, besides 64 bytes of config space; these are
 * not read in D3cold, where the kernel would wake the function, and its bridges, for the answer.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEADER_SIZE	 64
#define CLASS_DISPLAY	 0x03
#define CLASS_BRIDGE_PCI 0x0604

/* The kernel prints all ids into the modalias: one read instead of five (pci-sysfs.c). */
static bool ids_from_modalias(const char *modalias, struct pci_facts *facts)
{
	unsigned int vendor, device, subvendor, subdevice, base, sub, interface;

	if (sscanf(modalias, "pci:v%8xd%8xsv%8xsd%8xbc%2xsc%2xi%2x", &vendor, &device, &subvendor,
		   &subdevice, &base, &sub, &interface) != 7)
		return false;
	facts->vendor = (uint16_t)vendor;
	facts->device = (uint16_t)device;
	facts->subvendor = (uint16_t)subvendor;
	facts->subdevice = (uint16_t)subdevice;
	facts->class_code = base << 16 | sub << 8 | interface;
	return true;
}

static void ids_from_attributes(int fd, struct pci_facts *facts)
{
	facts->vendor = (uint16_t)attribute_u64(fd, "vendor", 0xffff);
	facts->device = (uint16_t)attribute_u64(fd, "device", 0xffff);
	facts->subvendor = (uint16_t)attribute_u64(fd, "subsystem_vendor", 0);
	facts->subdevice = (uint16_t)attribute_u64(fd, "subsystem_device", 0);
	facts->class_code = (uint32_t)attribute_u64(fd, "class", 0) & 0xffffff;
}

/* PCIe 6.0 7.5.1.1: command at 04h, header type at 0Eh. */
static void read_header(int fd, struct pci_facts *facts)
{
	char raw[HEADER_SIZE + 1];
	const unsigned char *bytes = (const unsigned char *)raw;

	facts->header_type = facts->class_code >> 8 == CLASS_BRIDGE_PCI;
	if (facts->power_state && !strcmp(facts->power_state, "D3cold"))
		return;
	/* The reader cuts newlines, which a register may look like; the two looked at are before. */
	if (attribute_read_at(fd, "config", raw, sizeof(raw)) <= 0x10)
		return;
	facts->command = (uint16_t)(bytes[4] | bytes[5] << 8);
	/* All-ones: it fell off the bus. */
	facts->has_config = facts->command != 0xffff;
	if (facts->has_config)
		facts->header_type = bytes[0x0e] & 0x7f;
}

/* A kernel before 5.15 has no reset_method; an empty one was switched off. */
static int read_resets(struct scanner *s, int fd, struct pci_facts *facts)
{
	int code = attribute_string(s->graph, fd, "reset_method", &facts->reset_methods);

	if (facts->header_type == 1 && !faccessat(fd, "reset_subordinate", F_OK, 0))
		facts->resets |= PCI_RESET_SUBORDINATE;
	if (facts->reset_methods ||
	    (!faccessat(fd, "reset", F_OK, 0) && faccessat(fd, "reset_method", F_OK, 0)))
		facts->resets |= PCI_RESET_FUNCTION;
	return code;
}

static int add_pci_class(struct graph *graph, struct device *device)
{
	char name[16];

	snprintf(name, sizeof(name), "pci:%06x", device->pci->class_code);
	return device_add_class(graph, device, name);
}

int scan_pci_function(struct scanner *s, int fd, struct device *device)
{
	struct arena *arena = s->graph->arena;
	struct pci_facts *facts = arena_alloc(arena, sizeof(*facts));
	int code;

	if (!facts)
		return -ENOMEM;
	device->pci = facts;
	code = attribute_string(s->graph, fd, "modalias", &device->modalias);
	if (code)
		return code;
	if (!device->modalias || !ids_from_modalias(device->modalias, facts))
		ids_from_attributes(fd, facts);
	code = attribute_string(s->graph, fd, "power_state", &facts->power_state);
	if (code)
		return code;
	read_header(fd, facts);
	facts->is_vf = !faccessat(fd, "physfn", F_OK, AT_SYMLINK_NOFOLLOW);
	if (!facts->is_vf && facts->header_type == 0)
		facts->numvfs = (unsigned int)attribute_u64(fd, "sriov_numvfs", 0);
	if (facts->class_code >> 16 == CLASS_DISPLAY)
		facts->is_boot_display = attribute_u64(fd, "boot_vga", 0) == 1;
	code = read_resets(s, fd, facts);
	return code ? code : add_pci_class(s->graph, device);
}

/* The parent is a bridge only if it is directly above: a VMD endpoint carries a root bus. */
static void set_bridge(struct device *device)
{
	struct device *parent = device->parent;

	if (!parent || !parent->pci)
		return;
	if ((size_t)(device->name - device->path) - 1 == strlen(parent->path))
		device->pci->bridge = parent;
}

static int set_physical(struct scanner *s, struct device *device)
{
	char link[SCAN_PATH], path[SCAN_PATH];

	snprintf(link, sizeof(link), "/sys%s/physfn", device->path);
	if (sysroot_resolve(s->root, link, path, sizeof(path)) < 4)
		return 0;
	device->pci->pf = graph_find(s->graph, path + 4);
	if (!device->pci->pf)
		return 0;
	return graph_add_edge(s->graph, device, device->pci->pf, EDGE_VF);
}

int scan_pci_relations(struct scanner *s)
{
	for (size_t i = 0; i < s->graph->device_count; i++) {
		struct device *device = s->graph->devices[i];
		int code = 0;

		if (!device->pci)
			continue;
		set_bridge(device);
		if (device->pci->is_vf)
			code = set_physical(s, device);
		if (code)
			return code;
	}
	return 0;
}
