// SPDX-License-Identifier: GPL-2.0-or-later
/* Modaliases below /sys/devices; see host.h. */
#include "mkboot/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest modalias of a kernel's own: an input device's, a page of sysfs at most. */
#define ALIAS_MAX 4096
/* Deeper than any bus below bridges below bridges; a captured tree might loop. */
#define DEPTH_MAX 64

static int walk(struct modules *modules, struct sysroot *machine, const char *folder,
		unsigned int depth, struct error *e)
{
	DIR *dir = sysroot_opendir(machine, folder);
	struct dirent *entry;
	int r = 0;

	if (!dir) /* unplugged while we look */
		return 0;
	while (!r && (entry = readdir(dir))) {
		char *path, alias[ALIAS_MAX];

		if (*entry->d_name == '.')
			continue;
		if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0) {
			r = error_set(e, -ENOMEM, "%s: %s", folder, errno_text(ENOMEM));
			break;
		}
		if (entry->d_type == DT_DIR && depth < DEPTH_MAX)
			r = walk(modules, machine, path, depth + 1, e);
		else if (!strcmp(entry->d_name, "modalias") &&
			 sysroot_read(machine, path, alias, sizeof(alias)) > 0)
			r = modules_want_alias(modules, alias, e);
		free(path);
	}
	closedir(dir);
	return r;
}

int host_want_modules(struct modules *modules, struct sysroot *machine, struct error *e)
{
	return walk(modules, machine, "/sys/devices", 0, e);
}
