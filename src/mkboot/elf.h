/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program asks its loader for, read from the file: running it, or ldd, which does, is no
 * way for another architecture's.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "mkboot/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* One architecture that images are made for, under Debian's name for it. */
struct arch {
	const char *name;
	unsigned int machine;	  /* ELF e_machine */
	const char *triplet;	  /* of Debian's library folders */
	const char *efi_suffix;	  /* of systemd's stub, "x64"; NULL: no UEFI there */
	unsigned int instruction; /* its size in bytes; 1: they differ */
};

/* "amd64", or NULL for a name that is none of them. */
const struct arch *arch_find(const char *name);

struct needs {
	const struct arch *arch;
	const char *loader;   /* PT_INTERP; NULL: a static program or a library */
	const char *run_path; /* DT_RUNPATH or DT_RPATH; NULL: none */
	const char **libraries;
	size_t count;
};

/*
 * The strings are @arena's. -ENOEXEC: no ELF file (a script); -ENOTSUP: of an architecture that no
 * image is made for; -EBADMSG: damaged.
 */
int elf_needs(const struct buffer *file, struct arena *arena, struct needs *ret_needs);

/*
 * Whether @user could be loaded with the library @stand_in instead of @real: all that it wants from
 * the one is in the other. By names; damaged files have none.
 */
bool elf_is_enough(const struct buffer *user, const struct buffer *real,
		   const struct buffer *stand_in);

/*
 * Debugging information, symbols and section headers taken off a program or a library, which loads
 * as before. Any other file stays as it is.
 */
void elf_trim(struct buffer *file);
