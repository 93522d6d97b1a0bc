/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel and its initramfs as one BOOTKERNEL: an ELF file that skiboot starts in place, with the
 * wrapper of src/openpower before the compressed kernel.
 */
#pragma once

#include "base/error.h"
#include "mkboot/buffer.h"

/* KERNEL_LOAD_SIZE of skiboot's include/mem-map.h; the partition is smaller: see flash.h. */
#define BOOTKERNEL_MAX (128U << 20)

struct wrap_parts {
	const struct buffer *wrapper; /* openpower.bin */
	const struct buffer *kernel;  /* vmlinux, an ELF file */
	const struct buffer *initrd;
	const char *command_line; /* NULL or "": the kernel's own */
};

/* Whether it is a wrapper of this version. */
int wrap_check(const struct buffer *wrapper, struct error *e);

/* Adds the file to @ret, which must be empty. 0, or an errno with @e filled. */
int wrap(const struct wrap_parts *parts, struct buffer *ret, struct error *e);
