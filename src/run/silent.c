// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks opened in a worker before anyone else does; see silent.h. */
#include "run/silent.h"

#include "base/arena.h"
#include "worker/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_MS   10000

/* Each further one where the first took all the time there was. */
#define FURTHER_MS 1000

struct disks {
	struct sysroot *root;
	struct arena *arena;
	const char **names;
	size_t count, capacity;
};

static bool is_partition(const struct sysroot *root, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/block/%s/partition", name);
	return sysroot_exists(root, path);
}

static int list(struct disks *disks)
{
	DIR *dir = sysroot_opendir(disks->root, "/sys/class/block");
	struct dirent *entry;
	int r = 0;

	while (dir && r == 0 && (entry = readdir(dir))) {
		const char *name;

		if (entry->d_name[0] == '.' || is_partition(disks->root, entry->d_name))
			continue;
		name = arena_strdup(disks->arena, entry->d_name);
		r = name ? arena_grow(disks->arena, &disks->names, &disks->capacity,
				      disks->count + 1, sizeof(*disks->names))
			 : -ENOMEM;
		if (r == 0)
			disks->names[disks->count++] = name;
	}
	if (dir)
		closedir(dir);
	return r;
}

/* sysfs has '!' where a name has a slash ("cciss!c0d0"). */
static void node_of(const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "/dev/%s", name);
	for (char *at = path; (at = strchr(at, '!'));)
		*at = '/';
}

static int ask(void *subject, size_t i)
{
	const struct disks *disks = subject;
	char path[PATH_MAX];
	int fd;

	node_of(disks->names[i], path);
	/* O_NONBLOCK: a drive is not asked for its medium, and no tray moves. */
	fd = sysroot_openat(disks->root, path, O_RDONLY | O_NONBLOCK);
	if (fd >= 0)
		close(fd);
	return 0;
}

/* @name and its partitions, which share its lock. */
static int avoid(const struct disks *disks, const char *name)
{
	char folder[PATH_MAX], path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int r;

	node_of(name, path);
	r = sysroot_avoid(disks->root, path);
	snprintf(folder, sizeof(folder), "/sys/class/block/%s", name);
	dir = sysroot_opendir(disks->root, folder);
	while (dir && r == 0 && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, name, strlen(name)) != 0 ||
		    !is_partition(disks->root, entry->d_name))
			continue;
		node_of(entry->d_name, path);
		r = sysroot_avoid(disks->root, path);
	}
	if (dir)
		closedir(dir);
	return r;
}

static int ask_all(struct disks *disks, unsigned int limit_ms, void (*note)(const char *line))
{
	double end_ms = clock_ms() + (limit_ms && limit_ms < LIMIT_MS ? limit_ms : LIMIT_MS);
	struct walk walk = {
		.name = "disks",
		.changes_nothing = true,
		.count = disks->count,
		.wake_fd = -1,
		.subject = disks,
		.call = ask,
	};
	char line[160];
	int r = 0;

	for (size_t at = 0; r == 0 && at < walk.count; at++) {
		double left = end_ms - clock_ms();

		walk.deadline_ms = left > FURTHER_MS ? (unsigned int)left : FURTHER_MS;
		r = walk_run(disks->root, &walk, at, &at);
		if (r != -ETIMEDOUT)
			return r;
		snprintf(line, sizeof(line), "%.64s: does not answer an open(2); it is left",
			 disks->names[at]);
		if (note)
			note(line);
		r = avoid(disks, disks->names[at]);
	}
	return r;
}

int silent_disks_avoid(struct sysroot *root, unsigned int limit_ms, void (*note)(const char *line))
{
	struct disks disks = { .root = root, .arena = arena_new() };
	int r = disks.arena ? list(&disks) : -ENOMEM;

	if (r == 0)
		r = ask_all(&disks, limit_ms, note);
	arena_free(disks.arena);
	return r == -ENOMEM ? r : 0;
}
