/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A unified kernel image: one EFI program with the kernel, its initramfs and its command line in
 * sections (UAPI Group: Unified Kernel Image), made of systemd's stub by objcopy(1).
 */
#pragma once

#include "base/arena.h"
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

/* Whether @stub, a path, is there and can be one. */
int uki_check_stub(const char *stub, struct error *e);

/* Writes @path. 0, or an errno with @e filled. */
int uki_make(const struct uki_parts *parts, const char *path, struct error *e);
