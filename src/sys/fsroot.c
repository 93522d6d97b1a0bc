// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads that stay on one file system; see fsroot.h. */
#include "sys/fsroot.h"
#include "base/arena.h"

#include "sys/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct fsroot {
	int fd;
	char path[];
};

int fsroot_name(const char *dir, struct fsroot **ret_root)
{
	struct fsroot *root = malloc(sizeof(*root) + strlen(dir) + 1);
	size_t length = strlen(dir);

	if (!root)
		return -ENOMEM;
	while (length && dir[length - 1] == '/')
		length--;
	memcpy(root->path, dir, length);
	root->path[length] = '\0';
	root->fd = -1;
	*ret_root = root;
	return 0;
}

int fsroot_open(const char *dir, struct fsroot **ret_root)
{
	struct fsroot *root;
	int r = fsroot_name(dir, &root);

	if (r < 0)
		return r;
	/* By @dir, since "/" has an empty path. */
	root->fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0) {
		int code = -errno;

		free(root);
		return code;
	}
	*ret_root = root;
	return 0;
}

int fsroot_reach(struct fsroot *root)
{
	int fd = open(*root->path ? root->path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (root->fd >= 0)
		close(root->fd);
	root->fd = fd;
	return 0;
}

void fsroot_close(struct fsroot *root)
{
	if (!root)
		return;
	if (root->fd >= 0)
		close(root->fd);
	free(root);
}

const char *fsroot_path(const struct fsroot *root)
{
	return root->path;
}

bool fsroot_is_same(const struct fsroot *a, const struct fsroot *b)
{
	struct stat st_a, st_b;

	return a == b || (!fstat(a->fd, &st_a) && !fstat(b->fd, &st_b) &&
			  st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino);
}

bool fsroot_is_mount(const struct fsroot *root)
{
	struct statx stx;

	return !statx(root->fd, "", AT_EMPTY_PATH, STATX_TYPE, &stx) &&
	       stx.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/* The fourth word of "36 35 0:30 /root /mnt rw shared:1 - btrfs /dev/vda2 rw". */
static char *take_origin(char *line, uint64_t mount)
{
	char *end, *word = NULL;

	if (strtoull(line, &end, 10) != mount || *end != ' ')
		return NULL;
	for (unsigned int i = 0; i < 4; i++)
		word = strsep(&line, " ");
	return word ? strdup(word) : NULL;
}

char *fsroot_origin(const struct fsroot *root)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *origin = NULL;
	size_t size = 0;
	struct statx stx;

	if (!statx(root->fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) &&
	    stx.stx_mask & STATX_MNT_ID && stx.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		while (file && !origin && getline(&line, &size, file) > 0)
			origin = take_origin(line, stx.stx_mnt_id);
	free(line);
	if (file)
		fclose(file);
	return origin;
}

/* The second word behind the hyphen: "36 35 0:30 / /mnt rw shared:1 - btrfs /dev/vda2 rw". */
static bool take_source(char *line, uint64_t mount, char **ret_source)
{
	char *end, *source = strstr(line, " - ");

	if (strtoull(line, &end, 10) != mount || *end != ' ' || !source)
		return false;
	strsep(&source, "-");
	source += strspn(source, " ");
	strsep(&source, " ");
	*ret_source = strsep(&source, " ");
	return *ret_source != NULL;
}

/* What the mount @mount was mounted by, from mountinfo (proc_pid_mountinfo(5)). */
static int mount_device(uint64_t mount, dev_t *ret_device)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *source = NULL;
	size_t size = 0;
	struct stat st;
	bool found = false;

	while (file && !found && getline(&line, &size, file) > 0)
		found = take_source(line, mount, &source);
	found = found && *source == '/' && !stat(source, &st) && S_ISBLK(st.st_mode);
	free(line);
	if (file)
		fclose(file);
	if (!found)
		return -ENODEV;
	*ret_device = st.st_rdev;
	return 0;
}

int fsroot_device(const struct fsroot *root, dev_t *ret_device)
{
	struct statx stx;

	if (statx(root->fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &stx))
		return -ENODEV;
	/* Major 0 is for what has no block device of its own, and for each subvolume of btrfs. */
	if (stx.stx_dev_major) {
		*ret_device = makedev(stx.stx_dev_major, stx.stx_dev_minor);
		return 0;
	}
	return stx.stx_mask & STATX_MNT_ID ? mount_device(stx.stx_mnt_id, ret_device) : -ENODEV;
}

/* openat2(2), which glibc has no function for. -ENOSYS as well where a sandbox refuses it. */
static int resolve(const struct fsroot *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));

	/* EAGAIN: something was renamed meanwhile, so the kernel could not be sure about a "..". */
	for (int tries = 0; fd < 0 && errno == EAGAIN && tries < 16; tries++)
		fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

