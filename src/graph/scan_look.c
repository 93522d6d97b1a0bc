// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who uses what, at one moment: everything that changes while the machine runs, read in one go and
 * for all devices. Both looks of a run are this one, so that the second sees what the first sees.
 *
 * What was found before is forgotten. Devices, and which disk lies on which, are taken as they are
 * in the graph; only disks that came since are added.
 */
#include "graph/scanner.h"

#include <time.h>

/*
 * Releases that start within a second share a look, and looking never takes more than a tenth of
 * the time, however many processes there are and however many devices ask.
 */
#define LOOK_FRESH_MS 1000
#define LOOK_SHARE    10

static double clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int forget(struct scanner *s)
{
	struct graph *graph = s->graph;

	for (size_t i = 0; i < graph->device_count; i++)
		graph->devices[i]->uses = NULL;
	for (size_t i = 0; i < graph->disk_count; i++) {
		struct disk *disk = graph->disks[i];

		disk->words = NULL;
		disk->is_member = false;
		disk->part_told = 0;
	}
	graph->net_user_count = 0;
	return 0;
}

int scan_look(struct scanner *s)
{
	/* Mounts before processes: whoever has a mounted disk open besides tells a person less. */
	static int (*const steps[])(struct scanner * s) = {
		forget,		  scan_disks_new,   scan_net_users,    scan_mounts,
		scan_filesystems, scan_exports,	    scan_processes,    scan_maps,
		scan_disk_uses,	  scan_net_uses,    scan_vfio_unnamed, nodes_unseen,
		scan_uses,	  scan_vfio_claims,
	};
	double start_ms = clock_now_ms();
	int code = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !code; i++)
		code = steps[i](s);
	if (!code)
		code = scan_netns(s, NULL);
	/* Of a look that failed nothing may be relied on. */
	s->graph->looked_ms = code ? start_ms - 1e12 : start_ms;
	s->graph->look_cost_ms = clock_now_ms() - start_ms;
	return code;
}

/* Not older than @times what makes it old. */
static bool is_within(const struct scanner *s, unsigned int times)
{
	double fresh_ms = s->graph->look_cost_ms * LOOK_SHARE;

	/* A captured machine costs nothing, and tests change it from one moment to the next. */
	if (s->answers)
		return false;
	if (fresh_ms < LOOK_FRESH_MS)
		fresh_ms = LOOK_FRESH_MS;
	return clock_now_ms() - s->graph->looked_ms <= fresh_ms * times;
}

bool look_is_fresh(const struct scanner *s)
{
	return is_within(s, 1);
}

/* Else all who wait for a CPU would find it old and look one after the other, and nobody get on. */
bool look_will_do(const struct scanner *s)
{
	return is_within(s, 2);
}
