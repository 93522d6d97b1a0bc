/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that a boot image is written to, each in a form that some firmware or boot loader starts. */
#pragma once

#include "base/arena.h"
#include "mkboot/kernel.h"
#include "mkboot/manifest.h"

#include <stdbool.h>

/* What was asked for. NULL: not wanted, or, of what goes in, the system's own. */
struct outputs {
	const char *folder, *uki, *bootkernel, *flash;
	const char *command_line;
	const char *stub, *wrapper;
};

/* What they are made of. */
struct image {
	struct arena *arena;
	const char *root; /* the system, "" for this one */
	const struct arch *arch;
	const struct kernel *kernel;
	const struct buffer *initrd;
	bool is_boot_loader; /* kexit-boot, and no other init: its command line is marked */
};

/* Before the minute that an image takes: whether @outputs can be made for this kernel and system. */
int outputs_check(const struct outputs *outputs, const struct image *image, struct error *e);

/* Writes all of them, and adds each to @manifest. 0, or an errno with @e filled. */
int outputs_write(const struct outputs *outputs, const struct image *image,
		  struct manifest *manifest, struct error *e);
