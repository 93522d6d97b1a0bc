// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel logs that outlived a start; see kept.h. */
#include "across/kept.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* systemd-pstore makes a folder for each time, and in it one for each kind of dump. */
#define DEPTH_MAX 3

/* So much of one file is looked at: a console's ring of ramoops is smaller. */
#define LINES_MAX 500

static const char *const folders[] = { "/sys/fs/pstore", "/var/lib/systemd/pstore" };

static bool is_wanted(const char *line)
{
	static const char *const words[] = { "kexit", "Kernel panic - not syncing",
					     "kexec_core: Starting new kernel", "reboot: " };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

static void add_file(const struct sysroot *root, const char *path, json_t *all)
{
	char *text, *rest = NULL;
	json_t *lines = json_array();

	if (sysroot_read_all(root, path, &text) < 0) {
		json_decref(lines);
		return;
	}
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!is_wanted(line) || json_array_size(lines) >= LINES_MAX)
			continue;
		utf8_make_printable(line);
		json_array_append_new(lines, json_string(line));
	}
	free(text);
	if (json_array_size(lines))
		json_array_append_new(all, json_pack("{s:s s:O}", "file", path, "lines", lines));
	json_decref(lines);
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* By name: a dump's parts are numbered, the newest part first. */
static void add_folder(const struct sysroot *root, const char *path, unsigned int depth,
		       json_t *all)
{
	char full[PATH_MAX];
	struct dirent **entries;
	int fd = sysroot_openat(root, path, O_RDONLY | O_DIRECTORY), count;

	if (fd < 0)
		return;
	count = scandirat(fd, ".", &entries, is_name, alphasort);
	close(fd);
	for (int i = 0; i < count; i++) {
		bool is_folder = entries[i]->d_type == DT_DIR;

		if (snprintf(full, sizeof(full), "%s/%s", path, entries[i]->d_name) <
		    (int)sizeof(full)) {
			if (is_folder && depth < DEPTH_MAX)
				add_folder(root, full, depth + 1, all);
			else if (entries[i]->d_type == DT_REG)
				add_file(root, full, all);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

json_t *kept_read(const struct sysroot *root)
{
	json_t *all = json_array();

	for (size_t i = 0; all && i < sizeof(folders) / sizeof(folders[0]); i++)
		add_folder(root, folders[i], 1, all);
	return all;
}
