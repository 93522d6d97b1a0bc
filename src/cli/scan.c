// SPDX-License-Identifier: GPL-2.0-or-later
/* `kexit scan`: the device graph as kexit sees it, for a person or as JSON (doc/scan-json.md). */
#include "graph/scan.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/verb.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_SCHEMA 1
#define WIDTH	    80
#define MAX_INDENT  24

struct scan_arguments {
	bool json;
	bool claims;
};

/* Text. */

/* @text from column @column on, broken at blanks so that no line passes the 80th column. */
static void print_wrapped(size_t column, const char *text)
{
	while (*text) {
		size_t room = WIDTH - column, length = strlen(text);

		if (length > room) {
			length = room;
			while (length && text[length] != ' ')
				length--;
			if (!length)
				length = room;
		}
		printf("%*s%.*s\n", (int)column, "", (int)length, text);
		text += length;
		while (*text == ' ')
			text++;
	}
}

static const char *class_words(uint32_t class_code)
{
	static const struct {
		uint32_t code, mask;
		const char *words;
	} classes[] = {
		{ 0x010802, 0xffffff, "NVMe" },	      { 0x010600, 0xffff00, "SATA" },
		{ 0x010700, 0xffff00, "SAS" },	      { 0x010000, 0xff0000, "storage" },
		{ 0x020000, 0xffff00, "Ethernet" },   { 0x020000, 0xff0000, "network" },
		{ 0x030000, 0xff0000, "display" },    { 0x040000, 0xff0000, "multimedia" },
		{ 0x050000, 0xff0000, "memory" },     { 0x060000, 0xffff00, "host bridge" },
		{ 0x060400, 0xffff00, "PCI bridge" }, { 0x060000, 0xff0000, "bridge" },
		{ 0x070000, 0xff0000, "serial" },     { 0x080000, 0xff0000, "system" },
		{ 0x0c0330, 0xffffff, "USB xHCI" },   { 0x0c0300, 0xffff00, "USB" },
		{ 0x0c0500, 0xffff00, "SMBus" },      { 0x0d0000, 0xff0000, "wireless" },
		{ 0x100000, 0xff0000, "crypto" },     { 0x120000, 0xff0000, "accelerator" },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if ((class_code & classes[i].mask) == classes[i].code)
			return classes[i].words;
	return "other";
}

static void append(char *line, size_t size, const char *separator, const char *word)
{
	size_t used = strlen(line);

	if (used + strlen(separator) + strlen(word) < size)
		snprintf(line + used, size - used, "%s%s", used ? separator : "", word);
}

/* "NVMe, nvme0, nvme0n1, VF". */
static void describe(const struct device *device, char *line, size_t size)
{
	line[0] = '\0';
	if (device->pci)
		append(line, size, ", ", class_words(device->pci->class_code));
	for (size_t i = 0; i < device->provide_count; i++)
		append(line, size, ", ", device->provides[i]);
	if (device->pci && device->pci->is_vf)
		append(line, size, ", ", "virtual function");
	if (device->pci && !device->driver && (device->pci->command & 4))
		append(line, size, ", ", "masters the bus");
	if (device->driver && !device->can_unbind)
		append(line, size, ", ", "cannot be unbound");
}

static void print_device(const struct device *device, unsigned int depth)
{
	int indent = depth * 2 < MAX_INDENT ? (int)depth * 2 : MAX_INDENT;
	char head[256], rest[512], line[1024], use_line[1024];

	snprintf(head, sizeof(head), "%*s%s", indent + 2, "", device->name);
	describe(device, rest, sizeof(rest));
	snprintf(line, sizeof(line), "%-30s %-18s %s", head, device->driver ?: "-", rest);
	if (strlen(line) > WIDTH)
		strcpy(line + WIDTH - 3, "...");
	for (size_t end = strlen(line); end && line[end - 1] == ' '; end--)
		line[end - 1] = '\0';
	puts(line);
	for (const struct use *use = device->uses; use; use = use->next) {
		snprintf(use_line, sizeof(use_line), "in use: %s", use->words);
		print_wrapped((size_t)indent + 6, use_line);
	}
}

static void print_tree(const struct device *device, unsigned int depth)
{
	print_device(device, depth);
	for (const struct device *child = device->child; child; child = child->sibling)
		print_tree(child, depth + 1);
}

/* The buses in the order of the first device without a parent; PCI, which matters most, first. */
static void print_bus(const struct graph *graph, const char *bus)
{
	bool headed = false;

	for (size_t i = 0; i < graph->device_count; i++) {
		const struct device *device = graph->devices[i];

		if (device->parent || strcmp(device->bus, bus) != 0)
			continue;
		if (!headed)
			printf("%s\n", bus);
		headed = true;
		print_tree(device, 0);
	}
}

static bool is_first_of_bus(const struct graph *graph, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!graph->devices[i]->parent &&
		    !strcmp(graph->devices[i]->bus, graph->devices[at]->bus))
			return false;
	return true;
}

