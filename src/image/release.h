/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The release of a kernel that lies in a file: what `uname -r` will print when it runs. */
#pragma once

#include "image/load.h"

#include <stddef.h>

/*
 * Of an x86 bzImage, whose header has it (Linux: Documentation/arch/x86/boot.rst, kernel_version). Cut
 * to @size. -ENOTSUP: a kernel that does not say it (other formats); or a negative errno, with @e.
 */
int image_release(const struct image_request *request, char *ret_release, size_t size,
		  struct error *e);
