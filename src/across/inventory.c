// SPDX-License-Identifier: GPL-2.0-or-later
/* An inventory made; see inventory.h. */
#include "across/inventory.h"
#include "across/addresses.h"
#include "base/utf8.h"

#include <limits.h>
#include <linux/netdevice.h>
#include <stdio.h>
#include <string.h>

/* Names on a machine are bytes, JSON is UTF-8, and a terminal shows it in the end. */
static json_t *text(const char *bytes)
{
	char copy[512];

	if (!bytes)
		return json_null();
	snprintf(copy, sizeof(copy), "%s", bytes);
	utf8_make_printable(copy);
	return json_string(copy);
}

/* The attribute @name of the folder @path below /sys, without blanks around it; null: there is none. */
static json_t *attribute(const struct sysroot *root, const char *path, const char *name)
{
	char full[PATH_MAX], value[256];
	ssize_t length;

	snprintf(full, sizeof(full), "/sys%s/%s", path, name);
	length = sysroot_read(root, full, value, sizeof(value));
	while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\n'))
		value[--length] = '\0';
	return length > 0 ? text(value + strspn(value, " ")) : json_null();
}

static json_t *first_attribute(const struct sysroot *root, const char *path,
			       const char *const names[])
{
	json_t *value = json_null();

	for (size_t i = 0; names[i] && json_is_null(value); i++) {
		json_decref(value);
		value = attribute(root, path, names[i]);
	}
	return value;
}

/* Names below a function (virtio3, host2) change from one start to the next, the function's does not. */
static const char *function_above(const struct device *device)
{
	while (device && !device->pci)
		device = device->parent;
	return device ? device->name : NULL;
}

static json_t *function_json(const struct device *device)
{
	const struct pci_facts *pci = device->pci;
	char ids[32], class_code[8];

	snprintf(ids, sizeof(ids), "%04x:%04x %04x:%04x", pci->vendor, pci->device, pci->subvendor,
		 pci->subdevice);
	snprintf(class_code, sizeof(class_code), "%06x", pci->class_code);
	return json_pack("{s:o s:s s:s s:b s:o}", "address", text(device->name), "ids", ids,
			 "class", class_code, "vf", pci->is_vf, "driver", text(device->driver));
}

static json_t *functions(const struct graph *graph)
{
	json_t *list = json_array();

	for (size_t i = 0; i < graph->device_count; i++)
		if (graph->devices[i]->pci)
			json_array_append_new(list, function_json(graph->devices[i]));
	return list;
}

static json_t *disk_json(const struct sysroot *root, const struct disk *disk)
{
	static const char *const identities[] = { "wwid", "device/wwid", NULL };
	static const char *const serials[] = { "serial", "device/serial", NULL };
	unsigned long long sectors = 0;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/size", disk->path);
	sysroot_read_u64(root, path, &sectors);
	return json_pack("{s:o s:o s:o s:o s:I s:b s:o}", "name", text(disk->name), "wwid",
			 first_attribute(root, disk->path, identities), "serial",
			 first_attribute(root, disk->path, serials), "model",
			 attribute(root, disk->path, "device/model"), "bytes",
			 (json_int_t)(sectors * 512), "empty", disk->is_empty, "function",
			 text(function_above(disk->owners[0])));
}

/* Whole disks with hardware below them: what lies on them comes back with whoever sets it up. */
static json_t *disks(const struct sysroot *root, const struct graph *graph)
{
	json_t *list = json_array();

	for (size_t i = 0; i < graph->disk_count; i++) {
		const struct disk *disk = graph->disks[i];

		if (!disk->is_partition && disk->owner_count && disk->path)
			json_array_append_new(list, disk_json(root, disk));
	}
	return list;
}

/* Mb/s; null where the link or its driver does not tell. */
static json_t *speed(const struct sysroot *root, const struct netlink_if *link)
{
	unsigned long long value;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/speed", link->path);
	/* -1, which is no number here or a very large one, stands for unknown. */
	if (sysroot_read_u64(root, path, &value) || !value || value >= INT_MAX)
		return json_null();
	return json_integer((json_int_t)value);
}

static json_t *duplex(const struct sysroot *root, const struct netlink_if *link)
{
	json_t *value = attribute(root, link->path, "duplex");
	const char *word = json_string_value(value);

	if (!word || strcmp(word, "unknown") != 0)
		return value;
	json_decref(value);
	return json_null();
}

/* What the hardware has, whatever was set since; a random one says nothing. */
static json_t *permanent(const struct sysroot *root, const struct netlink_if *link, json_t *told)
{
	unsigned long long kind;
	char path[PATH_MAX];

	if (told)
		return json_incref(told);
	snprintf(path, sizeof(path), "/sys%s/addr_assign_type", link->path);
	if (sysroot_read_u64(root, path, &kind) || kind != NET_ADDR_PERM)
		return json_null();
	return attribute(root, link->path, "address");
}

/* The kernel tells no carrier of a link that is down. */
static bool has_carrier(const struct sysroot *root, const struct netlink_if *link)
{
	unsigned long long carrier;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/carrier", link->path);
	return link->is_up && sysroot_read_u64(root, path, &carrier) == 0 && carrier == 1;
}

static json_t *link_json(const struct sysroot *root, const struct netlink_if *link, json_t *told)
{
	json_t *addresses = json_object_get(told, "addresses");

	return json_pack("{s:o s:o s:o s:b s:b s:o s:o s:o s:o}", "name", text(link->name),
			 "permanent_address",
			 permanent(root, link, json_object_get(told, "permanent_address")),
			 "address", attribute(root, link->path, "address"), "up", link->is_up,
			 "carrier", has_carrier(root, link), "speed", speed(root, link), "duplex",
			 duplex(root, link), "addresses",
			 addresses ? json_incref(addresses) : json_array(), "function",
			 text(function_above(link->owner)));
}

/* Those of hardware: bridges, tunnels and containers' ends are whose set them up. */
static json_t *links(const struct sysroot *root, const struct graph *graph)
{
	json_t *told = sysroot_is_captured(root) ? NULL : addresses_read();
	json_t *list = json_array();
	char index[16];

	for (size_t i = 0; i < graph->link_count; i++) {
		const struct netlink_if *link = graph->links[i];

		if (!link->owner || !link->path)
			continue;
		snprintf(index, sizeof(index), "%u", link->index);
		json_array_append_new(list, link_json(root, link, json_object_get(told, index)));
	}
	json_decref(told);
	return list;
}

static json_t *kernel_text(const struct sysroot *root, const char *path)
{
	char value[256];

	return sysroot_read(root, path, value, sizeof(value)) > 0 ? text(value) : json_null();
}

json_t *inventory_json(const struct sysroot *root, const struct graph *graph)
{
	return json_pack("{s:i s:o s:o s:o s:o s:o}", "schema", INVENTORY_SCHEMA, "kernel",
			 kernel_text(root, "/proc/sys/kernel/osrelease"), "boot_id",
			 kernel_text(root, "/proc/sys/kernel/random/boot_id"), "functions",
			 functions(graph), "disks", disks(root, graph), "links",
			 links(root, graph));
}
