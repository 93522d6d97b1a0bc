// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths on btrfs, which GRUB sees from its top, and a system that is installed from a subvolume.
 *
 * SUSE's GRUB finds them otherwise.
 * With $btrfs_relative_path a path begins in the default subvolume: that is the one the script lies
 * in, for what is booted by default is what was installed. $btrfs_subvol names another, from the top:
 * a snapshot, whose own kernel it is that fits its modules. btrfs-mount-subvol puts a subvolume where
 * the installed system has it mounted.
 */
#include "grub/interpreter.h"

#include <errno.h>
#include <string.h>

#define MOUNTS_MAX 64

const char *grub_without_subvolume(const struct fsroot *root, const char *path)
{
	const char *behind = path;

	for (const char *at = path; *at == '/';) {
		size_t length = strcspn(at + 1, "/");

		if (length && (at[1] == '@' || at[length] == '@'))
			behind = at + length + 1;
		at += length + 1;
	}
	if (behind == path || !*behind || !fsroot_exists(root, path) || fsroot_exists(root, behind))
		return path;
	return behind;
}

/* What of @path is behind @folder, with its slash; NULL: it is not below. */
static const char *behind(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !strncmp(path, folder, length) && path[length] == '/' ? path + length : NULL;
}

/* What of @path is behind the subvolume @name ("root", "/root"), if that is there; else NULL. */
static const char *within(const struct fsroot *root, const char *path, const char *name)
{
	const char *rest = *path == '/' && *name ? behind(path + (*name != '/'), name) : NULL;

	return rest && !fsroot_exists(root, rest) ? rest : NULL;
}

void grub_btrfs_leave(const struct grub *g, const struct fsroot **ret_root, const char **ret_path)
{
	const struct grub_host *host = g->host;
	const char *rest;

	if (!fsroot_exists(*ret_root, *ret_path))
		return;
	rest = host->subvolume ? within(*ret_root, *ret_path, host->subvolume) : NULL;
	if (rest)
		*ret_path = rest;
	else if (host->top && !fsroot_exists(host->top, *ret_path))
		*ret_root = host->top;
	else
		*ret_path = grub_without_subvolume(*ret_root, *ret_path);
}

/* The value of "subvol=" in the options of the root file system; its length. NULL: there is none. */
static const char *find_subvolume(const char *options, size_t *ret_length)
{
	const char *flags = strstr(options, "rootflags="), *at = flags;
	const char *end = flags ? flags + strcspn(flags, " ") : NULL;

	while (at && at < end && strncmp(at, "subvol=", 7) != 0) {
		at += strcspn(at, "=, ") + 1;
	}
	if (!at || at >= end)
		return NULL;
	*ret_length = strcspn(at + 7, ", \"");
	return at + 7;
}

void grub_btrfs_by_options(const char *options, struct grub_file *file)
{
	size_t length = 0;
	const char *name = options ? find_subvolume(options, &length) : NULL;
	const char *path = file->path;

	if (!name || fsroot_is_file(file->root, path))
		return;
	path += *name != '/';
	if (strncmp(path, name, length) != 0 || path[length] != '/')
		return;
	if (fsroot_is_file(file->root, path + length))
		file->path = path + length;
}

bool grub_btrfs_is_relative(const struct grub *g, const struct fsroot *root)
{
	const char *relative = grub_env_get(g->env, "btrfs_relative_path") ?: "";

	if (root != g->host->root && root != g->host->top)
		return false;
	return *relative == 'y' || *relative == '1';
}

/* "btrfs-mount-subvol ($root) /boot/grub2/x86_64-efi @/boot/grub2/x86_64-efi" */
int grub_btrfs_mount(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	if (argc != 4 || g->mount_count == MOUNTS_MAX)
		return GRUB_FALSE;
	if (arena_grow(g->arena, &g->mounts, &g->mount_capacity, g->mount_count + 1,
		       sizeof(*g->mounts)))
		return -ENOMEM;
	g->mounts[g->mount_count++] =
		(struct grub_mount){ .folder = argv[2], .subvolume = argv[3] };
	return 0;
}

/* "/.snapshots/1/snapshot" of "@/.snapshots/1/snapshot": where the installed system has it mounted. */
static const char *as_mounted(const char *subvolume)
{
	const char *at = subvolume + (*subvolume == '/');

	return *at == '@' ? at + strcspn(at, "/") : subvolume;
}

/* @path from the top of the file system; NULL: it is in the default subvolume, or memory is short. */
static const char *from_top(struct grub *g, const char *path, int *ret_code)
{
	const char *subvolume = grub_env_get(g->env, "btrfs_subvol") ?: "";
	const char *mounted = as_mounted(subvolume);
	const char *rest = *mounted ? behind(path, mounted) ?: path : path;
	size_t longest = 0;

	for (size_t i = 0; i < g->mount_count; i++) {
		const struct grub_mount *mount = &g->mounts[i];

		if (!behind(path, mount->folder) || strlen(mount->folder) < longest)
			continue;
		longest = strlen(mount->folder);
		subvolume = mount->subvolume;
		rest = path + longest;
	}
	if (!*subvolume)
		return NULL;
	path = arena_printf(g->arena, "/%s/%s", subvolume, rest);
	path = path ? fsroot_tidy(g->arena, path) : NULL;
	*ret_code = path ? 0 : -ENOMEM;
	return path;
}

int grub_btrfs_path(struct grub *g, const struct fsroot **ret_root, const char **ret_path)
{
	const struct grub_host *host = g->host;
	int code = 0;
	const char *path = fsroot_tidy(g->arena, *ret_path);
	const char *whole = path ? from_top(g, path, &code) : NULL;

	if (!path || code)
		return -ENOMEM;
	if (whole) {
		*ret_root = host->top ?: host->root;
		*ret_path = grub_without_subvolume(*ret_root, whole);
		return 0;
	}
	*ret_root = host->root;
	*ret_path = host->locate(host, g->arena, path);
	return *ret_path ? 0 : -ENOMEM;
}
