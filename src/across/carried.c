// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The archive that crosses the jump, and its files on the other side; see carried.h.
 *
 * "newc" (Linux: Documentation/driver-api/early-userspace/buffer-format.rst). Four zeros come first: the
 * kernel skips them, and an initrd in lz4's legacy format, which has no end of its own, ends with them.
 */
#include "across/carried.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FOLDER	  "kexit"
#define TRAILER	  "TRAILER!!!"
#define ALIGNMENT 4

static int put(int fd, const void *data, size_t size)
{
	ssize_t n = write(fd, data, size);

	if (n == (ssize_t)size)
		return 0;
	return n < 0 ? -errno : -ENOSPC;
}

/* Header, name and data are each followed by zeros up to a multiple of 4 bytes of the archive. */
static int put_aligned(int fd, const void *data, size_t size)
{
	static const char zeros[ALIGNMENT];
	off_t at;
	int r = put(fd, data, size);

	if (r < 0)
		return r;
	at = lseek(fd, 0, SEEK_CUR);
	return at < 0 ? -errno : put(fd, zeros, (size_t)(-at & (ALIGNMENT - 1)));
}

static int put_entry(int fd, const char *name, unsigned int mode, const char *data, size_t size)
{
	char header[512];
	int length =
		snprintf(header, sizeof(header),
			 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s", 0, mode, 0,
			 0, S_ISDIR(mode) ? 2 : 1, (unsigned int)time(NULL), (unsigned int)size, 0,
			 0, 0, 0, (unsigned int)strlen(name) + 1, 0, name);
	/* The name's NUL is a part of it. */
	int r = put_aligned(fd, header, (size_t)length + 1);

	return r < 0 || !size ? r : put_aligned(fd, data, size);
}

static int put_file(int fd, const struct carried_file *file)
{
	char name[128];
	char *text = json_dumps(file->value, JSON_COMPACT | JSON_PRESERVE_ORDER), *line;
	int r = text ? asprintf(&line, "%s\n", text) : -1;

	free(text);
	if (r < 0)
		return -ENOMEM;
	snprintf(name, sizeof(name), FOLDER "/%s", file->name);
	r = put_entry(fd, name, S_IFREG | 0600, line, strlen(line));
	free(line);
	return r;
}

static int put_all(int fd, const struct carried_file files[])
{
	static const char zeros[ALIGNMENT];
	int r = put(fd, zeros, sizeof(zeros));

	if (r == 0)
		r = put_entry(fd, FOLDER, S_IFDIR | 0700, NULL, 0);
	for (size_t i = 0; r == 0 && files[i].name; i++)
		if (files[i].value)
			r = put_file(fd, &files[i]);
	return r ?: put_entry(fd, TRAILER, 0, NULL, 0);
}

int carried_pack(const struct carried_file files[], int *ret_fd, struct error *e)
{
	int fd = memfd_create("kexit-carried", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : put_all(fd, files);

	if (r == 0) {
		*ret_fd = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return error_set(e, r, "what crosses the jump cannot be packed: %s", errno_text(r));
}

int carried_read(const struct sysroot *root, const char *name, json_t **ret_value, struct error *e)
{
	char path[256];
	char *text = NULL;
	json_error_t wrong;
	json_t *value;
	int r;

	snprintf(path, sizeof(path), CARRIED_FOLDER "/%s", name);
	r = sysroot_read_all(root, path, &text);
	if (r < 0)
		return error_set(e, r, "%s: %s", path,
				 r == -ENOENT ? "nothing came over a jump" : errno_text(r));
	value = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);
	free(text);
	if (!json_is_object(value)) {
		json_decref(value);
		return error_set(e, -EBADMSG, "%s:%d: it is no JSON object: %s", path, wrong.line,
				 wrong.text);
	}
	*ret_value = value;
	return 0;
}

bool carried_would_show(const struct sysroot *root)
{
	return sysroot_exists(root, CARRIED_FOLDER);
}
