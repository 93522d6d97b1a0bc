/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system that holds something to boot, read from its root and never left.
 *
 * What lies on a disk that was just found may be broken or hostile. Every path that a boot entry
 * names is looked up below this handle: ".." stops at the root, an absolute symbolic link starts
 * there again, and no other mount is entered, whatever a link says. Only regular files are read,
 * and only up to a limit: a device node or a FIFO is never opened.
 *
 * Paths are those of that file system, with or without leading slashes ("/EFI/Linux/a.efi").
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct arena;
struct fsroot;

/*
 * Opens the folder @dir as the root of a file system; links in @dir itself are followed. The caller
 * owns *@ret_root. -ENOENT or -ENOTDIR when there is no such folder, -ENOMEM.
 */
int fsroot_open(const char *dir, struct fsroot **ret_root);
void fsroot_close(struct fsroot *root);

/* A handle that holds nothing open: it names the folder @dir, and nothing can be read through it.
 * For entries whose file system another process reads. -ENOMEM. */
int fsroot_name(const char *dir, struct fsroot **ret_root);

/* From here on such a handle is one of fsroot_open(). Its errors; then it is as it was. */
int fsroot_reach(struct fsroot *root);

/* The folder as it was given, without trailing slashes ("" for "/"): what messages put in front. */
const char *fsroot_path(const struct fsroot *root);

/* True where both are the same folder of the same file system, by whatever path. */
bool fsroot_is_same(const struct fsroot *a, const struct fsroot *b);

/* True where it is the folder that the file system is mounted on, and not one within it. */
bool fsroot_is_mount(const struct fsroot *root);

/*
 * Where in its file system the folder is that @root is mounted from: "/", or the path of a subvolume or
 * of a folder that was bound there. The caller frees it. NULL: @root is no mount, or /proc does not tell.
 */
char *fsroot_origin(const struct fsroot *root);

/*
 * The block device that the file system lies on, as /dev has it; where that has several (btrfs),
 * the one it was mounted by. -ENODEV: on none (tmpfs, overlay), or /proc does not tell.
 */
int fsroot_device(const struct fsroot *root, dev_t *ret_device);

/* @path with one slash before each of its names, in @arena. NULL when memory is short. */
char *fsroot_tidy(struct arena *arena, const char *path);

/*
 * Opens the regular file @path for reading (O_CLOEXEC); the caller closes the descriptor.
 * *@ret_bytes (may be NULL) is its size. -EXDEV: the way leads into another mount; -ELOOP: too many
 * symbolic links; -EISDIR, -EINVAL: a folder, a device or the like.
 */
int fsroot_open_file(const struct fsroot *root, const char *path, uint64_t *ret_bytes);

/*
 * Reads the whole regular file @path, of at most @limit bytes, into a buffer that the caller frees;
 * a NUL stands behind it. *@ret_length (may be NULL) does not count that NUL. -EFBIG beyond @limit.
 */
int fsroot_read(const struct fsroot *root, const char *path, size_t limit, char **ret_text,
		size_t *ret_length);

/* Opens a folder for readdir(3); NULL with errno set. */
DIR *fsroot_opendir(const struct fsroot *root, const char *path);

/* 0 where @path is there, of any type, its links followed; else as fsroot_open_file(). */
int fsroot_exists(const struct fsroot *root, const char *path);
/* When the contents of @path changed last (its mtime). Errors as fsroot_exists(). */
int fsroot_modified(const struct fsroot *root, const char *path, time_t *ret_time);
bool fsroot_is_file(const struct fsroot *root, const char *path);
bool fsroot_is_folder(const struct fsroot *root, const char *path);

/*
 * As the kernel's openat2(RESOLVE_IN_ROOT | RESOLVE_NO_XDEV), in steps of its own: for kernels
 * before 5.6, and sandboxes that know no such call. fsroot falls back to it; open for tests.
 */
int fsroot_walk(int root_fd, const char *path, int flags);
