// SPDX-License-Identifier: GPL-2.0-or-later
/* Suspended device-mapper devices; see suspended.h. */
#include "run/suspended.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ASK_TIMES    20
#define ASK_PAUSE_MS 100

static bool is_suspended(const struct sys *sys, const struct disk *disk)
{
	unsigned long long value;
	char path[300];

	snprintf(path, sizeof(path), "/sys/class/block/%.200s/dm/suspended", disk->name);
	return sysroot_read_u64(sys->root, path, &value) == 0 && value == 1;
}

static bool stays_suspended(const struct sys *sys, const struct disk *disk)
{
	static const struct timespec pause = { .tv_nsec = ASK_PAUSE_MS * 1000000L };

	for (int i = 0; i < ASK_TIMES; i++) {
		if (!is_suspended(sys, disk))
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

int suspended_check(const struct sys *sys, const struct graph *graph, struct error *e)
{
	for (size_t i = 0; i < graph->disk_count; i++) {
		const struct disk *disk = graph->disks[i];

		if (!strncmp(disk->name, "dm-", 3) && stays_suspended(sys, disk))
			return error_set(
				e, -EBUSY,
				"%s is suspended: every flush would wait for it for ever. "
				"'dmsetup resume /dev/%s' lets it go on; what left it so may "
				"not have ended",
				disk->title, disk->name);
	}
	return 0;
}
