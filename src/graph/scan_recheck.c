// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The question of the scan again, for one device, right before it is released.
 *
 * Between plan and release a disk may have been mounted or a process have opened a device. What is
 * read is what concerns the device and those below it, and nothing when nothing is there: a release
 * of 64 disks asks 64 times.
 */
#include "graph/scan.h"
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Gone, unbound or taken by another driver: whatever was planned was not planned for this. */
static int check_driver(const struct scanner *s, const struct device *device)
{
	char link[SCAN_PATH], target[SCAN_PATH];
	const char *slash;
	ssize_t n;

	snprintf(link, sizeof(link), "/sys%s/driver", device->path);
	n = sysroot_readlink(s->root, link, target, sizeof(target));
	if (n == -ENOENT)
		return device->driver ? -ENODEV : 0;
	if (n < 0)
		return (int)n;
	slash = strrchr(target, '/');
	if (!device->driver || strcmp(slash ? slash + 1 : target, device->driver) != 0)
		return -ENODEV;
	return 0;
}

static bool is_carried_by(const struct disk *disk, const struct device *device)
{
	for (size_t i = 0; i < disk->owner_count; i++)
		if (device_is_within(disk->owners[i], device))
			return true;
	return false;
}

static int add_disk_use(struct scanner *s, const struct disk *disk, struct device *device)
{
	char words[SCAN_PATH];

	if (disk->claim == 1)
		snprintf(words, sizeof(words), "%s is in use (EBUSY on opening it exclusively)",
			 disk->title);
	else
		claim_describe(disk, words, sizeof(words));
	return graph_add_use(s->graph, device, disk->claim == 1 ? USE_CLAIMED : USE_UNKNOWN, words);
}

/* The answer for a whole disk covers its partitions; see scan_claims.c. */
static int recheck_disks(struct scanner *s, struct device *device)
{
	int code = 0;

	for (size_t i = 0; i < s->graph->disk_count && !code; i++) {
		struct disk *disk = s->graph->disks[i];

		if (disk->is_partition || !is_carried_by(disk, device))
			continue;
		disk->claim = claim_ask(s, disk);
		if (disk->claim == -ENOMEDIUM || disk->claim == -ENXIO)
			disk->claim = 0;
		if (disk->claim)
			code = add_disk_use(s, disk, device);
	}
	return code;
}

/* What was found before is forgotten, so that what is there afterwards holds now. */
static void forget_uses(struct device *device)
{
	device->uses = NULL;
	for (struct device *child = device->child; child; child = child->sibling)
		forget_uses(child);
}

/* The caller looks at @device alone: a use of one below it keeps it as well. */
static int gather_uses(struct graph *graph, struct device *device, const struct device *from)
{
	int code = 0;

	for (const struct use *use = from->uses; use && from != device && !code; use = use->next)
		code = graph_add_use(graph, device, use->kind, use->words);
	for (const struct device *child = from->child; child && !code; child = child->sibling)
		code = gather_uses(graph, device, child);
	return code;
}

static bool has_shared_folder(const struct device *device)
{
	if (is_shared_folder(device))
		return true;
	for (const struct device *child = device->child; child; child = child->sibling)
		if (has_shared_folder(child))
			return true;
	return false;
}

/* Finds the network users of a graph that is there. */
static int find_net_users(struct scanner *s)
{
	const struct graph *graph = s->graph;
	char words[300];
	int code = 0;

	for (size_t i = 0; i < graph->disk_count && !code; i++) {
		if (!graph->disks[i]->is_network || graph->disks[i]->is_partition)
			continue;
		snprintf(words, sizeof(words), "network disk %s", graph->disks[i]->name);
		code = net_user_add(s, words);
	}
	return code ? code : scan_mounts(s);
}

/* Mounts are read again only for a device that network or host file systems may go through. */
static int recheck_links(struct scanner *s, const struct device *device)
{
	bool asked = has_shared_folder(device);
	int code = asked ? find_net_users(s) : 0;

	for (size_t i = 0; i < s->graph->link_count && !code; i++) {
		const struct netlink_if *link = s->graph->links[i];

		if (!link->owner || !device_is_within(link->owner, device))
			continue;
		if (!asked)
			code = find_net_users(s);
		asked = true;
		if (!code)
			code = net_use_add(s, link);
	}
	return code;
}

static int recheck_nodes(struct scanner *s, struct device *device)
{
	int code = scan_vfio(s, device);

	for (struct device *child = device->child; child && !code; child = child->sibling)
		code = recheck_nodes(s, child);
	return code;
}

static int recheck_watchdogs(struct scanner *s, const struct device *device)
{
	int code = 0;

	for (size_t i = 0; i < s->graph->watchdog_count && !code; i++) {
		struct watchdog *watchdog = &s->graph->watchdogs[i];

		if (watchdog->owner && device_is_within(watchdog->owner, device))
			code = scan_watchdog_use(s, watchdog);
	}
	return code;
}

static bool has_waiter(const struct device *device)
{
	if (is_waited_for(device))
		return true;
	for (const struct device *child = device->child; child; child = child->sibling)
		if (has_waiter(child))
			return true;
	return false;
}

static int recheck(struct scanner *s, struct device *device)
{
	int code = check_driver(s, device);

	if (code)
		return code;
	forget_uses(device);
	code = recheck_disks(s, device);
	if (!code)
		code = recheck_nodes(s, device);
	if (!code)
		code = recheck_links(s, device);
	if (!code)
		code = recheck_watchdogs(s, device);
	if (!code)
		code = scan_consoles(s, device);
	if (!code && has_waiter(device))
		code = scan_open_nodes(s, device);
	if (!code)
		code = gather_uses(s->graph, device, device);
	return code ? code : device->uses != NULL;
}

int scan_recheck(const struct sysroot *root, struct graph *graph, struct device *device)
{
	struct scanner s;
	int code = scanner_init(&s, root, graph);

	s.asks_again = true;
	if (!code)
		code = recheck(&s, device);
	scanner_done(&s);
	return code;
}
