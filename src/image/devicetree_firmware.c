// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What firmware writes into a tree as it starts a kernel; see devicetree_firmware.h. Sections are those of
 * the Devicetree Specification 0.4; what U-Boot writes is in its boot/image-fdt.c, image_setup_libfdt().
 */
#include "image/devicetree_firmware.h"

#include <errno.h>
#include <libfdt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* An offset or 0 is success to libfdt. */
static int answer(int r)
{
	return r < 0 ? r : 0;
}

/* A phandle is a name within one tree, and could be another node's in the other (2.3.3). */
static bool is_phandle(const char *name)
{
	return !strcmp(name, "phandle") || !strcmp(name, "linux,phandle");
}

static int copy_properties(void *tree, int node, const void *from, int from_node)
{
	int at;

	fdt_for_each_property_offset(at, from, from_node)
	{
		const char *name;
		int length, r;
		const void *value = fdt_getprop_by_offset(from, at, &name, &length);

		if (!value || is_phandle(name))
			continue;
		r = fdt_setprop(tree, node, name, value, length);
		if (r < 0)
			return r;
	}
	return 0;
}

static int find_or_add(void *tree, int parent, const char *name)
{
	int node = fdt_subnode_offset(tree, parent, name);

	return node == -FDT_ERR_NOTFOUND ? fdt_add_subnode(tree, parent, name) : node;
}

static int copy_node(void *tree, int parent, const void *from, int from_node)
{
	int node = find_or_add(tree, parent, fdt_get_name(from, from_node, NULL));

	return node < 0 ? node : copy_properties(tree, node, from, from_node);
}

/* 3.4, "/memory node". */
static bool is_memory(const void *tree, int node)
{
	int length;
	const char *type = fdt_getprop(tree, node, "device_type", &length);

	return type && length == sizeof("memory") && !memcmp(type, "memory", sizeof("memory"));
}

static int find_memory(const void *tree)
{
	int node;

	fdt_for_each_subnode(node, tree, 0) if (is_memory(tree, node)) break;
	return node;
}

/* Where EFI tells how much there is, the tree has none. */
static int take_memory(void *tree, const void *running)
{
	int node, r = 0;

	if (find_memory(running) < 0)
		return 0;
	while (!r && (node = find_memory(tree)) >= 0)
		r = fdt_del_node(tree, node);
	fdt_for_each_subnode(node, running, 0) if (!r && is_memory(running, node)) r =
		copy_node(tree, 0, running, node);
	return r;
}

/* A property of one number, of as many cells as it has bytes for. */
static uint64_t get_number(const void *tree, int node, const char *name)
{
	int length;
	const void *value = node < 0 ? NULL : fdt_getprop(tree, node, name, &length);

	if (!value || (length != 4 && length != 8))
		return 0;
	return length == 4 ? fdt32_ld(value) : fdt64_ld(value);
}

/* The initrd of the kernel that runs, which is not there for the next one. */
static bool is_old_initrd(const void *running, uint64_t start, uint64_t bytes)
{
	int chosen = fdt_path_offset(running, "/chosen");
	uint64_t first = get_number(running, chosen, "linux,initrd-start");
	uint64_t end = get_number(running, chosen, "linux,initrd-end");

	return end > first && start <= first && start + bytes >= end && start + 4096 > first &&
	       start + bytes < end + 4096;
}

static bool has_reservation(const void *tree, uint64_t start, uint64_t bytes)
{
	for (int i = fdt_num_mem_rsv(tree); i-- > 0;) {
		uint64_t other, length;

		if (!fdt_get_mem_rsv(tree, i, &other, &length) && other == start && length == bytes)
			return true;
	}
	return false;
}

/* 5.3, "Memory Reservation Block". */
static int take_reservations(void *tree, const void *running)
{
	int count = fdt_num_mem_rsv(running), r = 0;

	for (int i = 0; !r && i < count; i++) {
		uint64_t start, bytes;

		r = fdt_get_mem_rsv(running, i, &start, &bytes);
		if (!r && !has_reservation(tree, start, bytes) &&
		    !is_old_initrd(running, start, bytes))
			r = fdt_add_mem_rsv(tree, start, bytes);
	}
	return r;
}

/*
 * 3.5, "/reserved-memory": what must not even be mapped is firmware's, and touching it is death. What
 * else the tree of this kernel reserved was for its own drivers.
 */
