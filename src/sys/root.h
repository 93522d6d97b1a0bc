/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine that is looked at: this one, or one that was captured into a folder.
 *
 * Every read of /sys, /proc and /dev goes through this handle, so `--sysroot DIR` makes every verb
 * that only reads work on a captured tree, and tests need no machine of their own.
 * Paths given to these functions are absolute as on the machine ("/sys/bus/pci/devices").
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sysroot;

/*
 * Opens @dir as the machine's root folder; NULL means this machine ("/"). The caller owns
 * *@ret_root. -ENOENT or -ENOTDIR when there is no such folder, -ENOMEM.
 */
int sysroot_open(const char *dir, struct sysroot **ret_root);
void sysroot_close(struct sysroot *root);

/* True for a captured tree: nothing may be written to it, and /dev and BARs are not there. */
bool sysroot_is_captured(const struct sysroot *root);

/* "/" for this machine, else the folder as it was given. */
const char *sysroot_path(const struct sysroot *root);

/*
 * From here on sysroot_openat() of @path answers ETIMEDOUT at once: for a node whose open does not come
 * back, told by who found that out. 0 or -ENOMEM.
 */
int sysroot_avoid(struct sysroot *root, const char *path);

/* openat(2) below the root; returns a file descriptor (O_CLOEXEC) or a negative errno. */
int sysroot_openat(const struct sysroot *root, const char *path, int flags);

/* Opens a folder for readdir(3); NULL with errno set. */
DIR *sysroot_opendir(const struct sysroot *root, const char *path);

bool sysroot_exists(const struct sysroot *root, const char *path);

/*
 * Reads a file into @buffer: at most @size - 1 bytes, NUL-terminated, trailing newlines cut.
 * Returns the length or a negative errno (-ENOENT, -ENODEV for a device that vanished, ...).
 */
ssize_t sysroot_read(const struct sysroot *root, const char *path, char *buffer, size_t size);

/* As sysroot_read(), below an open folder: what a scan uses to stay cheap. */
ssize_t file_read_at(int dirfd, const char *name, char *buffer, size_t size);

/*
 * An attribute of sysfs: as file_read_at(), in one read(2). The kernel prints an attribute once and
 * answers what is asked of it, so less than asked for is its end (Linux: Documentation/filesystems/
 * sysfs.rst); so it is of a captured copy, a plain file. Not for /proc, where a file ends a read at
 * whichever line no longer fits.
 */
ssize_t attribute_read_at(int dirfd, const char *name, char *buffer, size_t size);

/* A file of any length (mountinfo, the record) as a string that the caller frees. 0 or errno. */
int sysroot_read_all(const struct sysroot *root, const char *path, char **ret_text);

/* The target of a symbolic link, NUL-terminated. Length or a negative errno. */
ssize_t sysroot_readlink(const struct sysroot *root, const char *path, char *buffer, size_t size);
ssize_t file_readlink_at(int dirfd, const char *name, char *buffer, size_t size);

/*
 * The path below the root that the symbolic link @path of sysfs points to, without following any
 * further link: "/sys/class/net/eth0" -> "/sys/devices/pci0000:00/.../net/eth0". sysfs links are
 * relative, so this is text only: one readlink(2), no walk. Length or a negative errno.
 */
ssize_t sysroot_resolve(const struct sysroot *root, const char *path, char *buffer, size_t size);

/*
 * The number of the device node that @name below the open folder @dirfd is, or as a link leads to
 * (/proc/PID/fd/N). No server is asked for it. -ENODEV for anything that is no device node.
 */
int file_device_at(int dirfd, const char *name, bool *ret_is_block, dev_t *ret_device);

/*
 * How many folders the folder @path of sysfs has, those included that lie in another network
 * namespace and are not listed (the kernel counts all of them as links). -ENOENT and the like.
 */
int sysroot_count_folders(const struct sysroot *root, const char *path, size_t *ret_count);

/* Numbers as sysfs prints them: "10", "0x8086". 0 or a negative errno (-EINVAL: no number). */
int sysroot_read_u64(const struct sysroot *root, const char *path, unsigned long long *ret_value);
