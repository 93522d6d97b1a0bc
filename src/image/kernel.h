/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file is that was given as a kernel, told from its first bytes. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct kernel_info {
	const char *kind;     /* "x86 bzImage" */
	const char *machine;  /* as uname -m says it; NULL: the file does not tell */
	size_t cmdline_limit; /* bytes of command line it takes, without the NUL */
	uint64_t file_size;   /* the least that the file must have; 0: it does not tell */
};

/* As many bytes of a file as kernel_recognise() looks at. */
#define KERNEL_HEAD_SIZE 4096

/*
 * Looks at the first @length bytes of the file @name. -ENOEXEC when it is not a kernel, with what
 * it looks like in @e; *@ret_info is then untouched. Strings are static.
 */
int kernel_recognise(const char *name, const void *bytes, size_t length,
		     struct kernel_info *ret_info, struct error *e);

/* -ENODATA when the file of @size bytes was cut short: kexec would load it, and die of it. */
int kernel_is_whole(const char *name, const struct kernel_info *info, uint64_t size,
		    struct error *e);

/* 0 when a kernel for @info's machine can be started from one on @machine (uname -m); else
 * -ENOEXEC with the reason. */
int kernel_fits(const char *name, const struct kernel_info *info, const char *machine,
		struct error *e);
