// SPDX-License-Identifier: GPL-2.0-or-later
/* Data on its way to the disks; see dirty.h. */
#include "sys/dirty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long long field_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* Documentation/admin-guide/iostats.rst: the seventh number after the name is sectors written. */
static unsigned long long sectors_of(char *text)
{
	unsigned long long sum = 0, sectors;
	char *line;

	while ((line = strsep(&text, "\n")))
		if (sscanf(line, "%*u %*u %*s %*u %*u %*u %*u %*u %*u %llu", &sectors) == 1)
			sum += sectors;
	return sum;
}

void dirty_read(const struct sysroot *root, struct dirty *ret_dirty)
{
	char *text;

	*ret_dirty = (struct dirty){ 0 };
	if (sysroot_read_all(root, "/proc/meminfo", &text) == 0) {
		ret_dirty->dirty_kb = field_of(text, "\nDirty:");
		ret_dirty->writeback_kb = field_of(text, "\nWriteback:");
		free(text);
	}
	if (sysroot_read_all(root, "/proc/diskstats", &text) == 0) {
		ret_dirty->sectors = sectors_of(text);
		free(text);
	}
}
