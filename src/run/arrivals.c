// SPDX-License-Identifier: GPL-2.0-or-later
/* PCI functions that are not in the graph; see arrivals.h. */
#include "run/arrivals.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void tell(const struct sys *sys, const char *path, struct record *record,
		 void (*note)(const char *line))
{
	const char *name = strrchr(path, '/') + 1, *driver = NULL;
	char link[PATH_MAX + 16], target[PATH_MAX], line[256];

	snprintf(link, sizeof(link), "/sys%s/driver", path);
	if (sysroot_readlink(sys->root, link, target, sizeof(target)) > 0 && strrchr(target, '/'))
		driver = strrchr(target, '/') + 1;
	record_write(record, "arrived",
		     json_pack("{s:s, s:s}", "device", path, "driver", driver ?: ""));
	snprintf(line, sizeof(line), "%s (%.64s): came after the plan was made; %s", name,
		 driver ?: "no driver", driver ? "left to shutdown()" : "left as it is");
	if (note)
		note(line);
}

size_t arrivals_tell(const struct sys *sys, const struct graph *graph, struct record *record,
		     void (*note)(const char *line))
{
	DIR *dir = sysroot_opendir(sys->root, "/sys/bus/pci/devices");
	struct dirent *entry;
	size_t count = 0;

	while (dir && (entry = readdir(dir))) {
		char link[PATH_MAX], path[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s", entry->d_name);
		if (sysroot_resolve(sys->root, link, path, sizeof(path)) <= 4 ||
		    graph_find(graph, path + 4))
			continue;
		tell(sys, path + 4, record, note);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}
