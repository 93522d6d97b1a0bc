// SPDX-License-Identifier: GPL-2.0-or-later
/* What to take down, in which order; see takedown.h. */
#include "storage/takedown.h"

#include "storage/disks.h"
#include "storage/remote.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct steps {
	struct arena *arena;
	struct takedown_step *items;
	size_t count, capacity;
};

static int add(struct steps *steps, enum takedown_kind kind, const char *subject,
	       unsigned int level)
{
	int r = arena_grow(steps->arena, &steps->items, &steps->capacity, steps->count + 1,
			   sizeof(*steps->items));
	const char *copy = arena_strdup(steps->arena, subject);

	if (r < 0 || !copy)
		return -ENOMEM;
	steps->items[steps->count++] = (struct takedown_step){
		.kind = kind,
		.subject = copy,
		.level = level,
	};
	return 0;
}

/* mountinfo writes blanks as "\040" (proc(5)). In place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] && at[3]) {
			*to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

static bool is_in_folder(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !strncmp(path, folder, length) && (!path[length] || path[length] == '/');
}

/* Whether a file system of @type asks a process or another machine for what it shows. One on a disk
 * ("fuseblk") is none: by force its process could not write to the disk what it has in memory. */
static bool is_foreign_type(const char *type)
{
	static const char *const types[] = { "nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "afs" };
	size_t length = strcspn(type, " ");

	if (!strncmp(type, "fuse", 4) && strncmp(type, "fuseblk", 7) != 0)
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strlen(types[i]) == length && !strncmp(types[i], type, length))
			return true;
	return false;
}

/* The mount point of a line of mountinfo if it lies in @below, or, where that is NULL, if its source is
 * a disk; else NULL. In place. */
static char *wanted_mount(char *line, const char *below, bool *ret_foreign)
{
	char *source = strstr(line, " - "), *point = line;

	if (!source)
		return NULL;
	*ret_foreign = below && is_foreign_type(source + 3);
	source = strchr(source + 3, ' ');
	if (!below && (!source || strncmp(source, " /dev/", 6) != 0))
		return NULL;
	for (int i = 0; i < 4 && point; i++) {
		point = strchr(point, ' ');
		point = point ? point + 1 : NULL;
	}
	if (!point)
		return NULL;
	point[strcspn(point, " ")] = '\0';
	unescape(point);
	return !below || is_in_folder(point, below) ? point : NULL;
}

/* How many of the mounts listed after @steps' item @index lie below it: those must go before. */
static unsigned int mounts_above(const struct steps *steps, size_t index)
{
	unsigned int level = 0;

	for (size_t i = index + 1; i < steps->count; i++) {
		const struct takedown_step *other = &steps->items[i];

		if (is_in_folder(other->subject, steps->items[index].subject) &&
		    other->level + 1 > level)
			level = other->level + 1;
	}
	return level;
}

/* Later lines of mountinfo were mounted later, so a mount's levels are known from the end on.
 * *@ret_level is the first that no mount has. */
static int add_mounts(const struct sysroot *root, const char *below, struct steps *steps,
		      unsigned int *ret_level, struct error *e)
{
	size_t first = steps->count;
	char *text, *line, *save;
	int r = sysroot_read_all(root, "/proc/self/mountinfo", &text);

	if (r < 0)
		return error_set(e, r, "/proc/self/mountinfo cannot be read: %m");
	for (line = strtok_r(text, "\n", &save); line && !r; line = strtok_r(NULL, "\n", &save)) {
		bool is_foreign = false;
		char *point = wanted_mount(line, below, &is_foreign);

		if (point)
			r = add(steps, TAKEDOWN_MOUNT, point, 0);
		if (point && r == 0)
			steps->items[steps->count - 1].is_foreign = is_foreign;
	}
	free(text);
	for (size_t i = steps->count; i-- > first;) {
		unsigned int level = mounts_above(steps, i);

		steps->items[i].level = level;
		if (level >= *ret_level)
			*ret_level = level + 1;
	}
	return r;
}

