/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device tree for the next kernel, made of one that a disk has.
 *
 * What lies on a disk is what a board's designer knew. How much memory there is, which of it belongs to
 * firmware, and which addresses the network ports have, firmware writes into the tree as it starts a
 * kernel; a kernel that got the file as it is would find no memory. So that is taken from the tree that
 * this kernel was started with.
 */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct devicetree_blob {
	const char *name; /* of its file, for messages */
	const void *bytes;
	size_t length;
};

struct devicetree_wish {
	struct devicetree_blob base;
	const struct devicetree_blob *overlays; /* applied in this order */
	size_t overlay_count;
	struct devicetree_blob running; /* /sys/firmware/fdt; length 0: there is none */
	/* An overlay that does not fit is left out, as U-Boot does, and told. May be NULL. */
	void (*left_out)(void *context, const char *name, const char *why);
	void *context;
};

/* kexec-tools takes no larger ones (arm64: Documentation/arch/arm64/booting.rst, section 2). */
#define DEVICETREE_BYTES_MAX (2UL << 20)

/* Whether this kexit was built with libfdt: without, a tree is taken as it is, and no overlay applied. */
bool devicetree_is_able(void);

/*
 * What @wish says, as one flattened tree; *@ret_bytes is the caller's. -EBADMSG: a tree is broken;
 * -EINVAL: it cannot be for this machine; -EFBIG; -ENOMEM; -ENOTSUP: not devicetree_is_able().
 */
int devicetree_make(const struct devicetree_wish *wish, char **ret_bytes, size_t *ret_length,
		    struct error *e);
