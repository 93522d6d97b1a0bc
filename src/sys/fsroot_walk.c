// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * openat2(2) in steps, for kernels and sandboxes that lack it; see fsroot.h.
 *
 * Each name is opened without following it, from the folder before it. ".." is never given to the
 * kernel: the folders that led here are kept open, and the last one is closed. So nothing that is
 * renamed meanwhile can lead out.
 */
#include "sys/fsroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 64
#define LINKS_MAX 40 /* as the kernel (Linux: include/linux/namei.h, MAXSYMLINKS) */

struct walk {
	int fds[DEPTH_MAX]; /* fds[0] is the root's, and the caller's */
	size_t depth;	    /* of the folder that we are in */
	char rest[PATH_MAX];
	unsigned int links;
	bool is_file[DEPTH_MAX]; /* of fds: nothing lies below it, not even ".." */
	struct statx mount;
};

static void pop(struct walk *walk)
{
	if (walk->depth)
		close(walk->fds[walk->depth--]);
}

static int stat_mount(int fd, struct statx *stx)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, stx) ? -errno : 0;
}

/*
 * btrfs gives each subvolume a device number of its own, so the mount is asked first. An id of 0
 * is taken for none: qemu's user mode passes the kernel's stx_mask on and leaves the id out.
 */
static bool has_mount_id(const struct statx *stx)
{
	return stx->stx_mask & STATX_MNT_ID && stx->stx_mnt_id;
}

static int check_mount(const struct walk *walk, const struct statx *stx)
{
	if (has_mount_id(&walk->mount) && has_mount_id(stx))
		return stx->stx_mnt_id == walk->mount.stx_mnt_id ? 0 : -EXDEV;
	return stx->stx_dev_major == walk->mount.stx_dev_major &&
			       stx->stx_dev_minor == walk->mount.stx_dev_minor
		       ? 0
		       : -EXDEV;
}

/* Puts what the link @fd says in front of what is left of the path. */
static int follow(struct walk *walk, int fd)
{
	char target[PATH_MAX], joined[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target) - 1);
	int length;

	if (n < 0)
		return -errno;
	if (!n || ++walk->links > LINKS_MAX)
		return n ? -ELOOP : -ENOENT;
	target[n] = '\0';
	length = snprintf(joined, sizeof(joined), "%s%s", target, walk->rest);
	if (length < 0 || (size_t)length >= sizeof(joined))
		return -ENAMETOOLONG;
	if (target[0] == '/')
		while (walk->depth)
			pop(walk);
	memcpy(walk->rest, joined, (size_t)length + 1);
	return 0;
}

/* Takes the first name off the path, which begins with a slash or is empty then. 0: none is left. */
static size_t next_name(struct walk *walk, char name[NAME_MAX + 1])
{
	const char *start = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(start, "/");

	if (!length || length > NAME_MAX)
		return length;
	memcpy(name, start, length);
	name[length] = '\0';
	memmove(walk->rest, start + length, strlen(start + length) + 1);
	return length;
}

static int step(struct walk *walk, const char *name)
{
	struct statx stx;
	int fd, code;

	if (walk->is_file[walk->depth])
		return -ENOTDIR;
	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		pop(walk);
		return 0;
	}
	fd = openat(walk->fds[walk->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	code = stat_mount(fd, &stx);
	if (!code)
		code = check_mount(walk, &stx);
	if (!code && S_ISLNK(stx.stx_mode)) {
		code = follow(walk, fd);
		close(fd);
		return code;
	}
	if (!code && walk->depth + 1 == DEPTH_MAX)
		code = -ENAMETOOLONG;
	if (code) {
		close(fd);
		return code;
	}
	walk->fds[++walk->depth] = fd;
	walk->is_file[walk->depth] = !S_ISDIR(stx.stx_mode);
	return 0;
}

static int walk_all(struct walk *walk)
{
	char name[NAME_MAX + 1];
	size_t length;
	int code = 0;

	while (!code && (length = next_name(walk, name)))
		code = length > NAME_MAX ? -ENAMETOOLONG : step(walk, name);
	/* "kernel/" is no file. */
	return !code && walk->rest[0] && walk->is_file[walk->depth] ? -ENOTDIR : code;
}

/* The place is found; it is opened again as asked, from the folder it lies in. */
static int reopen(const struct walk *walk, int flags)
{
	char path[32];
	int fd;

	if (flags & O_PATH)
		fd = fcntl(walk->fds[walk->depth], F_DUPFD_CLOEXEC, 0);
	else if (flags & O_DIRECTORY || !walk->depth)
		fd = openat(walk->fds[walk->depth], ".", flags | O_CLOEXEC);
	else {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", walk->fds[walk->depth]);
		fd = open(path, flags | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

int fsroot_walk(int root_fd, const char *path, int flags)
{
	struct walk walk;
	int code;

	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	walk.fds[0] = root_fd;
	walk.is_file[0] = false;
	walk.depth = walk.links = 0;
	code = stat_mount(root_fd, &walk.mount);
	strcpy(walk.rest, path);
	if (!code)
		code = walk_all(&walk);
	if (!code)
		code = reopen(&walk, flags);
	while (walk.depth)
		pop(&walk);
	return code;
}
