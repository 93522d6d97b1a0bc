/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRUB's configuration files while one is read: the interpreter of src/grub runs the script, on what
 * is said here. Inside the files of this format only.
 *
 *   grub.c          which file is the configuration, what is set before, what it says of the default
 *   grub_host.c     what the interpreter asks of us
 *   grub_blscfg.c   its commands that read loader/entries and EFI/Linux
 *   grub_snippet.c  a file of loader/entries -> the body of an item
 *   grub_order.c    how those commands order files
 *   grub_entries.c  menus -> entries
 */
#pragma once

#include "entry/entry.h"
#include "grub/grub.h"

/* A file of loader/entries that blscfg has shown. */
struct grub_shown {
	struct grub_shown *next;
	const struct fsroot *root;
	const char *path;
};

struct grub_reader {
	const struct entry_source *source;
	struct entry_list *list;
	const char *place; /* where its paths are looked for, too: one of entry_places[] */
	struct grub_shown *shown;
};

/* The host of an interpreter that reads for @reader, which is its context. */
struct grub_host grub_reader_host(struct grub_reader *reader);

/* Makes entries of all items of @menu, in submenus too. 0 or -ENOMEM. */
int grub_entries_add(struct grub_reader *reader, const struct grub_menu *menu);

/* The entry that @name, of $fallback or the whole of $default, means in @menu. NULL: none. */
struct entry *grub_entries_find(const struct grub_menu *menu, const char *name);
struct entry *grub_entries_default(const struct grub_menu *menu, const char *name);

int grub_blscfg(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_uki(struct grub *g, const struct grub_node *node, int argc, char **argv);
