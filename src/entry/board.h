/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which board a machine is, by the root node of its device tree, and which one a tree is for. */
#pragma once

#include "entry/entry.h"
#include "sys/root.h"

/* Devicetree Specification 0.4, 2.3.1 and 2.3.2. */
struct entry_board {
	const char *compatible; /* strings, each with a NUL, the most specific first */
	size_t compatible_length;
	const char *model; /* ""; where nothing says it */
};

/*
 * Sets list->board to what the tree of the running kernel says, where it has one. 0 or -ENOMEM. Call
 * it before the entries are read.
 */
int entry_board_read(struct entry_list *list, const struct sysroot *machine);

/*
 * Whether the flattened tree in the file @fd has all of @board's `compatible`, and nothing else in it.
 * No more is read than its root node. *@ret_is_model: it has the same `model`, too.
 */
bool entry_board_fits(const struct entry_board *board, int fd, bool *ret_is_model);
