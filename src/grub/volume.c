// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB's paths (GRUB manual, "How to specify devices", "How to specify files absolutely").
 *
 * The file systems that a script met get names of our own, "fs0" and so on, which $root and the
 * variables of search then hold; all other names are for the caller to resolve. One that is not
 * there has a name as well, so that the entry that wants a file on it can say what is missing.
 */
#include "grub/interpreter.h"

#include <errno.h>
#include <string.h>

static struct grub_volume *find(const struct grub *g, const char *name, size_t length)
{
	for (size_t i = 0; i < g->volume_count; i++) {
		struct grub_volume *volume = &g->volumes[i];

		if (!strncmp(volume->name, name, length) && !volume->name[length])
			return volume;
	}
	return NULL;
}

static int add(struct grub *g, struct grub_volume volume, struct grub_volume **ret_volume)
{
	if (!volume.name || arena_grow(g->arena, &g->volumes, &g->volume_capacity,
				       g->volume_count + 1, sizeof(volume)))
		return -ENOMEM;
	g->volumes[g->volume_count] = volume;
	*ret_volume = &g->volumes[g->volume_count++];
	return 0;
}

const char *grub_volume_name(struct grub *g, const struct fsroot *root)
{
	struct grub_volume volume = { .root = root }, *added;

	for (size_t i = 0; i < g->volume_count; i++)
		if (g->volumes[i].root == root)
			return g->volumes[i].name;
	volume.name = arena_printf(g->arena, "fs%zu", g->volume_count);
	return add(g, volume, &added) ? NULL : added->name;
}

const char *grub_volume_missing(struct grub *g, const char *missing)
{
	struct grub_volume volume = { .missing = missing }, *added;

	if (!missing)
		return NULL;
	for (size_t i = 0; i < g->volume_count; i++)
		if (g->volumes[i].missing && !strcmp(g->volumes[i].missing, missing))
			return g->volumes[i].name;
	if (g->volume_count >= GRUB_VOLUMES_MAX)
		return "fs";
	volume.name = arena_printf(g->arena, "fs%zu", g->volume_count);
	return add(g, volume, &added) ? NULL : added->name;
}

int grub_volume_image(struct grub *g, const char *name, const char *path)
{
	struct grub_volume *volume = find(g, name, strlen(name)), made = { .name = name };
	int r = 0;

	made.missing = arena_printf(g->arena, "what is inside the image file %s is not here", path);
	if (!made.missing)
		return -ENOMEM;
	if (volume)
		*volume = made;
	else
		r = g->volume_count < GRUB_VOLUMES_MAX ? add(g, made, &volume) : GRUB_FALSE;
	return r;
}

/* What to say of a name of which find() cannot tell whose it is. */
static const char unknown[] = "which file system (%s) is, GRUB alone can tell: "
			      "'search --fs-uuid --set=root UUID' names one for all";

/* GRUB's own name of a device, asked once. */
static int resolve(struct grub *g, const char *name, size_t length, struct grub_volume **ret_volume)
{
	struct grub_volume volume = { .root = g->host->root };
	int r;

	*ret_volume = find(g, name, length);
	if (*ret_volume)
		return 0;
	if (g->volume_count >= GRUB_VOLUMES_MAX)
		return -ENOENT;
	volume.name = arena_strndup(g->arena, name, length);
	if (!volume.name)
		return -ENOMEM;
	r = g->host->find(g->host, GRUB_VOLUME_DEVICE, volume.name, &volume.root);
	if (r == -ENOMEM)
		return r;
	if (r) {
		volume.root = NULL;
		volume.missing = arena_printf(g->arena,
					      r == -ENXIO ? unknown : "the device (%s) is not here",
					      volume.name);
	}
	return !volume.root && !volume.missing ? -ENOMEM : add(g, volume, ret_volume);
}

static int refuse(struct grub *g, const char **ret_reason, const char *subject, const char *verdict)
{
	*ret_reason = arena_printf(g->arena, "%s %s", subject, verdict);
	return *ret_reason ? -ENOENT : -ENOMEM;
}

/* *@ret_path, as the script has it, as a path of *@ret_root, which may be another then. */
static int settle_path(struct grub *g, const struct fsroot **ret_root, const char **ret_path)
{
	const struct fsroot *root = *ret_root;
	const char *path;

	if (grub_btrfs_is_relative(g, root))
		return grub_btrfs_path(g, ret_root, ret_path);
	if (root == g->host->root)
		path = g->host->locate(g->host, g->arena, *ret_path);
	else
		path = fsroot_tidy(g->arena, *ret_path);
	if (!path)
		return -ENOMEM;
	*ret_path = path;
	if (root == g->host->root)
		grub_btrfs_leave(g, ret_root, ret_path);
	else
		*ret_path = grub_without_subvolume(root, path);
	return 0;
}

/* The name of a device at the start of @text, in brackets or not; what is behind it. */
static const char *take_device(const char *text, const char **ret_name, size_t *ret_length)
{
	bool has_brackets = *text == '(';
	size_t length = strcspn(text += has_brackets, has_brackets ? ")" : "");

	*ret_name = text;
	*ret_length = length;
	return text + length + (has_brackets && text[length]);
}

int grub_path(struct grub *g, const char *text, const struct fsroot **ret_root,
	      const char **ret_path, const char **ret_reason)
{
	const char *device, *path = text;
	struct grub_volume *volume;
	size_t length;
	int r;

	if (*text == '(')
		path = take_device(text, &device, &length);
	else
		take_device(grub_env_get(g->env, "root") ?: "", &device, &length);
	if (*path && *path != '/')
		return refuse(g, ret_reason, text, "is no path from the root of a file system");
	r = resolve(g, device, length, &volume);
	if (r == -ENOENT)
		return refuse(g, ret_reason, text, "is on a device that is not known");
	if (r)
		return r;
	if (!volume->root) {
		*ret_reason = volume->missing;
		return -ENOENT;
	}
	*ret_root = volume->root;
	*ret_path = path;
	return settle_path(g, ret_root, ret_path);
}
