/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels that are EFI programs at the same time. */
#pragma once

#include "sys/fsroot.h"

/*
 * True where @path on @root is a kernel of Linux with an EFI stub: by the magic number of x86 ("HdrS",
 * Documentation/arch/x86/boot.rst), of arm64 and RISC-V (their booting.rst and boot-image-header.rst),
 * of LoongArch, or of a compressed EFI image ("zimg", drivers/firmware/efi/libstub/zboot-header.S).
 */
bool linux_image_is_one(const struct fsroot *root, const char *path);
