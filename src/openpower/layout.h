/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the wrapper and kexit-mkboot, which fills it, agree on.
 *
 * skiboot reads BOOTKERNEL to 0x20000000 (KERNEL_LOAD_BASE, 128 MiB), lies itself at 0x30000000, and
 * enters the ELF file in place, in real mode, whatever its program headers say. Linux runs from
 * where it is entered, and copies itself to 0. Between there is room:
 */
#pragma once

#define WRAPPER_BASE	   0x10000000 /* where the wrapper copies itself to, and is linked for */
#define WRAPPER_HEAP	   0x11000000
#define WRAPPER_HEAP_END   0x17000000
#define WRAPPER_KERNEL	   0x18000000 /* where the kernel is unpacked to */
#define WRAPPER_KERNEL_END 0x20000000

/* The parts behind the wrapper, as offsets from its first byte. Little-endian. */
#define WRAPPER_TABLE	   64
#define WRAPPER_MAGIC	   "kexit wrapper 2"

#ifndef __ASSEMBLER__
#include <stdint.h>

struct wrapper_table {
	char magic[16];
	uint64_t image_size;		       /* of the wrapper itself */
	uint64_t kernel_offset, kernel_size;   /* xz: its segment, see branches.h */
	uint64_t kernel_entry;		       /* offset into it once unpacked */
	uint64_t initrd_offset, initrd_size;   /* handed to the kernel where it lies */
	uint64_t command_offset, command_size; /* with its NUL; 0: none */
};
#endif
