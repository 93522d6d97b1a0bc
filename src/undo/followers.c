// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices that come back with what they sit on, waited for; see internal.h. */
#include "undo/internal.h"

#include "base/arena.h"
#include "base/map.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_US	      100000

/* USB enumeration, SCSI scans and disks that spin up take seconds. */
#define PATIENCE_MS   30000

/* What is there and has no driver by now was made while autoprobe was off: it is bound by hand. */
#define BIND_AFTER_MS 2000
#define BIND_LIMIT_MS 30000

/* Deeper than sysfs goes; a loop in a captured tree ends. */
#define DEPTH_LIMIT   48

/* The devices of one bus and driver with one carrier: which of them is which does not matter, when
 * there are as many as there were. */
struct group {
	const struct follower *like;
	size_t recorded;
	size_t now; /* below the carrier, as counted in the look with this number */
	unsigned int looked;
};

struct waiting {
	struct rollback *rollback;
	const struct follower *list;
	size_t count;
	bool *is_back;
	struct group **group_of; /* NULL: without a carrier */
	unsigned int looks;
	struct arena *arena;
};

/* Folders of sysfs that are large and hold no device of a bus. */
static bool is_dull(const char *name)
{
	static const char *const dull[] = { "power",	  "queue",    "mq",	"statistics",
					    "integrity",  "msi_irqs", "trace",	"iommu",
					    "attributes", "hwmon",    "queues", "slaves",
					    "holders",	  "inode_acl" };

	if (name[0] == '.')
		return true;
	for (size_t i = 0; i < sizeof(dull) / sizeof(dull[0]); i++)
		if (!strcmp(name, dull[i]))
			return true;
	return false;
}

static bool link_ends_in(int dirfd, const char *name, const char *wanted)
{
	char target[PATH_MAX];
	const char *slash;

	if (file_readlink_at(dirfd, name, target, sizeof(target)) < 0)
		return false;
	slash = strrchr(target, '/');
	return !strcmp(slash ? slash + 1 : target, wanted);
}

static bool is_folder(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

/* How many devices of this bus and driver there are at and below @path (absolute). */
static size_t count_below(const struct sys *sys, const char *path, const struct bound *like,
			  unsigned int depth)
{
	DIR *dir = depth < DEPTH_LIMIT ? sysroot_opendir(sys->root, path) : NULL;
	const struct dirent *entry;
	char below[PATH_MAX];
	size_t count = 0;

	if (!dir)
		return 0;
	if (link_ends_in(dirfd(dir), "driver", like->driver) &&
	    link_ends_in(dirfd(dir), "subsystem", like->bus))
		count++;
	while ((entry = readdir(dir))) {
		if (is_dull(entry->d_name) || !is_folder(dir, entry) ||
		    snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >=
			    (int)sizeof(below))
			continue;
		count += count_below(sys, below, like, depth + 1);
	}
	closedir(dir);
	return count;
}

static bool is_bound_here(const struct waiting *w, const struct follower *f)
{
	char driver[NAME_MAX];

	return bound_driver(w->rollback->sys, f->what.device, driver, sizeof(driver)) &&
	       !strcmp(driver, f->what.driver);
}

static bool path_exists(const struct waiting *w, const struct follower *f)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s", f->what.device);
	return sysroot_exists(w->rollback->sys->root, path);
}

static size_t group_count(const struct waiting *w, struct group *group)
{
	char path[PATH_MAX];

	if (group->looked != w->looks) {
		snprintf(path, sizeof(path), "/sys%s", group->like->carrier->what.device);
		group->now = count_below(w->rollback->sys, path, &group->like->what, 0);
		group->looked = w->looks;
	}
	return group->now;
}

/*
 * @at's own path is gone. There are so many recorded devices like it, and so many below the carrier
 * now: when they are as many, it is one of them under another name.
 */
static bool came_back_renamed(const struct waiting *w, size_t at)
{
	struct group *group = w->group_of[at];

	return group && !path_exists(w, &w->list[at]) && group_count(w, group) >= group->recorded;
}

/* One with a carrier that did not come back is told about with it. */
static bool is_hopeless(const struct follower *f)
{
	return f->carrier && f->carrier->state != REBIND_DONE;
}

/* Looks once; returns how many are still missing. */
static size_t look(struct waiting *w)
{
	size_t missing = 0;

	w->looks++;
	for (size_t i = 0; i < w->count; i++) {
		if (!w->is_back[i] && !is_hopeless(&w->list[i])) {
			w->is_back[i] = is_bound_here(w, &w->list[i]) || came_back_renamed(w, i);
			missing += !w->is_back[i];
		}
	}
	return missing;
}

static size_t look_until(struct waiting *w, double end_ms)
{
	size_t missing = look(w);

	while (missing && !sysroot_is_captured(w->rollback->sys->root) && clock_ms() < end_ms) {
		usleep(POLL_US);
		missing = look(w);
	}
	return missing;
}

