/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one file system offers to boot, carried from the process that read it to the one that shows it.
 *
 * The main loop never touches a disk: a child reads the entries, and its struct entry_list travels
 * as JSON. Roots arrive as names (fsroot_name()): nothing is held open, so that all can be unmounted.
 */
#pragma once

#include "entry/entry.h"

#include <jansson.h>

struct offer {
	/* Settled. Its roots cannot be read through; the length of a file is that of all of it where it
	 * was said to be 0, since here nobody can ask any more. */
	struct entry_list *list;
	const char
		*system; /* what the file system holds: "Debian GNU/Linux 12 (bookworm)", or "" */
	/* An entry names another file system that was not there: worth reading again later. */
	bool misses_volume;
	struct fsroot **roots;
	size_t root_count, root_capacity;
};

/* What is asked of each file where it can be read. */
struct offer_file {
	uint64_t size, device, inode;
};

/* 0 or a negative errno. */
typedef int (*offer_ask)(const struct entry_file *file, struct offer_file *ret);

/*
 * The settled @list of the file system @volume ("nvme0n1p2"), which is put in front of each id so
 * that ids are unique among all file systems. NULL when memory is short. The caller owns it.
 */
json_t *offer_encode(const struct entry_list *list, const char *volume, const char *system,
		     bool misses_volume, offer_ask ask);

/* The other way round. NULL: it is no such answer, or memory is short. */
struct offer *offer_decode(const char *text, size_t length);
void offer_free(struct offer *offer);
