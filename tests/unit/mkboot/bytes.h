/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffers and files of short texts, for the tests of what kexit-mkboot reads and writes. */
#pragma once

#include "mkboot/buffer.h"

/* A buffer with @text, without its NUL. The caller frees it. */
struct buffer bytes(const char *text);

/* Writes the file @path below the folder @top, with the folders above it. */
void write_below(const char *top, const char *path, const char *text);
