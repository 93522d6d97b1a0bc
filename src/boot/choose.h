/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which entry boots when nobody chooses, and which one after it failed. Pure. */
#pragma once

#include "entry/entry.h"

/*
 * @lists: what each file system offers, in the stable order of the disks. @wanted is kexit.default=
 * ("" or NULL: nothing): a pattern (fnmatch(3)) for an id with or without its file system, or for a
 * title; entries that match and can be booted are taken in order. Without it, the first file
 * system that has a default of its own decides, also where that leads away or cannot be booted
 * (entry_list.withheld). NULL: there is nothing to choose, which with @wanted means that it may still
 * appear.
 */
const struct entry *choose_default(const struct entry_list *const lists[], size_t count,
				   const char *wanted);

/*
 * After @failed (an id): the entry below it in the menu that can be booted, beginning again at the
 * top. NULL: there is no other.
 */
const struct entry *choose_next(const struct entry_list *const lists[], size_t count,
				const char *failed);