/* A line of /proc/swaps (proc(5)) begins with the path, blanks in it as in mountinfo. */
static int add_swaps(const struct sysroot *root, struct steps *steps)
{
	char *text, *line, *save;
	int r;

	if (sysroot_read_all(root, "/proc/swaps", &text) < 0)
		return 0; /* a kernel without swap */
	r = 0;
	for (line = strtok_r(text, "\n", &save); line && !r; line = strtok_r(NULL, "\n", &save)) {
		if (line[0] != '/')
			continue;
		line[strcspn(line, " \t")] = '\0';
		unescape(line);
		r = add(steps, TAKEDOWN_SWAP, line, 0);
	}
	free(text);
	return r;
}

struct layer {
	const char *name; /* of the block device */
	bool is_gone;	  /* planned */
};

static bool has(const struct sysroot *root, const char *name, const char *what)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/block/%s/%s", name, what);
	return sysroot_exists(root, path);
}

/* Whether one of @layers that is still to be planned is among the folder of holders at @path. */
static bool folder_is_held(const struct sysroot *root, const char *path, const struct layer *layers,
			   size_t count)
{
	DIR *dir = sysroot_opendir(root, path);
	struct dirent *entry;
	bool held = false;

	while (dir && !held && (entry = readdir(dir)))
		for (size_t i = 0; i < count && !held; i++)
			held = !layers[i].is_gone && !strcmp(layers[i].name, entry->d_name);
	if (dir)
		closedir(dir);
	return held;
}

/* A holder of a partition of an array holds the array. */
static bool is_held(const struct sysroot *root, const char *name, const struct layer *layers,
		    size_t count)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool held;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s/holders", name);
	held = folder_is_held(root, path, layers, count);
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	dir = sysroot_opendir(root, path);
	while (dir && !held && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, name, strlen(name)) != 0)
			continue;
		snprintf(path, sizeof(path), "/sys/class/block/%s/%s/holders", name, entry->d_name);
		held = folder_is_held(root, path, layers, count);
	}
	if (dir)
		closedir(dir);
	return held;
}

static int add_layer(const struct sysroot *root, struct steps *steps, const char *name,
		     unsigned int level)
{
	char path[PATH_MAX], text[256];

	if (has(root, name, "md"))
		return add(steps, TAKEDOWN_MD, name, level);
	if (has(root, name, "loop"))
		return add(steps, TAKEDOWN_LOOP, name, level);
	snprintf(path, sizeof(path), "/sys/class/block/%s/dm/name", name);
	if (sysroot_read(root, path, text, sizeof(text)) <= 0)
		return 0; /* gone meanwhile */
	return add(steps, TAKEDOWN_DM, text, level);
}

/* Takes off one level after the other: what nothing that is left sits on. *@ret_level is the first that
 * none of them has. */
static int add_layers(const struct sysroot *root, struct steps *steps, struct layer *layers,
		      size_t count, unsigned int *ret_level)
{
	unsigned int level = *ret_level;
	size_t left = count;
	bool *free_now = calloc(count + 1, sizeof(*free_now));
	int r = free_now ? 0 : -ENOMEM;

	while (left && r == 0) {
		size_t before = left;

		for (size_t i = 0; i < count; i++)
			free_now[i] =
				!layers[i].is_gone && !is_held(root, layers[i].name, layers, count);
		for (size_t i = 0; i < count && r == 0; i++) {
			if (!free_now[i])
				continue;
			layers[i].is_gone = true;
			left--;
			r = add_layer(root, steps, layers[i].name, level);
		}
		level++;
		if (left == before)
			r = -ELOOP; /* devices that hold each other: sysfs has no such thing */
	}
	free(free_now);
	*ret_level = level;
	return r;
}

