// SPDX-License-Identifier: GPL-2.0-or-later
/* Building and searching a graph; see graph.h. */
#include "graph/graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct graph *graph_new(void)
{
	struct graph *graph = calloc(1, sizeof(*graph));

	if (!graph)
		return NULL;
	graph->arena = arena_new();
	graph->by_path = map_new();
	graph->by_disk = map_new();
	graph->by_number = map_new();
	graph->by_alias = map_new();
	graph->words = map_new();
	if (graph->arena && graph->by_path && graph->by_disk && graph->by_number &&
	    graph->by_alias && graph->words)
		return graph;
	graph_free(graph);
	return NULL;
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	map_free(graph->by_path);
	map_free(graph->by_disk);
	map_free(graph->by_number);
	map_free(graph->by_alias);
	map_free(graph->words);
	arena_free(graph->arena);
	free(graph);
}

const char *graph_word(struct graph *graph, const char *s)
{
	char *word = map_get(graph->words, s);

	if (word)
		return word;
	word = arena_strdup(graph->arena, s);
	return word && !map_put(graph->words, word, word) ? word : NULL;
}

struct device *graph_find(const struct graph *graph, const char *path)
{
	return map_get(graph->by_path, path);
}

/* The nearest device above the first @length bytes of @path, those included. */
static struct device *owner_n(const struct graph *graph, const char *path, size_t length)
{
	while (length > 0) {
		struct device *device = map_get_n(graph->by_path, path, length);

		if (device)
			return device;
		do
			length--;
		while (length > 0 && path[length] != '/');
	}
	return NULL;
}

struct device *graph_owner(const struct graph *graph, const char *path)
{
	return owner_n(graph, path, strlen(path));
}

static bool provides(const struct device *device, const char *name)
{
	for (size_t i = 0; i < device->provide_count; i++)
		if (!strcmp(device->provides[i], name))
			return true;
	return false;
}

/* "00:1f.2" for "0000:00:1f.2". */
static bool is_short_address(const struct device *device, const char *name)
{
	return device->pci && !strncmp(device->name, "0000:", 5) && !strcmp(device->name + 5, name);
}

struct device *graph_lookup(const struct graph *graph, const char *name)
{
	struct device *provider = NULL;

	if (!strncmp(name, "/sys/", 5))
		name += 4;
	if (name[0] == '/')
		return graph_find(graph, name);
	for (size_t i = 0; i < graph->device_count; i++) {
		struct device *device = graph->devices[i];

		if (!strcmp(device->name, name) || is_short_address(device, name))
			return device;
		if (!provider && provides(device, name))
			provider = device;
	}
	return provider;
}

/* Children are kept in the order of the array, so that what is printed does not jump about. */
static void link_below_parent(const struct graph *graph, struct device *device)
{
	struct device *parent = NULL;

	if (device->name > device->path)
		parent = owner_n(graph, device->path, (size_t)(device->name - device->path) - 1);
	device->parent = parent;
	if (!parent)
		return;
	if (parent->last_child)
		parent->last_child->sibling = device;
	else
		parent->child = device;
	parent->last_child = device;
}

void graph_link_parents(struct graph *graph)
{
	for (size_t i = 0; i < graph->device_count; i++) {
		struct device *device = graph->devices[i];

		device->child = device->last_child = device->sibling = NULL;
	}
	for (size_t i = 0; i < graph->device_count; i++)
		link_below_parent(graph, graph->devices[i]);
}

struct device *graph_add_device(struct graph *graph, const char *path, const char *bus)
{
	struct device *device = arena_alloc(graph->arena, sizeof(*device));
	const char *slash;

	if (!device)
		return NULL;
	device->path = arena_strdup(graph->arena, path);
	device->bus = graph_word(graph, bus);
	if (!device->path || !device->bus)
		return NULL;
	slash = strrchr(device->path, '/');
	device->name = slash ? slash + 1 : device->path;
	if (arena_grow(graph->arena, &graph->devices, &graph->device_capacity,
		       graph->device_count + 1, sizeof(struct device *)))
		return NULL;
	if (map_put(graph->by_path, device->path, device))
		return NULL;
	device->id = (uint32_t)graph->device_count;
	graph->devices[graph->device_count++] = device;
	link_below_parent(graph, device);
	return device;
}

