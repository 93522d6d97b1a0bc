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
	/* Asked only of a link that is up: the kernel answers EINVAL for the others. */
	link->has_carrier = link->is_up && attribute_u64(folder, "carrier", 0) == 1;
	return read_uppers(s, link, folder);
}

int net_user_add(struct scanner *s, const char *words)
{
	return graph_add_string(s->graph, &s->net_users, &s->net_user_count, &s->net_user_capacity,
				words);
}

static int add_words(struct scanner *s, struct device *device, const char *name)
{
	char words[SCAN_PATH], more[64] = "";

	if (s->net_user_count > 1)
		snprintf(more, sizeof(more), " and %zu more", s->net_user_count - 1);
	snprintf(words, sizeof(words), "%s%s through %s", s->net_users[0], more, name);
	return graph_add_use(s->graph, device, USE_NETDISK, words);
}

int net_use_add(struct scanner *s, const struct netlink_if *link)
{
	if (!s->net_user_count || !link->is_up || !link->owner)
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

int scan_net_uses(struct scanner *s)
{
	struct graph *graph = s->graph;
	int code = 0;

	if (graph->link_count)
		qsort(graph->links, graph->link_count, sizeof(struct netlink_if *), compare_links);
	if (!s->net_user_count)
		return 0;
	for (size_t i = 0; i < graph->link_count && !code; i++) {
		const struct netlink_if *link = graph->links[i];

		code = net_use_add(s, link);
		if (!code && link->is_up && link->owner)
			code = add_holder_edges(s, link);
	}
	return !code && s->net_uses_rdma ? add_rdma_uses(s) : code;
}
