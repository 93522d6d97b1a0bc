// SPDX-License-Identifier: GPL-2.0-or-later
/* What restarts a machine whose next kernel hangs; see recovery.h. */
#include "across/recovery.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last one wins; what comes after "--" is for init. */
static bool panics_restart(const char *cmdline)
{
	bool restarts = false;

	for (const char *at = cmdline; *at;) {
		size_t length = strcspn(at, " \t\n");

		if (length == 2 && !strncmp(at, "--", 2))
			break;
		if (!strncmp(at, "panic=", 6))
			restarts = strtol(at + 6, NULL, 0) != 0;
		at += length;
		at += strspn(at, " \t\n");
	}
	return restarts;
}

static bool watchdog_runs(const struct sysroot *root)
{
	DIR *dir = sysroot_opendir(root, "/sys/class/watchdog");
	const struct dirent *entry;
	char path[PATH_MAX], state[32];
	bool runs = false;

	while (dir && !runs && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/watchdog/%s/state", entry->d_name);
		runs = sysroot_read(root, path, state, sizeof(state)) > 0 &&
		       !strcmp(state, "active");
	}
	if (dir)
		closedir(dir);
	return runs;
}

bool recovery_is_there(const struct sysroot *root, const char *cmdline)
{
	return panics_restart(cmdline ?: "") || watchdog_runs(root);
}
