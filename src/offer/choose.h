/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which entry boots when nobody chooses, and which one after it failed. Pure. */
#pragma once

#include "entry/entry.h"

/* What one file system offers. */
struct choose_source {
	const struct entry_list *list;
	bool may_boot; /* by itself: kexit.bootdevs= names it */
	bool is_fixed; /* part of the machine, and not plugged in */
};

/* At most one of these is there; none: there is nothing to choose yet. */
struct choice {
	const struct entry *entry;	      /* boots by itself */
	const struct choose_source *withheld; /* nothing does: the first default leads away */
	const struct entry *stuck;	      /* nothing does: what is wanted cannot be booted */
};

/*
 * @sources: in the order in which their defaults count. @wanted is kexit.default= ("" or NULL:
 * nothing): a pattern (fnmatch(3)) for an id with or without its file system, or for a title;
 * entries that match and can be booted are taken in order, wherever they are. Without it, the first
 * file system that has a default of its own decides, also where that leads away or cannot be
 * booted (entry_list.withheld).
 */
struct choice choose_default(const struct choose_source *sources, size_t count, const char *wanted);

/*
 * After @failed (an id) another kernel: first of the same file system, from that entry down and
 * around, then of the fixed disks; never the same files under another title, which would fail again, and
 * one for recovery or a single user only where there is no other. Also one with the same kernel and
 * other initrds, if no other kernel is there. NULL: there is none.
 */
const struct entry *choose_next(const struct choose_source *sources, size_t count,
				const char *failed);