/* Binds by hand what is there without a driver. What fails is named by rebind_all(). */
static void bind_idle(struct waiting *w)
{
	struct rebind *list = calloc(w->count ?: 1, sizeof(*list));
	char driver[NAME_MAX];
	size_t count = 0;

	if (!list)
		return; /* they are named as missing in the end */
	for (size_t i = 0; i < w->count; i++) {
		const struct follower *f = &w->list[i];

		if (w->is_back[i] || is_hopeless(f) || !path_exists(w, f) ||
		    bound_driver(w->rollback->sys, f->what.device, driver, sizeof(driver)))
			continue;
		w->is_back[i] = true; /* told about from here on */
		list[count++] = (struct rebind){
			.rollback = w->rollback,
			.what = f->what,
			.ended = SIZE_MAX,
			.deadline_ms = BIND_LIMIT_MS,
		};
	}
	rebind_all(w->rollback, list, count);
	free(list);
}

static void name_missing(struct waiting *w)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct bound *what = &w->list[i].what;
		char driver[NAME_MAX];

		if (w->is_back[i] || is_hopeless(&w->list[i]))
			continue;
		if (bound_driver(w->rollback->sys, what->device, driver, sizeof(driver)))
			rollback_fail(w->rollback, "%s: it is bound to %s now, not to %s",
				      what->name, driver, what->driver);
		else
			rollback_fail(w->rollback, "%s (%s, %s): did not come back%s%s", what->name,
				      what->bus, what->driver, w->list[i].carrier ? " below " : "",
				      w->list[i].carrier ? w->list[i].carrier->what.name : "");
	}
}

/* One line for each carrier, not for each device. */
static void name_hopeless(struct waiting *w)
{
	struct map *told = map_new();

	for (size_t i = 0; told && i < w->count; i++) {
		const struct rebind *carrier = w->list[i].carrier;
		size_t *alike;

		if (w->is_back[i] || !is_hopeless(&w->list[i]))
			continue;
		alike = map_get(told, carrier->what.device);
		if (!alike) {
			alike = arena_alloc(w->arena, sizeof(*alike));
			if (!alike || map_put(told, carrier->what.device, alike) < 0)
				break;
		}
		++*alike;
	}
	for (size_t i = 0; told && i < w->count; i++) {
		const struct rebind *carrier = w->list[i].carrier;
		size_t *alike = carrier ? map_get(told, carrier->what.device) : NULL;

		if (!alike || !*alike)
			continue;
		rollback_fail(w->rollback, "%s: %zu device%s below it did not come back with it",
			      carrier->what.name, *alike, *alike == 1 ? "" : "s");
		*alike = 0;
	}
	map_free(told);
}

static struct group *group_find(struct waiting *w, struct map *groups, const struct follower *f)
{
	const char *key = arena_printf(w->arena, "%s\n%s\n%s", f->carrier->what.device, f->what.bus,
				       f->what.driver);
	struct group *group = key ? map_get(groups, key) : NULL;

	if (!key || group)
		return group;
	group = arena_alloc(w->arena, sizeof(*group));
	if (!group || map_put(groups, key, group) < 0)
		return NULL;
	group->like = f;
	return group;
}

static int make_groups(struct waiting *w)
{
	struct map *groups = map_new();
	int code = groups ? 0 : -ENOMEM;

	for (size_t i = 0; i < w->count && code == 0; i++) {
		if (!w->list[i].carrier)
			continue;
		w->group_of[i] = group_find(w, groups, &w->list[i]);
		if (w->group_of[i])
			w->group_of[i]->recorded++;
		else
			code = -ENOMEM;
	}
	map_free(groups);
	return code;
}

/* The arena is the caller's to free in both cases. */
static int waiting_init(struct waiting *w)
{
	w->arena = arena_new();
	if (!w->arena)
		return -ENOMEM;
	w->is_back = arena_alloc(w->arena, (w->count + 1) * sizeof(*w->is_back));
	w->group_of = arena_alloc(w->arena, (w->count + 1) * sizeof(struct group *));
	return w->is_back && w->group_of ? make_groups(w) : -ENOMEM;
}

static void wait_for_all(struct waiting *w)
{
	double start = clock_ms();
	size_t missing = look_until(w, start + BIND_AFTER_MS);

	if (missing)
		bind_idle(w);
	if (missing && look_until(w, start + PATIENCE_MS))
		name_missing(w);
	name_hopeless(w);
}

void followers_wait(struct rollback *rollback, const struct follower *list, size_t count)
{
	struct waiting w = { .rollback = rollback, .list = list, .count = count };

	if (waiting_init(&w) == 0)
		wait_for_all(&w);
	else
		rollback_fail(rollback, "no memory to wait for %zu devices", count);
	arena_free(w.arena);
}
