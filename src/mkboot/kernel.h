/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel that becomes the boot loader: its image and its modules, found in an installed system. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "mkboot/buffer.h"

struct kernel {
	const char *release; /* as uname -r prints it: the name of the modules' folder */
	const char *image;   /* path of vmlinuz */
	const char *modules; /* path of lib/modules/RELEASE */
};

/*
 * The kernel @release below @root ("" for this system). NULL: the only one, or the highest version
 * of several. 0, or an errno with @e filled. Strings are @arena's.
 */
int kernel_find(struct arena *arena, const char *root, const char *release,
		struct kernel *ret_kernel, struct error *e);

/* The kernel @image with the modules in the folder @modules, whose name is its release. */
int kernel_from_files(struct arena *arena, const char *image, const char *modules,
		      struct kernel *ret_kernel, struct error *e);