static void print_summary(const struct graph *graph)
{
	size_t functions = 0, bound = 0, used = 0, whole = 0;

	for (size_t i = 0; i < graph->device_count; i++) {
		functions += graph->devices[i]->pci != NULL;
		bound += graph->devices[i]->driver != NULL;
		used += graph->devices[i]->uses != NULL;
	}
	for (size_t i = 0; i < graph->disk_count; i++)
		whole += !graph->disks[i]->is_partition;
	printf("\n%zu devices: %zu bound, %zu PCI functions, %zu in use; %zu disks, "
	       "%zu network links.\n",
	       graph->device_count, bound, functions, used, whole, graph->link_count);
	if (graph->host_count) {
		printf("This machine:");
		for (size_t i = 0; i < graph->host_count; i++)
			printf(" %s", graph->host[i]);
		puts(".");
	}
}

static void print_text(const struct graph *graph)
{
	const char *last = "pci";

	print_bus(graph, last);
	for (size_t i = 0; i < graph->device_count; i++) {
		const struct device *device = graph->devices[i];

		/* Devices come in the order of their paths: mostly one bus after the other. */
		if (device->parent || !strcmp(device->bus, "pci") || !strcmp(device->bus, last))
			continue;
		last = device->bus;
		if (is_first_of_bus(graph, i))
			print_bus(graph, device->bus);
	}
	print_summary(graph);
}

/* JSON. */

/* NULL as null: every field is always there. Not UTF-8 (a volume name): bytes are replaced. */
static json_t *json_text(const char *text)
{
	json_t *value = text ? json_string(text) : json_null();
	char copy[1024];

	if (value)
		return value;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = copy; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	return json_string(copy);
}

static json_t *json_strings(const char *const list[], size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_text(list[i]));
	return array;
}

static json_t *json_path(const struct device *device)
{
	return device ? json_string(device->path) : json_null();
}

static json_t *json_uses(const struct device *device)
{
	json_t *array = json_array();

	for (const struct use *use = device->uses; use; use = use->next)
		json_array_append_new(array,
				      json_pack("{s:s, s:o}", "kind", use_kind_name(use->kind),
						"words", json_text(use->words)));
	return array;
}

static json_t *json_pci(const struct pci_facts *pci)
{
	json_t *object;

	if (!pci)
		return json_null();
	object = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:b}", "vendor", pci->vendor, "device",
			   pci->device, "subvendor", pci->subvendor, "subdevice", pci->subdevice,
			   "class", (int)pci->class_code, "header_type", pci->header_type, "vf",
			   pci->is_vf);
	json_object_set_new(object, "command",
			    pci->has_config ? json_integer(pci->command) : json_null());
	json_object_set_new(object, "numvfs", json_integer(pci->numvfs));
	json_object_set_new(object, "pf", json_path(pci->pf));
	json_object_set_new(object, "bridge", json_path(pci->bridge));
	json_object_set_new(object, "iommu_group", json_text(pci->iommu_group));
	json_object_set_new(object, "power_state", json_text(pci->power_state));
	json_object_set_new(object, "reset_methods", json_text(pci->reset_methods));
	json_object_set_new(object, "reset", json_boolean(pci->resets & PCI_RESET_FUNCTION));
	json_object_set_new(object, "reset_subordinate",
			    json_boolean(pci->resets & PCI_RESET_SUBORDINATE));
	json_object_set_new(object, "label", json_text(pci->label));
	json_object_set_new(object, "boot_display", json_boolean(pci->is_boot_display));
	return object;
}