static int take_forbidden(void *tree, const void *running)
{
	int from = fdt_path_offset(running, "/reserved-memory"), node, r = 0;

	if (from < 0)
		return 0;
	fdt_for_each_subnode(node, running, from)
	{
		const char *name = fdt_get_name(running, node, NULL);
		int to;

		if (!fdt_getprop(running, node, "no-map", NULL) ||
		    !fdt_getprop(running, node, "reg", NULL))
			continue;
		to = fdt_path_offset(tree, "/reserved-memory");
		if (to < 0) {
			to = fdt_add_subnode(tree, 0, "reserved-memory");
			r = to < 0 ? to : copy_properties(tree, to, running, from);
		}
		if (!r && fdt_subnode_offset(tree, to, name) < 0)
			r = copy_node(tree, to, running, node);
		if (r)
			return r;
	}
	return 0;
}

/* The node that the alias @name means in @tree. */
static int find_alias(const void *tree, const char *name)
{
	const char *path = fdt_get_alias(tree, name);

	return path ? fdt_path_offset(tree, path) : -FDT_ERR_NOTFOUND;
}

static int take_address(void *tree, const void *running, const char *alias)
{
	static const char *const names[] = { "local-mac-address", "mac-address" };
	int from = find_alias(running, alias), r = 0;

	for (size_t i = 0; from >= 0 && !r && i < sizeof(names) / sizeof(names[0]); i++) {
		int to = find_alias(tree, alias), length;
		const void *value = fdt_getprop(running, from, names[i], &length);

		if (to >= 0 && value && length == 6)
			r = fdt_setprop(tree, to, names[i], value, length);
	}
	return r;
}

/* U-Boot: fdt_fixup_ethernet(). */
static int take_addresses(void *tree, const void *running)
{
	int aliases = fdt_path_offset(running, "/aliases"), at, r = 0;

	if (aliases < 0)
		return 0;
	fdt_for_each_property_offset(at, running, aliases)
	{
		const char *name = NULL;

		if (!r && fdt_getprop_by_offset(running, at, &name, NULL) &&
		    !strncmp(name, "ethernet", 8))
			r = take_address(tree, running, name);
	}
	return r;
}

/* Linux: Documentation/arch/arm/uefi.rst: where EFI's tables are; its map of memory counts alone. */
static int take_efi(void *tree, const void *running)
{
	int from = fdt_path_offset(running, "/chosen"), at, r = 0;

	if (from < 0)
		return 0;
	fdt_for_each_property_offset(at, running, from)
	{
		const char *name = NULL;
		int length, to;
		const void *value = fdt_getprop_by_offset(running, at, &name, &length);

		if (!value || strncmp(name, "linux,uefi-", 11) != 0)
			continue;
		to = find_or_add(tree, 0, "chosen");
		r = to < 0 ? to : fdt_setprop(tree, to, name, value, length);
		if (r)
			return r;
	}
	return 0;
}

/* 2.3.5: without these, numbers of one tree mean nothing in the other. */
static int check_cells(const void *tree, const void *running, const char *name, struct error *e)
{
	if (fdt_address_cells(tree, 0) == fdt_address_cells(running, 0) &&
	    fdt_size_cells(tree, 0) == fdt_size_cells(running, 0))
		return 0;
	return error_set(
		e, -EINVAL,
		"%s: the device tree writes addresses in %d and sizes in %d cells, and that "
		"of this machine in %d and %d: is it for another one?",
		name, fdt_address_cells(tree, 0), fdt_size_cells(tree, 0),
		fdt_address_cells(running, 0), fdt_size_cells(running, 0));
}

static bool has_psci(const void *tree)
{
	return fdt_path_offset(tree, "/psci") >= 0 || fdt_path_offset(tree, "/firmware/psci") >= 0;
}

/* A kernel without it would spin up processors by a way that this firmware does not know. */
static int check_psci(const void *tree, const void *running, const char *name, struct error *e)
{
	if (!has_psci(running) || has_psci(tree))
		return 0;
	return error_set(e, -EINVAL,
			 "%s: the device tree says nothing of PSCI, by which this machine's "
			 "processors are started: is it for another one?",
			 name);
}

int devicetree_take_firmware(void *tree, const void *running, const char *name, struct error *e)
{
	static int (*const takes[])(void *tree, const void *running) = {
		take_memory, take_reservations, take_forbidden, take_addresses, take_efi,
	};
	int r = check_cells(tree, running, name, e);

	r = r ?: check_psci(tree, running, name, e);
	if (r)
		return r;
	for (size_t i = 0; !r && i < sizeof(takes) / sizeof(takes[0]); i++)
		r = answer(takes[i](tree, running));
	if (!r)
		return 0;
	return error_set(e, -EBADMSG,
			 "%s: what this machine's firmware knows cannot be written into the device "
			 "tree: %s",
			 name, fdt_strerror(r));
}
