// SPDX-License-Identifier: GPL-2.0-or-later
/* Growing bytes, read from files and written to them; see buffer.h. */
#include "mkboot/buffer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE (256 * 1024)

void buffer_done(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

static int reserve(struct buffer *b, size_t more)
{
	size_t capacity = b->capacity ?: 4096;
	char *data;

	if (more > SIZE_MAX / 2 - b->size)
		return -ENOMEM;
	while (capacity < b->size + more)
		capacity *= 2;
	if (capacity == b->capacity)
		return 0;
	data = realloc(b->data, capacity);
	if (!data)
		return -ENOMEM;
	b->data = data;
	b->capacity = capacity;
	return 0;
}

int buffer_add(struct buffer *b, const void *data, size_t size)
{
	int r = reserve(b, size);

	if (r)
		return r;
	if (size)
		memcpy(b->data + b->size, data, size);
	b->size += size;
	return 0;
}

int buffer_align(struct buffer *b, size_t alignment)
{
	size_t more = (alignment - b->size % alignment) % alignment;
	int r = reserve(b, more);

	if (r)
		return r;
	memset(b->data + b->size, 0, more);
	b->size += more;
	return 0;
}

/* Up to the end of @fd, or an errno. */
static int read_all(struct buffer *b, int fd)
{
	for (;;) {
		ssize_t n;
		int r = reserve(b, READ_SIZE);

		if (r)
			return r;
		n = read(fd, b->data + b->size, READ_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		b->size += (size_t)n;
	}
}

int buffer_read_fd(struct buffer *b, int fd, const char *name, struct error *e)
{
	struct buffer whole = { 0 };
	int r = read_all(&whole, fd);

	if (r) {
		buffer_done(&whole);
		return error_set(e, r, "%s: cannot be read: %s", name, errno_text(r));
	}
	*b = whole;
	return 0;
}

int buffer_read(struct buffer *b, const char *path, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return error_set(e, -errno, "%s: cannot be opened: %s", path, errno_text(errno));
	r = buffer_read_fd(b, fd, path, e);
	close(fd);
	return r;
}

static int unpack(struct buffer *b, struct archive *archive, const char *path)
{
	struct archive_entry *entry;
	const void *block;
	size_t size;
	la_int64_t offset;
	int r;

	archive_read_support_format_raw(archive);
	archive_read_support_format_empty(archive);
	archive_read_support_filter_all(archive);
	r = archive_read_open_filename(archive, path, READ_SIZE);
	if (r == ARCHIVE_OK)
		r = archive_read_next_header(archive, &entry);
	while (r == ARCHIVE_OK) {
		r = archive_read_data_block(archive, &block, &size, &offset);
		if (r == ARCHIVE_OK && buffer_add(b, block, size))
			return -ENOMEM;
	}
	return r == ARCHIVE_EOF ? 0 : -EIO;
}

int buffer_read_unpacked(struct buffer *b, const char *path, struct error *e)
{
	struct buffer whole = { 0 };
	struct archive *archive = archive_read_new();
	int r = archive ? unpack(&whole, archive, path) : -ENOMEM;

	if (r) {
		error_set(e, r, "%s: cannot be unpacked: %s", path,
			  archive && r == -EIO ? archive_error_string(archive) : errno_text(r));
		buffer_done(&whole);
	} else
		*b = whole;
	archive_read_free(archive);
	return r;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

int buffer_write(const struct buffer *b, const char *path, struct error *e)
{
	char *draft;
	int fd, r;

	if (asprintf(&draft, "%s.new", path) < 0)
		return error_set(e, -ENOMEM, "%s: %s", path, errno_text(ENOMEM));
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	r = fd < 0 ? -errno : write_all(fd, b->data, b->size);
	/* Firmware is to find the old image or the new one, also when the power goes right now. */
	if (!r && fsync(fd))
		r = -errno;
	if (fd >= 0 && close(fd) && !r)
		r = -errno;
	if (!r && rename(draft, path))
		r = -errno;
	if (r) {
		if (fd >= 0)
			unlink(draft);
		error_set(e, r, "%s: cannot be written: %s", path, errno_text(r));
	}
	free(draft);
	return r;
}
