// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a disk that is used down to the devices that carry it: a mount on dm-0 keeps the controllers
 * of every disk below dm-0.
 *
 * What a person wants to hear is said at the top of a stack, once: "ext4 on / through dm-0
 * (vg-root)", not also that md0 is held and that vda1 is claimed.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* dm on md on partitions on dm: nobody builds more, and a loop of slaves must end. */
#define MAX_STACK 16

static int push_down(struct scanner *s, const struct disk *disk, enum use_kind kind,
		     const char *words, unsigned int depth)
{
	int code = 0;

	for (size_t i = 0; i < disk->owner_count && !code; i++)
		code = graph_add_use(s->graph, disk->owners[i], kind, words);
	if (depth >= MAX_STACK)
		return code;
	if (disk->whole != disk && !code)
		code = push_down(s, disk->whole, kind, words, depth + 1);
	for (size_t i = 0; i < disk->slave_count && !code; i++)
		code = push_down(s, disk->slaves[i], kind, words, depth + 1);
	return code;
}

static void describe(const struct disk *disk, char *words, size_t size)
{
	if (disk->use == USE_SWAP)
		snprintf(words, size, "swap on %s", disk->title);
	else if (disk->use == USE_OPEN || disk->use == USE_EXPORT)
		snprintf(words, size, "%s", disk->words);
	else if (disk->is_member)
		snprintf(words, size, "%s (member %s)", disk->words, disk->title);
	else
		snprintf(words, size, "%s through %s", disk->words, disk->title);
}

/* A stack that nothing is mounted from still holds what is below. */
static bool is_top(const struct disk *disk)
{
	return disk->slave_count && !disk->is_held && !disk->words && !disk->part_told;
}

static int tell_top(struct scanner *s, const struct disk *disk)
{
	char words[SCAN_PATH];

	snprintf(words, sizeof(words), "held by %s", disk->title);
	return push_down(s, disk, USE_HELD, words, 0);
}

static bool is_told(const struct disk *disk)
{
	return disk->words || disk->is_held;
}

/*
 * Whether it has to be said that @disk is claimed: not if what claims it, its whole disk or one of
 * its partitions is known. When all of several partitions are busy for no known reason it is the
 * whole disk that is claimed, which is then said once.
 */
static bool is_claim_unexplained(const struct disk *disk)
{
	const struct disk *whole = disk->whole;
	bool whole_is_claimed;

	if (disk->claim != 1 || is_told(disk) || is_told(whole))
		return false;
	whole_is_claimed = !whole->part_told && whole->part_busy == whole->part_count &&
			   whole->part_count != 1;
	return disk->is_partition ? !whole_is_claimed : whole_is_claimed || !whole->part_busy;
}

static int tell_claim(struct scanner *s, const struct disk *disk)
{
	char words[SCAN_PATH];

	snprintf(words, sizeof(words), "%s claimed exclusively (holder unknown)", disk->title);
	return push_down(s, disk, USE_CLAIMED, words, 0);
}

static int tell_unknown(struct scanner *s, const struct disk *disk)
{
	char words[SCAN_PATH];

	claim_describe(disk, words, sizeof(words));
	return push_down(s, disk, USE_UNKNOWN, words, 0);
}

static int tell(struct scanner *s, const struct disk *disk)
{
	char words[SCAN_PATH];

	if (disk->words && disk->use != USE_HELD) {
		describe(disk, words, sizeof(words));
		return push_down(s, disk, disk->use, words, 0);
	}
	if (is_top(disk))
		return tell_top(s, disk);
	if (is_claim_unexplained(disk))
		return tell_claim(s, disk);
	if (disk->claim < 0 && !disk->is_partition && !is_told(disk) && !disk->part_told)
		return tell_unknown(s, disk);
	return 0;
}

static int set_held_words(struct scanner *s, const struct disk *holder)
{
	for (size_t i = 0; i < holder->slave_count; i++) {
		struct disk *slave = holder->slaves[i];

		if (slave->words)
			continue;
		slave->use = USE_HELD;
		slave->words = arena_printf(s->graph->arena, "held by %s", holder->title);
		if (!slave->words)
			return -ENOMEM;
	}
	return 0;
}

static void count_told(struct graph *graph)
{
	for (size_t i = 0; i < graph->disk_count; i++)
		if (graph->disks[i]->is_partition && is_told(graph->disks[i]))
			graph->disks[i]->whole->part_told++;
}

int scan_disk_uses(struct scanner *s)
{
	struct graph *graph = s->graph;
	int code = 0;

	count_told(graph);
	for (size_t i = 0; i < graph->disk_count && !code; i++)
		code = tell(s, graph->disks[i]);
	for (size_t i = 0; i < graph->disk_count && !code; i++)
		code = set_held_words(s, graph->disks[i]);
	return code;
}
