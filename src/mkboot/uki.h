/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A unified kernel image: one EFI program with the kernel, its initramfs and its command line in
 * sections (UAPI Group: Unified Kernel Image), which systemd's stub finds in itself when it runs.
 */
#pragma once

#include "base/error.h"
#include "mkboot/buffer.h"
#include "mkboot/elf.h"

struct uki_parts {
	const struct arch *arch;
	const char *stub;    /* path of linuxx64.efi.stub */
	const char *kernel;  /* path of vmlinuz */
	const char *release; /* as uname -r has it */
	const char *command_line;
	const struct buffer *initrd;
};

/* Whether @stub, a path, is there and can be one for @arch, which has an efi_suffix. */
int uki_check_stub(const char *stub, const struct arch *arch, struct error *e);

/* Writes @path, of *@ret_size bytes. 0, or an errno with @e filled. */
int uki_make(const struct uki_parts *parts, const char *path, size_t *ret_size, struct error *e);