/* Disks of the network: whatever lies on them is gone by now, or holds them. */
static int add_remote(const struct sysroot *root, struct steps *steps,
		      char (*names)[DISK_NAME_SIZE], size_t count, unsigned int level)
{
	char controllers[REMOTE_MAX][DISK_NAME_SIZE];
	size_t controller_count = remote_controllers(root, controllers);
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		if (remote_is_nbd(root, names[i]))
			r = add(steps, TAKEDOWN_NBD, names[i], level);
	for (size_t i = 0; i < controller_count && r == 0; i++)
		r = add(steps, TAKEDOWN_FABRIC, controllers[i], level);
	return r;
}

int takedown_plan(const struct sysroot *root, const char *below, struct arena *arena,
		  struct takedown_step **ret_steps, size_t *ret_count, struct error *e)
{
	struct steps steps = { .arena = arena };
	char(*names)[DISK_NAME_SIZE] = NULL;
	size_t name_count = 0, layer_count = 0;
	struct layer *layers;
	unsigned int level = 0;
	int r = below ? add_swaps(root, &steps) : 0;
	size_t swap_count = steps.count;

	if (r == 0)
		r = add_mounts(root, below, &steps, &level, e);
	if (r == 0 && swap_count) {
		/* A swap file keeps its file system. */
		for (size_t i = swap_count; i < steps.count; i++)
			steps.items[i].level++;
		level++;
	}
	if (r == 0)
		r = disk_list(root, &names, &name_count);
	if (r < 0)
		return r;
	layers = arena_alloc(arena, (name_count + 1) * sizeof(*layers));
	for (size_t i = 0; layers && i < name_count; i++)
		if (has(root, names[i], "md") || has(root, names[i], "dm") ||
		    has(root, names[i], "loop/backing_file"))
			layers[layer_count++].name = names[i];
	r = layers ? add_layers(root, &steps, layers, layer_count, &level) : -ENOMEM;
	if (r == 0 && below)
		r = add_remote(root, &steps, names, name_count, level);
	free(names);
	*ret_steps = steps.items;
	*ret_count = steps.count;
	return r;
}

int takedown_step_run(const struct sys *sys, const struct takedown_step *step, struct error *e)
{
	static const char *const words[] = {
		[TAKEDOWN_SWAP] = "swapping on it cannot be ended",
		[TAKEDOWN_MOUNT] = "cannot be unmounted",
		[TAKEDOWN_DM] = "the device mapper cannot remove it",
		[TAKEDOWN_MD] = "the array cannot be stopped",
		[TAKEDOWN_LOOP] = "the loop cannot be taken off its file",
		[TAKEDOWN_NBD] = "it cannot be disconnected",
		[TAKEDOWN_FABRIC] = "it cannot be disconnected",
	};
	char path[PATH_MAX];
	int r = -EINVAL;

	switch (step->kind) {
	case TAKEDOWN_SWAP:
		r = sys_swap_off(sys, step->subject);
		break;
	case TAKEDOWN_MOUNT:
		r = step->is_foreign ? sys_unmount_forced(sys, step->subject)
				     : sys_unmount(sys, step->subject);
		break;
	case TAKEDOWN_DM:
		r = sys_dm_remove(sys, step->subject);
		break;
	case TAKEDOWN_MD:
		/* Linux: Documentation/admin-guide/md.rst, array_state: "clear" stops it. */
		snprintf(path, sizeof(path), "/sys/class/block/%s/md/array_state", step->subject);
		r = sys_write(sys, path, "clear");
		break;
	case TAKEDOWN_LOOP:
		r = sys_loop_clear(sys, step->subject);
		break;
	case TAKEDOWN_NBD:
		r = remote_disconnect_nbd(sys, step->subject);
		break;
	case TAKEDOWN_FABRIC:
		r = remote_disconnect_controller(sys, step->subject);
		break;
	}
	if (r == 0 || r == -ENOENT || r == -ENXIO || r == -ENODEV)
		return 0;
	return error_set(e, r, "%s: %s: %s", step->subject, words[step->kind], errno_text(r));
}
