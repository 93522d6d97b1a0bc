// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads below a root folder; see root.h. */
#include "sys/root.h"

#include "sys/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct avoided {
	struct avoided *next;
	char path[];
};

struct sysroot {
	struct avoided *avoided;
	int fd;
	bool captured;
	char path[];
};

int sysroot_open(const char *dir, struct sysroot **ret_root)
{
	const char *path = dir ?: "/";
	struct sysroot *root = malloc(sizeof(*root) + strlen(path) + 1);

	if (!root)
		return -ENOMEM;
	strcpy(root->path, path);
	root->captured = dir != NULL;
	root->avoided = NULL;
	root->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0) {
		int code = -errno;

		free(root);
		return code;
	}
	*ret_root = root;
	return 0;
}

void sysroot_close(struct sysroot *root)
{
	struct avoided *next;

	if (!root)
		return;
	for (struct avoided *at = root->avoided; at; at = next) {
		next = at->next;
		free(at);
	}
	close(root->fd);
	free(root);
}

bool sysroot_is_captured(const struct sysroot *root)
{
	return root->captured;
}

const char *sysroot_path(const struct sysroot *root)
{
	return root->path;
}

/* "/" alone is the root itself; everything else loses its leading slashes for the *at() calls. */
static const char *below(const char *path)
{
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

int sysroot_avoid(struct sysroot *root, const char *path)
{
	struct avoided *one = malloc(sizeof(*one) + strlen(path) + 1);

	if (!one)
		return -ENOMEM;
	strcpy(one->path, path);
	one->next = root->avoided;
	root->avoided = one;
	return 0;
}

int sysroot_openat(const struct sysroot *root, const char *path, int flags)
{
	int fd;

	for (const struct avoided *at = root->avoided; at; at = at->next)
		if (!strcmp(at->path, path))
			return -ETIMEDOUT;
	fd = openat(root->fd, below(path), flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

DIR *sysroot_opendir(const struct sysroot *root, const char *path)
{
	return folder_stream(sysroot_openat(root, path, O_RDONLY | O_DIRECTORY));
}

bool sysroot_exists(const struct sysroot *root, const char *path)
{
	return faccessat(root->fd, below(path), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Without the newlines at its end, and with a NUL. */
static ssize_t trim(char *buffer, size_t length)
{
	while (length && buffer[length - 1] == '\n')
		length--;
	buffer[length] = '\0';
	return (ssize_t)length;
}

ssize_t file_read_at(int dirfd, const char *name, char *buffer, size_t size)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buffer + length, size - 1 - length);
		if (n > 0)
			length += (size_t)n;
	} while ((n > 0 && length < size - 1) || (n < 0 && errno == EINTR));
	if (n < 0) {
		n = -errno;
		close(fd);
		return n;
	}
	close(fd);
	return trim(buffer, length);
}

ssize_t attribute_read_at(int dirfd, const char *name, char *buffer, size_t size)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = read(fd, buffer, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		n = -errno;
	close(fd);
	return n < 0 ? n : trim(buffer, (size_t)n);
}

ssize_t sysroot_read(const struct sysroot *root, const char *path, char *buffer, size_t size)
{
	return file_read_at(root->fd, below(path), buffer, size);
}

int sysroot_read_all(const struct sysroot *root, const char *path, char **ret_text)
{
	int fd = sysroot_openat(root, path, O_RDONLY);
	size_t length = 0, capacity = 0;
	char *text = NULL;
	ssize_t n = 0;

	if (fd < 0)
		return fd;
	do {
		if (capacity - length < 4096) {
			char *grown;

			capacity = capacity ? capacity * 2 : 8192;
			grown = realloc(text, capacity);
			if (!grown) {
				errno = ENOMEM;
				n = -1;
				break;
			}
			text = grown;
		}
		n = read(fd, text + length, capacity - length - 1);
		if (n > 0)
			length += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		n = -errno;
		free(text);
		close(fd);
		return (int)n;
	}
	close(fd);
	text[length] = '\0';
	*ret_text = text;
	return 0;
}

ssize_t file_readlink_at(int dirfd, const char *name, char *buffer, size_t size)
{
	ssize_t n = readlinkat(dirfd, name, buffer, size);

	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	buffer[n] = '\0';
	return n;
}

ssize_t sysroot_readlink(const struct sysroot *root, const char *path, char *buffer, size_t size)
{
	return file_readlink_at(root->fd, below(path), buffer, size);
}

ssize_t sysroot_resolve(const struct sysroot *root, const char *path, char *buffer, size_t size)
{
	char target[PATH_MAX];
	ssize_t n = sysroot_readlink(root, path, target, sizeof(target));
	const char *at = target;
	const char *end;

	if (n < 0)
		return n;
	if (target[0] == '/') {
		if ((size_t)n >= size)
			return -ENAMETOOLONG;
		memcpy(buffer, target, (size_t)n + 1);
		return n;
	}
	/* Each "../" takes one name off the folder that the link lies in. */
	end = strrchr(path, '/');
	while (!strncmp(at, "../", 3)) {
		while (end > path && *--end != '/')
			;
		at += 3;
	}
	n = snprintf(buffer, size, "%.*s/%s", (int)(end - path), path, at);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : n;
}

int file_device_at(int dirfd, const char *name, bool *ret_is_block, dev_t *ret_device)
{
	struct statx st;

	/* A file of a server that is gone would else be waited for. */
	if (statx(dirfd, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st))
		return -errno;
	if (!S_ISBLK(st.stx_mode) && !S_ISCHR(st.stx_mode))
		return -ENODEV;
	*ret_is_block = S_ISBLK(st.stx_mode);
	*ret_device = makedev(st.stx_rdev_major, st.stx_rdev_minor);
	return 0;
}

/* For file systems that count no folders as links (btrfs). */
static int count_listed(const struct sysroot *root, const char *path, size_t *ret_count)
{
	DIR *dir = sysroot_opendir(root, path);
	struct dirent *entry;
	size_t count = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		count += entry->d_type == DT_DIR && entry->d_name[0] != '.';
	closedir(dir);
	*ret_count = count;
	return 0;
}

int sysroot_count_folders(const struct sysroot *root, const char *path, size_t *ret_count)
{
	struct stat st;

	if (fstatat(root->fd, below(path), &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (st.st_nlink < 2)
		return count_listed(root, path, ret_count);
	*ret_count = st.st_nlink - 2;
	return 0;
}

int sysroot_read_u64(const struct sysroot *root, const char *path, unsigned long long *ret_value)
{
	char text[32], *end;
	ssize_t n = sysroot_read(root, path, text, sizeof(text));
	unsigned long long value;

	if (n < 0)
		return (int)n;
	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end)
		return -EINVAL;
	*ret_value = value;
	return 0;
}
