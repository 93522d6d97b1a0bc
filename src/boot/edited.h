/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of an entry as a person edited them (ui/files.h), made files again. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "entry/entry.h"

/* Opens the folder @name below where file systems are mounted; as fsroot_open(). */
typedef int edited_open(const char *name, struct fsroot **ret_root);

/*
 * Puts what @kernel and @initrds say into @entry; NULL: as it was. A word that says what it said at
 * first keeps its file, which may be a section of a unified image. The new arrays are in @arena;
 * roots that were opened are never closed: for a child. 0, or a negative errno with @e filled.
 */
int edited_apply(struct entry *entry, const char *kernel, const char *initrds, const char *mounts,
		 edited_open *open, struct arena *arena, struct error *e);
