// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding, masking and reading files of settings; see dropins.h. */
#include "sys/dropins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than any parser takes, so that it is the one to say that a file is too large. */
#define FILE_MAX (1024 * 1024 + 1)

static int is_dropin(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	/* Not ".50-local.conf.swp", nor "50-local.conf~". */
	return length > 5 && entry->d_name[0] != '.' &&
	       !strcmp(entry->d_name + length - 5, ".conf");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **items;
	size_t count, capacity;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

static int names_add(struct names *names, const char *name)
{
	char *copy;

	if (names->count == names->capacity) {
		size_t capacity = names->capacity ? names->capacity * 2 : 16;
		char **items = reallocarray(names->items, capacity, sizeof(*items));

		if (!items)
			return -ENOMEM;
		names->items = items;
		names->capacity = capacity;
	}
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	names->items[names->count++] = copy;
	return 0;
}

/* The *.conf of @dir, sorted. */
static int names_read(const struct sysroot *root, const char *dir, struct names *names,
		      struct error *e)
{
	DIR *stream = sysroot_opendir(root, dir);
	struct dirent *entry;
	int r = 0;

	if (!stream && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!stream)
		return error_set(e, -errno, "%s: the folder cannot be read: %s", dir,
				 errno_text(errno));
	while (r == 0) {
		errno = 0;
		entry = readdir(stream);
		if (!entry)
			break;
		if (is_dropin(entry))
			r = names_add(names, entry->d_name);
	}
	if (r == 0 && errno)
		r = -errno;
	closedir(stream);
	if (r < 0)
		return error_set(e, r, "%s: the folder cannot be read: %s", dir, errno_text(r));
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), by_name);
	return 0;
}

static bool names_has(const struct names *names, const char *name)
{
	return names->count &&
	       bsearch(&name, names->items, names->count, sizeof(*names->items), by_name);
}

/* Reads at most FILE_MAX bytes; the length or a negative errno. */
static ssize_t read_bounded(int fd, char *buffer)
{
	size_t length = 0;
	ssize_t n;

	do {
		n = read(fd, buffer + length, FILE_MAX - length);
		if (n > 0)
			length += (size_t)n;
	} while ((n > 0 && length < FILE_MAX) || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : (ssize_t)length;
}

static int take_open_file(int fd, const char *path, dropin_take *take, void *context,
			  struct error *e)
{
	struct stat st;
	ssize_t length;
	char *text;
	int r;

	if (fstat(fd, &st) < 0)
		return error_set(e, -errno, "%s: cannot be read: %s", path, errno_text(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(e, -EINVAL, "%s: is no file", path);
	text = malloc(FILE_MAX);
	if (!text)
		return error_set(e, -ENOMEM, "%s: %m", path);
	length = read_bounded(fd, text);
	if (length < 0)
		r = error_set(e, (int)length, "%s: cannot be read: %s", path,
			      errno_text((int)length));
	else
		r = take(context, path, text, (size_t)length, e);
	free(text);
	return r;
}

/* A link to /dev/null is read as the text of the link: in a captured tree it leads nowhere. */
static bool is_masked_out(const struct sysroot *root, const char *path)
{
	char target[PATH_MAX];

	return sysroot_readlink(root, path, target, sizeof(target)) > 0 &&
	       !strcmp(target, "/dev/null");
}

int dropins_read_file(const struct sysroot *root, const char *path, dropin_take *take,
		      void *context, struct error *e)
{
	int fd, r;

	if (is_masked_out(root, path))
		return 0;
	/* O_NONBLOCK: a FIFO by that name must not stop a reboot. */
	fd = sysroot_openat(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return error_set(e, fd, "%s: cannot be read: %s", path, errno_text(fd));
	r = take_open_file(fd, path, take, context, e);
	close(fd);
	return r;
}

static int read_named(const struct sysroot *root, const char *dir, const char *name,
		      dropin_take *take, void *context, struct error *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return dropins_read_file(root, path, take, context, e);
}

int dropins_read(const struct sysroot *root, const char *vendor_dir, const char *admin_dir,
		 dropin_take *take, void *context, struct error *e)
{
	struct names vendor = { 0 }, admin = { 0 };
	int r = names_read(root, vendor_dir, &vendor, e);

	if (r == 0)
		r = names_read(root, admin_dir, &admin, e);
	for (size_t i = 0; i < vendor.count && r == 0; i++)
		if (!names_has(&admin, vendor.items[i]))
			r = read_named(root, vendor_dir, vendor.items[i], take, context, e);
	for (size_t i = 0; i < admin.count && r == 0; i++)
		r = read_named(root, admin_dir, admin.items[i], take, context, e);
	names_done(&vendor);
	names_done(&admin);
	return r;
}