static json_t *json_device(const struct device *device)
{
	return json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "path", device->path,
		"name", device->name, "bus", device->bus, "driver", json_text(device->driver),
		"modalias", json_text(device->modalias), "parent", json_path(device->parent),
		"can_unbind", device->can_unbind, "classes",
		json_strings((const char *const *)device->classes, device->class_count), "provides",
		json_strings((const char *const *)device->provides, device->provide_count), "uses",
		json_uses(device), "pci", json_pci(device->pci));
}

static json_t *json_devices(const struct graph *graph)
{
	json_t *array = json_array();

	for (size_t i = 0; i < graph->device_count; i++)
		json_array_append_new(array, json_device(graph->devices[i]));
	return array;
}

static json_t *json_edges(const struct graph *graph)
{
	json_t *array = json_array();

	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct edge *edge = &graph->edges[i];

		json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "first",
						       edge->first->path, "then", edge->then->path,
						       "kind", edge_kind_name(edge->kind)));
	}
	return array;
}

static json_t *json_claim(const struct disk *disk)
{
	if (!disk->is_asked && disk->owner_count)
		return json_string("unasked");
	if (disk->claim < 0)
		return json_string(errno_name(disk->claim));
	return json_string(disk->claim ? "busy" : "free");
}

static json_t *json_disk(const struct disk *disk)
{
	json_t *owners = json_array(), *slaves = json_array();

	for (size_t i = 0; i < disk->owner_count; i++)
		json_array_append_new(owners, json_path(disk->owners[i]));
	for (size_t i = 0; i < disk->slave_count; i++)
		json_array_append_new(slaves, json_string(disk->slaves[i]->name));
	return json_pack(
		"{s:s, s:o, s:i, s:i, s:b, s:s, s:b, s:b, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o}",
		"name", disk->name, "title", json_text(disk->title), "major", (int)disk->major,
		"minor", (int)disk->minor, "partition", disk->is_partition, "whole",
		disk->whole->name, "read_only", disk->is_read_only, "empty", disk->is_empty,
		"network", disk->is_network, "multipath", disk->is_multipath, "suspended",
		disk->is_suspended, "transport", json_text(disk->transport), "claim",
		json_claim(disk), "words", json_text(disk->words), "owners", owners, "slaves",
		slaves);
}

static json_t *json_disks(const struct graph *graph)
{
	json_t *array = json_array();

	for (size_t i = 0; i < graph->disk_count; i++)
		json_array_append_new(array, json_disk(graph->disks[i]));
	return array;
}

static json_t *json_links(const struct graph *graph)
{
	json_t *array = json_array();

	for (size_t i = 0; i < graph->link_count; i++) {
		const struct netlink_if *link = graph->links[i];

		json_array_append_new(array,
				      json_pack("{s:o, s:i, s:o, s:b, s:b, s:o, s:o}", "name",
						json_text(link->name), "index", (int)link->index,
						"owner", json_path(link->owner), "up", link->is_up,
						"carrier", link->has_carrier, "master",
						json_text(link->master), "uppers",
						json_strings((const char *const *)link->uppers,
							     link->upper_count)));
	}
	return array;
}

static json_t *json_watchdogs(const struct graph *graph)
{
	json_t *array = json_array();

	for (size_t i = 0; i < graph->watchdog_count; i++) {
		const struct watchdog *watchdog = &graph->watchdogs[i];

		json_array_append_new(
			array, json_pack("{s:s, s:o, s:b, s:b, s:i}", "name", watchdog->name,
					 "owner", json_path(watchdog->owner), "running",
					 watchdog->is_running, "nowayout", watchdog->is_nowayout,
					 "timeout", (int)watchdog->timeout));
	}
	return array;
}

