/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree as the kernel unpacks it (Documentation/driver-api/early-userspace/buffer-format.rst): a
 * newc cpio archive, compressed. The same tree gives the same bytes: inode numbers count up, owners
 * are root, times are one time, and one thread compresses.
 */
#pragma once

#include "mkboot/buffer.h"
#include "mkboot/tree.h"

#include <time.h>

enum compression { COMPRESSION_XZ, COMPRESSION_ZSTD };

/* "xz", "zstd"; -EINVAL for another word. */
int compression_parse(const char *text, enum compression *ret_compression);
const char *compression_name(enum compression compression);

/* SOURCE_DATE_EPOCH (reproducible-builds.org) in seconds, or 0; -1 where that is no number. */
time_t archive_time(void);

/* Adds the archive to @ret, uncompressed, every file dated @time. 0 or an errno with @e filled. */
int archive_pack(struct tree *tree, time_t time, struct buffer *ret, struct error *e);

/*
 * Adds @data to @ret, compressed. @instruction is the size of an instruction of the code in it, 1
 * where they differ. xz carries a CRC32: the kernel's and the wrapper's decoders know no other check
 * (Documentation/staging/xz.rst).
 */
int archive_compress(const struct buffer *data, enum compression compression,
		     unsigned int instruction, struct buffer *ret, struct error *e);
