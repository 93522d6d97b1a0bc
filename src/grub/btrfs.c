// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths as SUSE's GRUB finds them on btrfs, which others see from its top.
 *
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

/* What of @path is behind @folder, with its slash; NULL: it is not below. */
static const char *behind(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !strncmp(path, folder, length) && path[length] == '/' ? path + length : NULL;
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
