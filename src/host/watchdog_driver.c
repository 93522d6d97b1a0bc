// SPDX-License-Identifier: GPL-2.0-or-later
/* modules.builtin, modules.dep and blacklists; see watchdog_driver.h. */
#include "host/watchdog_driver.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* modprobe.d(5). */
static const char *const blacklist_folders[] = {
	"/etc/modprobe.d",     "/run/modprobe.d", "/usr/local/lib/modprobe.d",
	"/usr/lib/modprobe.d", "/lib/modprobe.d",
};

/* "i6300esb" for "kernel/drivers/watchdog/i6300esb.ko.xz: ..."; '-' and '_' are one to the kernel. */
static bool is_file_of(const char *path, const char *module)
{
	const char *end = strchr(path, ':'), *name = path;
	size_t length = strlen(module);

	for (const char *at = path; *at && at != end; at++)
		if (*at == '/')
			name = at + 1;
	for (size_t i = 0; i < length; i++)
		if (name[i] != module[i] && !(name[i] == '-' && module[i] == '_'))
			return false;
	return !strncmp(name + length, ".ko", 3);
}

/* Is a line of the index @file of the kernel's modules about @module? */
static bool is_listed(const struct sysroot *root, const char *release, const char *file,
		      const char *module)
{
	char path[PATH_MAX], *text, *at;
	const char *line;
	bool listed = false;

	snprintf(path, sizeof(path), "/lib/modules/%s/%s", release, file);
	if (sysroot_read_all(root, path, &text) < 0)
		return false;
	at = text;
	while (!listed && (line = strsep(&at, "\n")))
		listed = is_file_of(line, module);
	free(text);
	return listed;
}

static bool is_blacklisting(const char *line, const char *module)
{
	static const char word[] = "blacklist";
	size_t length = strlen(module);

	line += strspn(line, " \t");
	if (strncmp(line, word, sizeof(word) - 1) != 0)
		return false;
	line += sizeof(word) - 1;
	if (*line != ' ' && *line != '\t')
		return false;
	line += strspn(line, " \t");
	for (size_t i = 0; i < length; i++)
		if (line[i] != module[i] && !(line[i] == '-' && module[i] == '_'))
			return false;
	return strchr(" \t\r", line[length]) != NULL;
}

static bool blacklists(const struct sysroot *root, const char *path, const char *module)
{
	char *text, *at;
	const char *line;
	bool does = false;

	if (sysroot_read_all(root, path, &text) < 0)
		return false;
	at = text;
	while (!does && (line = strsep(&at, "\n")))
		does = is_blacklisting(line, module);
	free(text);
	return does;
}

/* The file that keeps @module from being loaded for a device, to @ret_path. */
static bool is_blacklisted(const struct sysroot *root, const char *module, char ret_path[PATH_MAX])
{
	for (size_t i = 0; i < sizeof(blacklist_folders) / sizeof(blacklist_folders[0]); i++) {
		DIR *dir = sysroot_opendir(root, blacklist_folders[i]);
		const struct dirent *entry;
		bool found = false;

		while (dir && !found && (entry = readdir(dir))) {
			const char *dot = strrchr(entry->d_name, '.');

			snprintf(ret_path, PATH_MAX, "%s/%s", blacklist_folders[i], entry->d_name);
			found = dot && !strcmp(dot, ".conf") && blacklists(root, ret_path, module);
		}
		if (dir)
			closedir(dir);
		if (found)
			return true;
	}
	return false;
}

int watchdog_driver_comes(const struct sysroot *root, const char *release, const char *module,
			  struct error *e)
{
	char path[PATH_MAX];

	if (is_listed(root, release, "modules.builtin", module))
		return 0;
	if (!is_listed(root, release, "modules.dep", module))
		return error_set(e, -ENODEV,
				 "the next kernel (%s) is not known to have its driver, %s: "
				 "/lib/modules/%s has none",
				 release, module, release);
	return is_blacklisted(root, module, path)
		       ? error_set(e, -ENODEV, "%s keeps its driver, %s, from being loaded", path,
				   module)
		       : 0;
}