int graph_add_edge(struct graph *graph, struct device *first, struct device *then,
		   enum edge_kind kind)
{
	int code = arena_grow(graph->arena, &graph->edges, &graph->edge_capacity,
			      graph->edge_count + 1, sizeof(struct edge));

	if (code)
		return code;
	graph->edges[graph->edge_count++] = (struct edge){
		.first = first,
		.then = then,
		.kind = kind,
	};
	return 0;
}

struct disk *graph_add_disk(struct graph *graph, const char *name)
{
	struct disk *disk = arena_alloc(graph->arena, sizeof(*disk));

	if (!disk)
		return NULL;
	disk->name = arena_strdup(graph->arena, name);
	if (!disk->name)
		return NULL;
	disk->title = disk->name;
	disk->whole = disk;
	if (arena_grow(graph->arena, &graph->disks, &graph->disk_capacity, graph->disk_count + 1,
		       sizeof(struct disk *)))
		return NULL;
	if (map_put(graph->by_disk, disk->name, disk))
		return NULL;
	graph->disks[graph->disk_count++] = disk;
	return disk;
}

struct netlink_if *graph_add_link(struct graph *graph, const char *name)
{
	struct netlink_if *link = arena_alloc(graph->arena, sizeof(*link));

	if (!link)
		return NULL;
	link->name = arena_strdup(graph->arena, name);
	if (!link->name)
		return NULL;
	if (arena_grow(graph->arena, &graph->links, &graph->link_capacity, graph->link_count + 1,
		       sizeof(struct netlink_if *)))
		return NULL;
	graph->links[graph->link_count++] = link;
	return link;
}

int graph_add_use(struct graph *graph, struct device *device, enum use_kind kind, const char *words)
{
	struct use **at = &device->uses;
	struct use *use;
	char *copy;

	/* A recheck finds again what the scan had found. */
	for (; *at; at = &(*at)->next)
		if ((*at)->kind == kind && !strcmp((*at)->words, words))
			return 0;
	use = arena_alloc(graph->arena, sizeof(*use));
	if (!use)
		return -ENOMEM;
	use->kind = kind;
	copy = arena_strdup(graph->arena, words);
	if (!copy)
		return -ENOMEM;
	/* Names of processes and mount points end on a terminal, where an escape would act. */
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	use->words = copy;
	*at = use;
	return 0;
}

static bool is_listed(const char *const *list, size_t count, const char *s)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], s))
			return true;
	return false;
}

/* @s, which is in the arena or NULL, at the end of the list. */
static int append(struct graph *graph, const char ***list, size_t *count, size_t *capacity,
		  const char *s)
{
	if (!s || arena_grow(graph->arena, list, capacity, *count + 1, sizeof(const char *)))
		return -ENOMEM;
	(*list)[(*count)++] = s;
	return 0;
}

int graph_add_string(struct graph *graph, const char ***list, size_t *count, size_t *capacity,
		     const char *s)
{
	if (is_listed(*list, *count, s))
		return 0;
	return append(graph, list, count, capacity, arena_strdup(graph->arena, s));
}

int device_add_class(struct graph *graph, struct device *device, const char *name)
{
	if (device_has_class(device, name))
		return 0;
	return append(graph, &device->classes, &device->class_count, &device->class_capacity,
		      graph_word(graph, name));
}

bool device_has_class(const struct device *device, const char *name)
{
	return is_listed(device->classes, device->class_count, name);
}

bool device_is_within(const struct device *device, const struct device *above)
{
	while (device && device != above)
		device = device->parent;
	return device != NULL;
}

const char *use_kind_name(enum use_kind kind)
{
	static const char *const names[] = {
		[USE_MOUNT] = "mount",	     [USE_SWAP] = "swap",     [USE_CLAIMED] = "claimed",
		[USE_HELD] = "held",	     [USE_EXPORT] = "export", [USE_NETDISK] = "netdisk",
		[USE_NETNS] = "netns",	     [USE_VFIO] = "vfio",     [USE_CONSOLE] = "console",
		[USE_WATCHDOG] = "watchdog", [USE_OPEN] = "open",     [USE_UNKNOWN] = "unknown",
	};

	return names[kind];
}

const char *edge_kind_name(enum edge_kind kind)
{
	static const char *const names[] = {
		[EDGE_LINK_SOFT] = "link-soft", [EDGE_SUPPLIER] = "supplier",
		[EDGE_HOLDER] = "holder",	[EDGE_VF] = "vf",
		[EDGE_PARENT] = "parent",
	};

	return names[kind];
}
