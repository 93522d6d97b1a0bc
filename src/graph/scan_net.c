// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network links, what is stacked on them, and what needs them: a network disk or file system.
 *
 * Which link the data takes depends on routes that may change at any moment, so every link that is
 * up and has a device counts.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Above a link are its master (bridge, bond, team) and its VLANs: one "upper_NAME" link each. */
static int read_uppers(struct scanner *s, struct netlink_if *link, int fd)
{
	struct arena *arena = s->graph->arena;
	char target[SCAN_PATH];
	struct dirent *entry;
	int code = 0;
	DIR *dir = fdopendir(fd);

	if (!dir) {
		close(fd);
		return 0;
	}
	while (!code && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "upper_", 6))
			code = graph_add_string(s->graph, &link->uppers, &link->upper_count,
						&link->upper_capacity, entry->d_name + 6);
	if (!code && file_readlink_at(dirfd(dir), "master", target, sizeof(target)) > 0) {
		const char *slash = strrchr(target, '/');

		link->master = arena_strdup(arena, slash ? slash + 1 : target);
		if (!link->master)
			code = -ENOMEM;
	}
	closedir(dir);
	return code;
}

int scan_net(struct scanner *s, int fd, const char *name, const char *path, struct device *owner)
{
	int folder = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct netlink_if *link;

	if (folder < 0)
		return 0;
	link = graph_add_link(s->graph, name);
	if (link)
		link->path = arena_strdup(s->graph->arena, path);
	if (!link || !link->path) {
		close(folder);
		return -ENOMEM;
	}
	link->owner = owner;
	link->index = (unsigned int)attribute_u64(folder, "ifindex", 0);
	link->is_up = attribute_u64(folder, "flags", 0) & IFF_UP;
	return read_uppers(s, link, folder);
}

int net_user_add(struct scanner *s, const char *words)
{
	struct graph *graph = s->graph;

	return graph_add_string(graph, &graph->net_users, &graph->net_user_count,
				&graph->net_user_capacity, words);
}

/* A client may have connected since. */
static void look_at_nbd(struct scanner *s, struct disk *disk)
{
	char path[SCAN_PATH];

	if (disk->is_partition || disk->transport || strncmp(disk->name, "nbd", 3) != 0)
		return;
	snprintf(path, sizeof(path), "/sys%s/pid", disk->path);
	if (!sysroot_exists(s->root, path))
		return;
	disk->transport = "NBD";
	disk->is_network = true;
}

int scan_net_users(struct scanner *s)
{
	const struct graph *graph = s->graph;
	char words[300];
	int code = 0;

	for (size_t i = 0; i < graph->disk_count && !code; i++) {
		struct disk *disk = graph->disks[i];

		look_at_nbd(s, disk);
		if (!disk->transport || disk->is_partition)
			continue;
		snprintf(words, sizeof(words), "%s %s", disk->transport, disk->name);
		code = net_user_add(s, words);
	}
	return code;
}

static int add_words(struct scanner *s, struct device *device, const char *name)
{
	char words[SCAN_PATH], more[64] = "";

	if (s->graph->net_user_count > 1)
		snprintf(more, sizeof(more), " and %zu more", s->graph->net_user_count - 1);
	snprintf(words, sizeof(words), "%s%s through %s", s->graph->net_users[0], more, name);
	return graph_add_use(s->graph, device, USE_NETDISK, words);
}

int net_use_add(struct scanner *s, const struct netlink_if *link)
{
	if (!s->graph->net_user_count || !link->is_up || !link->owner)
		return 0;
	return add_words(s, link->owner, link->name);
}

/* A disk with a device of its own, as iSCSI has, goes before the link that its data takes. */
static int add_holder_edges(struct scanner *s, const struct netlink_if *link)
{
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = 0; i < graph->disk_count && !code; i++) {
		const struct disk *disk = graph->disks[i];

		if (!disk->is_network || disk->is_partition)
			continue;
		for (size_t j = 0; j < disk->owner_count && !code; j++)
			if (!device_is_within(disk->owners[j], link->owner))
				code = graph_add_edge(graph, disk->owners[j], link->owner,
						      EDGE_HOLDER);
	}
	return code;
}

static int add_rdma_uses(struct scanner *s)
{
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = 0; i < graph->device_count && !code; i++)
		if (device_has_class(graph->devices[i], "infiniband"))
			code = add_words(s, graph->devices[i], "RDMA");
	return code;
}

static int compare_links(const void *a, const void *b)
{
	const struct netlink_if *const *first = a, *const *second = b;

	return strverscmp((*first)->name, (*second)->name);
}

int scan_net_order(struct scanner *s)
{
	struct graph *graph = s->graph;

	if (graph->link_count)
		qsort(graph->links, graph->link_count, sizeof(struct netlink_if *), compare_links);
	return 0;
}

int scan_net_edges(struct scanner *s)
{
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = 0; i < graph->link_count && !code && graph->net_user_count; i++)
		if (graph->links[i]->is_up && graph->links[i]->owner)
			code = add_holder_edges(s, graph->links[i]);
	return code;
}

int scan_net_uses(struct scanner *s)
{
	struct graph *graph = s->graph;
	int code = 0;

	for (size_t i = 0; i < graph->link_count && !code; i++)
		code = net_use_add(s, graph->links[i]);
	if (!code && graph->net_user_count && graph->net_uses_rdma)
		code = add_rdma_uses(s);
	return code;
}
