// SPDX-License-Identifier: GPL-2.0-or-later
/* newc archives by libarchive, and their compression; see archive.h. */
#include "mkboot/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <zstd.h>

/* The best ratio, with a dictionary that a kernel in little memory can allocate, and the wrapper too. */
#define XZ_PRESET     (9 | LZMA_PRESET_EXTREME)
#define XZ_DICTIONARY (32U << 20)
#define ZSTD_LEVEL    19

static const char *const names[] = {
	[COMPRESSION_XZ] = "xz",
	[COMPRESSION_ZSTD] = "zstd",
};

int compression_parse(const char *text, enum compression *ret_compression)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i])) {
			*ret_compression = (enum compression)i;
			return 0;
		}
	return -EINVAL;
}

const char *compression_name(enum compression compression)
{
	return names[compression];
}

time_t archive_time(void)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");

	char *end;
	unsigned long long seconds = text ? strtoull(text, &end, 10) : 0;

	if (!text)
		return 0;
	/* The field of an archive has 32 bits, as that of an EFI program. */
	return *text >= '0' && *text <= '9' && !*end && seconds <= UINT32_MAX ? (time_t)seconds
									      : -1;
}

static la_ssize_t take(struct archive *archive, void *to, const void *data, size_t size)
{
	struct buffer *b = to;

	if (!buffer_add(b, data, size))
		return (la_ssize_t)size;
	archive_set_error(archive, ENOMEM, "no memory");
	return -1;
}

static void describe(struct archive_entry *to, const struct tree_entry *from, size_t number,
		     time_t time)
{
	archive_entry_clear(to);
	archive_entry_set_pathname(to, from->path);
	archive_entry_set_mode(to, from->mode);
	archive_entry_set_ino64(to, (la_int64_t)number);
	archive_entry_set_nlink(to, S_ISDIR(from->mode) ? 2 : 1);
	archive_entry_set_mtime(to, time, 0);
	if (S_ISCHR(from->mode)) {
		archive_entry_set_rdevmajor(to, major(from->device));
		archive_entry_set_rdevminor(to, minor(from->device));
	}
	archive_entry_set_size(to, S_ISREG(from->mode) ? (la_int64_t)from->contents.size : 0);
}

static int put(struct archive *archive, struct archive_entry *to, const struct tree_entry *from)
{
	const struct buffer *contents = &from->contents;

	if (S_ISLNK(from->mode)) {
		char *target = strndup(contents->data, contents->size);

		if (!target)
			return ARCHIVE_FATAL;
		archive_entry_set_symlink(to, target);
		free(target);
	}
	if (archive_write_header(archive, to) != ARCHIVE_OK)
		return ARCHIVE_FATAL;
	if (!S_ISREG(from->mode) || !contents->size)
		return ARCHIVE_OK;
	return archive_write_data(archive, contents->data, contents->size) ==
			       (la_ssize_t)contents->size
		       ? ARCHIVE_OK
		       : ARCHIVE_FATAL;
}

static int put_all(struct archive *archive, struct tree *tree, time_t time)
{
	struct archive_entry *entry = archive_entry_new();
	size_t count;
	const struct tree_entry *const *entries = tree_entries(tree, &count);
	int r = entry ? ARCHIVE_OK : ARCHIVE_FATAL;

	for (size_t i = 0; i < count && r == ARCHIVE_OK; i++) {
		describe(entry, entries[i], i + 1, time);
		r = put(archive, entry, entries[i]);
	}
	archive_entry_free(entry);
	return r;
}

int archive_pack(struct tree *tree, time_t time, struct buffer *ret, struct error *e)
{
	struct archive *archive = archive_write_new();
	int r = archive ? archive_write_set_format_cpio_newc(archive) : ARCHIVE_FATAL;

	/* No padding to tape blocks; the kernel wants archives to begin at a multiple of four. */
	if (r == ARCHIVE_OK)
		r = archive_write_set_bytes_in_last_block(archive, 4);
	if (r == ARCHIVE_OK)
		r = archive_write_open(archive, ret, NULL, take, NULL);
	if (r == ARCHIVE_OK)
		r = put_all(archive, tree, time);
	if (r == ARCHIVE_OK)
		r = archive_write_close(archive);
	if (r != ARCHIVE_OK)
		r = error_set(e, -EIO, "the initramfs cannot be packed: %s",
			      (archive ? archive_error_string(archive) : NULL) ?: "no memory");
	archive_write_free(archive);
	return r;
}

/* What a byte of code may be is told by its place in the instruction rather than by the byte before. */
static void set_positions(lzma_options_lzma *options, unsigned int instruction)
{
	if (instruction != 4)
		return;
	options->lp = options->pb = 2;
	options->lc = 2;
}

static int compress_xz(const struct buffer *data, unsigned int instruction, struct buffer *ret)
{
	lzma_options_lzma options;
	const lzma_filter filters[] = {
		{ .id = LZMA_FILTER_LZMA2, .options = &options },
		{ .id = LZMA_VLI_UNKNOWN },
	};
	size_t bound = lzma_stream_buffer_bound(data->size), used = 0;
	char *space = malloc(bound);
	int r = -ENOMEM;

	if (space && !lzma_lzma_preset(&options, XZ_PRESET)) {
		options.dict_size = XZ_DICTIONARY;
		set_positions(&options, instruction);
		if (lzma_stream_buffer_encode((lzma_filter *)(uintptr_t)filters, LZMA_CHECK_CRC32,
					      NULL, (const uint8_t *)data->data, data->size,
					      (uint8_t *)space, &used, bound) == LZMA_OK)
			r = buffer_add(ret, space, used);
	}
	free(space);
	return r;
}

static int compress_zstd(const struct buffer *data, struct buffer *ret)
{
	size_t bound = ZSTD_compressBound(data->size), used;
	char *space = malloc(bound);
	int r = -ENOMEM;

	if (space) {
		used = ZSTD_compress(space, bound, data->data, data->size, ZSTD_LEVEL);
		if (!ZSTD_isError(used))
			r = buffer_add(ret, space, used);
	}
	free(space);
	return r;
}

int archive_compress(const struct buffer *data, enum compression compression,
		     unsigned int instruction, struct buffer *ret, struct error *e)
{
	int r = compression == COMPRESSION_XZ ? compress_xz(data, instruction, ret)
					      : compress_zstd(data, ret);

	if (r)
		return error_set(e, r, "%zu bytes cannot be compressed with %s: %s", data->size,
				 compression_name(compression), errno_text(r));
	return 0;
}
