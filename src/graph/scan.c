// SPDX-License-Identifier: GPL-2.0-or-later
/* The stages of a scan, in the order in which one needs the other's results; see scan.h. */
#include "graph/scan.h"
#include "graph/scanner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int scanner_init(struct scanner *s, const struct sysroot *root, struct graph *graph)
{
	*s = (struct scanner){
		.root = root,
		.graph = graph,
		.may_claim = sysroot_is_captured(root),
		.nodes = map_new(),
		.namespaces = map_new(),
	};
	if (!s->nodes || !s->namespaces)
		return -ENOMEM;
	return scan_claims_load(s);
}

void scanner_done(struct scanner *s)
{
	map_free(s->nodes);
	map_free(s->namespaces);
	map_free(s->answers);
	free(s->answers_text);
}

static int compare_devices(const void *a, const void *b)
{
	const struct device *const *first = a, *const *second = b;

	return strcmp((*first)->path, (*second)->path);
}

/* readdir(3) of sysfs goes by hash; a person, and a test, want the same order every time. */
static int order_devices(struct scanner *s)
{
	struct graph *graph = s->graph;

	if (graph->device_count)
		qsort(graph->devices, graph->device_count, sizeof(struct device *),
		      compare_devices);
	for (size_t i = 0; i < graph->device_count; i++)
		graph->devices[i]->id = (uint32_t)i;
	graph_link_parents(graph);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const char *const *first = a, *const *second = b;

	return strverscmp(*first, *second);
}

static int compare_edges(const void *a, const void *b)
{
	const struct edge *first = a, *second = b;

	if (first->first != second->first)
		return first->first->id < second->first->id ? -1 : 1;
	if (first->then != second->then)
		return first->then->id < second->then->id ? -1 : 1;
	return (int)first->kind - (int)second->kind;
}

/* Where a cycle is broken, and what is printed, must not depend on readdir(3) either. */
static int order_edges(struct scanner *s)
{
	struct graph *graph = s->graph;

	if (graph->edge_count)
		qsort(graph->edges, graph->edge_count, sizeof(struct edge), compare_edges);
	if (graph->bus_count)
		qsort(graph->buses, graph->bus_count, sizeof(char *), compare_names);
	return 0;
}

/* The PCI class stays in front. */
static int order_names(struct scanner *s)
{
	for (size_t i = 0; i < s->graph->device_count; i++) {
		struct device *device = s->graph->devices[i];
		size_t first = device->pci ? 1 : 0;

		if (device->provide_count > 1)
			qsort(device->provides, device->provide_count, sizeof(char *),
			      compare_names);
		if (device->class_count > first + 1)
			qsort(device->classes + first, device->class_count - first, sizeof(char *),
			      compare_names);
	}
	return 0;
}

static const struct stage {
	const char *tried; /* for the message when it fails */
	int (*run)(struct scanner *s);
} stages[] = {
	{ "reading the devices of /sys/bus", scan_devices },
	{ "ordering the devices", order_devices },
	{ "relating PCI functions", scan_pci_relations },
	{ "reading /sys/class", scan_classes },
	{ "relating block devices", scan_disk_relations },
	{ "ordering names", order_names },
	{ "asking which disks are claimed", scan_claims },
	{ "ordering links", scan_net_order },
	{ "looking at who uses what", scan_look },
	{ "relating network disks and links", scan_net_edges },
	{ "ordering edges", order_edges },
	{ "finding the displays", scan_displays },
	{ "finding what kind of machine this is", scan_host },
};

static const char *advice(const struct sysroot *root, int code)
{
	if (code != -ENOENT)
		return "";
	return sysroot_is_captured(root) ? ": name a folder that kexit-capture made"
					 : ": mount sysfs on /sys";
}

static int scan_all(const struct sysroot *root, bool may_claim, struct graph **ret_graph,
		    struct error *e)
{
	struct graph *graph = graph_new();
	const char *tried = "starting";
	struct scanner s;
	int code;

	if (!graph)
		return error_set(e, -ENOMEM, "scan: out of memory");
	graph->pid = getpid();
	code = scanner_init(&s, root, graph);
	s.may_claim |= may_claim;
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]) && !code; i++) {
		tried = stages[i].tried;
		code = stages[i].run(&s);
	}
	scanner_done(&s);
	if (code) {
		graph_free(graph);
		return error_set(e, code, "scan of %s: %s failed: %s%s", sysroot_path(root), tried,
				 errno_text(code), advice(root, code));
	}
	*ret_graph = graph;
	return 0;
}

int scan(const struct sysroot *root, struct graph **ret_graph, struct error *e)
{
	return scan_all(root, false, ret_graph, e);
}

int scan_and_claim(const struct sysroot *root, struct graph **ret_graph, struct error *e)
{
	return scan_all(root, true, ret_graph, e);
}
