/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a file system was left without being unmounted, and its journal has what its blocks do not. */
#pragma once

#include "storage/kinds.h"
#include "sys/root.h"

enum journal_state {
	JOURNAL_CLEAN,	 /* or there is none */
	JOURNAL_DIRTY,	 /* something is to be replayed */
	JOURNAL_UNKNOWN, /* its kind has no mark for it: the kernel finds out as it mounts */
};

/* Looks at the superblock of /dev/@name, which holds @type; what cannot be read is JOURNAL_CLEAN. */
enum journal_state journal_look(const struct sysroot *root, const char *name,
				const struct storage_type *type);