static int open_below(const struct fsroot *root, const char *path, int flags)
{
	int fd = resolve(root, *path ? path : ".", flags);

	/* EPERM is what some sandboxes answer to a call they do not know. EAGAIN to the end: a
	 * machine that mounts and renames all the time; the steps do not ask that of it. */
	if (fd == -ENOSYS || fd == -EPERM || fd == -EAGAIN)
		return fsroot_walk(root->fd, path, flags);
	return fd;
}

/* What @path is, without opening it: opening a device can be an effect. 0 or errno. */
static int look(const struct fsroot *root, const char *path, struct stat *ret)
{
	int fd = open_below(root, path, O_PATH);
	int code;

	if (fd < 0)
		return fd;
	code = fstat(fd, ret) ? -errno : 0;
	close(fd);
	return code;
}

static int check_mode(mode_t mode)
{
	if (S_ISREG(mode))
		return 0;
	return S_ISDIR(mode) ? -EISDIR : -EINVAL;
}

int fsroot_open_file(const struct fsroot *root, const char *path, uint64_t *ret_bytes)
{
	struct stat st;
	int fd, code = look(root, path, &st);

	if (!code)
		code = check_mode(st.st_mode);
	if (code)
		return code;
	/* O_NONBLOCK: should it have become a FIFO meanwhile, it is refused and not waited for. */
	fd = open_below(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fd;
	code = fstat(fd, &st) ? -errno : check_mode(st.st_mode);
	if (code) {
		close(fd);
		return code;
	}
	if (ret_bytes)
		*ret_bytes = (uint64_t)st.st_size;
	return fd;
}

static int read_all(int fd, size_t limit, char *text, size_t *ret_length)
{
	size_t length = 0;
	ssize_t n;

	do {
		n = read(fd, text + length, limit + 1 - length);
		if (n > 0)
			length += (size_t)n;
	} while ((n > 0 && length <= limit) || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	if (length > limit)
		return -EFBIG;
	*ret_length = length;
	return 0;
}

int fsroot_read(const struct fsroot *root, const char *path, size_t limit, char **ret_text,
		size_t *ret_length)
{
	uint64_t bytes = 0;
	size_t length = 0;
	int fd = fsroot_open_file(root, path, &bytes);
	int code = -EFBIG;
	char *text = NULL;

	if (fd < 0)
		return fd;
	/* The size is asked for first, so that a small file costs little and a huge one nothing. */
	if (bytes <= limit) {
		limit = (size_t)bytes;
		text = malloc(limit + 2);
		code = text ? read_all(fd, limit, text, &length) : -ENOMEM;
	}
	close(fd);
	if (code) {
		free(text);
		return code;
	}
	text[length] = '\0';
	*ret_text = text;
	if (ret_length)
		*ret_length = length;
	return 0;
}

DIR *fsroot_opendir(const struct fsroot *root, const char *path)
{
	return folder_stream(open_below(root, path, O_RDONLY | O_DIRECTORY));
}

int fsroot_exists(const struct fsroot *root, const char *path)
{
	struct stat st;

	return look(root, path, &st);
}

int fsroot_modified(const struct fsroot *root, const char *path, time_t *ret_time)
{
	struct stat st;
	int code = look(root, path, &st);

	if (!code)
		*ret_time = st.st_mtime;
	return code;
}

bool fsroot_is_file(const struct fsroot *root, const char *path)
{
	struct stat st;

	return !look(root, path, &st) && S_ISREG(st.st_mode);
}

bool fsroot_is_folder(const struct fsroot *root, const char *path)
{
	struct stat st;

	return !look(root, path, &st) && S_ISDIR(st.st_mode);
}

char *fsroot_tidy(struct arena *arena, const char *path)
{
	char *copy = arena_alloc(arena, strlen(path) + 2), *to = copy;

	if (!copy)
		return NULL;
	*to++ = '/';
	for (; *path; path++)
		if (*path != '/' || to[-1] != '/')
			*to++ = *path;
	return copy;
}
