// SPDX-License-Identifier: GPL-2.0-or-later
/* RLIMIT_NOFILE and pids.max; see limits.h. */
#include "worker/limits.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Descriptors that are not workers': those of now, and what a look at sysfs opens for a moment. */
#define FILES_BESIDE	 64

/* Processes that others in the same control group may start meanwhile. */
#define PROCESSES_BESIDE 8

static size_t make_room_for_files(size_t wanted)
{
	rlim_t needed = (rlim_t)wanted + FILES_BESIDE;
	struct rlimit limit, more;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return wanted;
	if (limit.rlim_cur < needed) {
		more = limit;
		more.rlim_cur = needed;
		if (more.rlim_max != RLIM_INFINITY && more.rlim_max < needed)
			more.rlim_max = needed;
		/* Above the hard limit only with CAP_SYS_RESOURCE, and never above fs.nr_open. */
		if (setrlimit(RLIMIT_NOFILE, &more)) {
			more = limit;
			more.rlim_cur = limit.rlim_max;
			setrlimit(RLIMIT_NOFILE, &more);
		}
		if (getrlimit(RLIMIT_NOFILE, &limit))
			return 1;
	}
	return limit.rlim_cur > FILES_BESIDE ? (size_t)limit.rlim_cur - FILES_BESIDE : 1;
}

/* The room that pids.max of one control group leaves; @most where there is no limit. */
static size_t room_of_group(const struct sysroot *root, const char *folder, size_t most)
{
	unsigned long long max, current, taken;
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/pids.max", folder);
	if (sysroot_read_u64(root, path, &max) < 0) /* "max", or the root group */
		return most;
	snprintf(path, sizeof(path), "%s/pids.current", folder);
	if (sysroot_read_u64(root, path, &current) < 0)
		return most;
	taken = current + PROCESSES_BESIDE;
	if (max <= taken)
		return 1;
	return max - taken < most ? (size_t)(max - taken) : most;
}

/* @group lies in the hierarchy that is mounted on @mount: it and all above it count. */
static size_t room_of_hierarchy(const struct sysroot *root, const char *mount, const char *group,
				size_t most)
{
	char folder[PATH_MAX];
	size_t length = strlen(mount);

	snprintf(folder, sizeof(folder), "%s%s", mount, strcmp(group, "/") != 0 ? group : "");
	while (strlen(folder) > length) {
		most = room_of_group(root, folder, most);
		*strrchr(folder, '/') = '\0';
	}
	return most;
}

/* cgroups(7): "0::/user.slice" of version 2, "7:pids:/user.slice" of version 1. */
static size_t room_for_processes(const struct sysroot *root, size_t most)
{
	char *text, *at, *line;

	if (!root || sysroot_read_all(root, "/proc/self/cgroup", &text) < 0)
		return most;
	at = text;
	while ((line = strsep(&at, "\n"))) {
		char *number = strsep(&line, ":"), *names = strsep(&line, ":");

		if (!line || line[0] != '/')
			continue;
		if (!strcmp(number, "0") && !*names)
			most = room_of_hierarchy(root, "/sys/fs/cgroup", line, most);
		else if (!strcmp(names, "pids"))
			most = room_of_hierarchy(root, "/sys/fs/cgroup/pids", line, most);
	}
	free(text);
	return most;
}

size_t limits_make_room(const struct sysroot *root, size_t wanted)
{
	size_t room;

	if (!wanted)
		return 1;
	room = room_for_processes(root, make_room_for_files(wanted));
	return room < wanted ? room : wanted;
}
