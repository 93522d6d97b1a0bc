// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The question of the scan again, for one device, right before it is released.
 *
 * Between plan and release a disk may have been mounted, a loop device set up, a process have opened
 * something. What is not of one device (processes, mounts, targets) is looked at for all of them at
 * once, and again only when the last look is two seconds old; what is, is asked each time.
 */
#include "graph/scan.h"
#include "graph/scanner.h"

#include <errno.h>
#include <net/if.h>
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
static void ask_disks(struct scanner *s, const struct device *device)
{
	for (size_t i = 0; i < s->graph->disk_count; i++) {
		struct disk *disk = s->graph->disks[i];

		if (disk->is_partition || !is_carried_by(disk, device))
			continue;
		disk->is_asked = true;
		disk->claim = claim_ask(s, disk);
		if (disk->claim == -ENOMEDIUM || disk->claim == -ENXIO)
			disk->claim = 0;
	}
}

/* For a claim that the look knows nobody for. */
static int use_disks(struct scanner *s, struct device *device)
{
	int code = 0;

	for (size_t i = 0; i < s->graph->disk_count && !code && !device->uses; i++) {
		const struct disk *disk = s->graph->disks[i];

		if (!disk->is_partition && disk->claim && is_carried_by(disk, device))
			code = add_disk_use(s, disk, device);
	}
	return code;
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

static bool is_up(struct scanner *s, const struct netlink_if *link)
{
	char path[SCAN_PATH];
	unsigned long long flags;

	snprintf(path, sizeof(path), "/sys%s/flags", link->path);
	return link->is_up || (!sysroot_read_u64(s->root, path, &flags) && (flags & IFF_UP));
}

/* A link may have been brought up since. */
static int recheck_links(struct scanner *s, const struct device *device)
{
	int code = 0;

	for (size_t i = 0; i < s->graph->link_count && !code; i++) {
		struct netlink_if *link = s->graph->links[i];

		if (!link->owner || !device_is_within(link->owner, device))
			continue;
		link->is_up = is_up(s, link);
		code = net_use_add(s, link);
	}
	return code;
}

static int recheck_vfio(struct scanner *s, struct device *device)
{
	int code = scan_vfio_claim(s, device);

	for (struct device *child = device->child; child && !code; child = child->sibling)
		code = recheck_vfio(s, child);
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

static int recheck(struct scanner *s, struct device *device)
{
	int code = check_driver(s, device);

	if (code)
		return code;
	ask_disks(s, device);
	if (!look_will_do(s))
		code = scan_look(s);
	if (!code)
		code = use_disks(s, device);
	if (!code)
		code = recheck_vfio(s, device);
	if (!code)
		code = recheck_links(s, device);
	if (!code)
		code = recheck_watchdogs(s, device);
	if (!code)
		code = scan_netns(s, device);
	if (!code)
		code = gather_uses(s->graph, device, device);
	return code ? code : device->uses != NULL;
}

static int recheck_init(struct scanner *s, const struct sysroot *root, struct graph *graph)
{
	int code = scanner_init(s, root, graph);

	s->may_claim = true;
	s->asks_again = true;
	s->knows_disks = true;
	return code;
}

int scan_recheck(const struct sysroot *root, struct graph *graph, struct device *device)
{
	struct scanner s;
	int code = recheck_init(&s, root, graph);

	if (!code)
		code = recheck(&s, device);
	scanner_done(&s);
	return code;
}

int scan_refresh(const struct sysroot *root, struct graph *graph)
{
	struct scanner s;
	int code;

	/* There every recheck looks for itself. */
	if (sysroot_is_captured(root))
		return 0;
	code = recheck_init(&s, root, graph);
	s.may_claim = false;
	if (!code && !look_is_fresh(&s))
		code = scan_look(&s);
	scanner_done(&s);
	return code;
}
