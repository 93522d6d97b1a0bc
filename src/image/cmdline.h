/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The next kernel's command line. */
#pragma once

#include "base/error.h"
#include "sys/root.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes a command line of this kernel's (@reuse) and of @append (may be NULL). BOOT_IMAGE= is left
 * out, since it names what the boot loader had started; crashkernel= and all else stays. @append
 * comes last, where it wins, but before a "--", whose rest is for init. *@ret_cmdline is the
 * caller's. -EINVAL for a line break in @append, -ENOMEM, or why /proc/cmdline cannot be read.
 */
int cmdline_make(const struct sysroot *root, bool reuse, const char *append, char **ret_cmdline,
		 struct error *e);

/* -E2BIG when @cmdline is longer than @limit bytes, which @kind of image takes. */
int cmdline_check(const char *cmdline, size_t limit, const char *kind, struct error *e);
