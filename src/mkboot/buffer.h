/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow: files as a whole, images as they are put together. */
#pragma once

#include "base/error.h"

#include <stddef.h>

struct buffer {
	char *data; /* malloc(3)ed; NULL while empty */
	size_t size, capacity;
};

void buffer_done(struct buffer *b);

/* 0 or -ENOMEM, @b as it was. */
int buffer_add(struct buffer *b, const void *data, size_t size);

/* Zeros up to the next multiple of @alignment. */
int buffer_align(struct buffer *b, size_t alignment);

/*
 * The whole of a file, by its path or open (@name is for messages; the caller closes it);
 * buffer_read_unpacked() takes xz, gzip or zstd off first, as modules have it.
 * 0, or an errno with @e filled; *@b, which must be empty, is untouched then.
 */
int buffer_read(struct buffer *b, const char *path, struct error *e);
int buffer_read_fd(struct buffer *b, int fd, const char *name, struct error *e);
int buffer_read_unpacked(struct buffer *b, const char *path, struct error *e);

/* Replaces @path by these bytes in one step: a reader sees the old file or the new one. */
int buffer_write(const struct buffer *b, const char *path, struct error *e);