static json_t *json_consoles(const struct graph *graph)
{
	json_t *array = json_array();

	for (size_t i = 0; i < graph->fbcon_count; i++)
		json_array_append_new(array, json_pack("{s:s, s:b}", "name", graph->fbcons[i].vtcon,
						       "bound", graph->fbcons[i].is_bound));
	return array;
}

static json_t *json_framebuffers(const struct graph *graph)
{
	json_t *array = json_array();

	for (size_t i = 0; i < graph->framebuffer_count; i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:o}", "name", graph->framebuffers[i].name,
						"owner", json_path(graph->framebuffers[i].owner)));
	return array;
}

static int print_json(const struct graph *graph)
{
	json_t *document = json_pack(
		"{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", SCAN_SCHEMA, "host",
		json_strings((const char *const *)graph->host, graph->host_count), "buses",
		json_strings((const char *const *)graph->buses, graph->bus_count), "devices",
		json_devices(graph), "edges", json_edges(graph), "disks", json_disks(graph),
		"links", json_links(graph), "watchdogs", json_watchdogs(graph),
		"framebuffer_consoles", json_consoles(graph), "framebuffers",
		json_framebuffers(graph));

	if (!document || json_dumpf(document, stdout, JSON_INDENT(1))) {
		json_decref(document);
		log_error(
			"scan: the JSON could not be written; was the output cut, or memory short?");
		return STATUS_FAILED;
	}
	json_decref(document);
	putchar('\n');
	return STATUS_DONE;
}

/* What kexit-capture puts into a captured tree where it has no other way to open exclusively. */
static void print_claims(const struct graph *graph)
{
	for (size_t i = 0; i < graph->disk_count; i++) {
		const struct disk *disk = graph->disks[i];
		const char *answer = disk->claim ? "busy" : "free";

		if (disk->claim < 0)
			answer = errno_name(disk->claim);
		if (disk->owner_count)
			printf("%s %s\n", disk->name, answer);
	}
	for (size_t i = 0; i < graph->device_count; i++) {
		const struct device *device = graph->devices[i];

		if (!device->driver || !strstr(device->driver, "vfio") || !device->pci ||
		    !device->pci->iommu_group)
			continue;
		printf("vfio/%s %s\n", device->pci->iommu_group,
		       !device->uses			? "free"
		       : device->uses->kind == USE_VFIO ? "busy"
							: "EACCES");
	}
}

static int print_graph(const struct graph *graph, const struct scan_arguments *arguments)
{
	if (arguments->json)
		return print_json(graph);
	if (arguments->claims)
		print_claims(graph);
	else
		print_text(graph);
	return STATUS_DONE;
}

static int run_scan(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "claims", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct scan_arguments arguments = { 0 };
	struct error e = ERROR_NONE;
	struct graph *graph;
	int option, status;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			arguments.json = true;
			break;
		case 'c':
			arguments.claims = true;
			break;
		case 'h':
			return verb_help(verb);
		default:
			return verb_usage(verb);
		}
	}
	if (optind < argc || (arguments.json && arguments.claims))
		return verb_usage(verb);
	if (arguments.claims ? scan_and_claim(root, &graph, &e) : scan(root, &graph, &e)) {
		log_error("%s", e.text);
		return STATUS_FAILED;
	}
	if ((arguments.json || arguments.claims) && scan_details(root, graph)) {
		log_error("scan: memory is short");
		graph_free(graph);
		return STATUS_FAILED;
	}
	status = print_graph(graph, &arguments);
	graph_free(graph);
	return status;
}

const struct verb verb_scan = {
	.name = "scan",
	.arguments = "[--json | --claims]",
	.summary = "Show the devices of this machine, what they are part of and who uses them",
	.help = "  --json    print the graph as JSON (schema 1, see doc/scan-json.md)\n"
		"  --claims  print which disks and VFIO groups are busy, for kexit-capture\n"
		"\n"
		"A line is a device, its driver (- for none) and what it provides; below it, who\n"
		"uses it. Needs root: what another user's processes hold cannot be asked, and\n"
		"counts as used. Changes nothing; only --claims opens each disk exclusively for a\n"
		"moment, without a write.\n",
	.run = run_scan,
};
