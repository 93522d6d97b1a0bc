/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of loader/entries as GRUB's blscfg reads it, and the commands that it makes of it. */
#pragma once

#include "entry/entry.h"
#include "grub/grub.h"

/* Strings are in the interpreter's arena; NULL: the key is not there. */
struct grub_snippet {
	const char *path, *name; /* the file; its name, and that without ".conf" */
	const char *id;
	const char *title, *version, *kernel, *options, *devicetree;
	struct grub_text initrds; /* all of them, with blanks between */
	const char *first_initrd;
	bool is_unrestricted;
};

/*
 * Reads @ret_snippet->path. As in GRUB the first line of a key counts, but for initrd, and a line that
 * is empty or has no value ends the file. 0 or -ENOMEM.
 */
int grub_snippet_read(struct grub *g, const struct entry_source *source,
		      struct grub_snippet *ret_snippet);

/*
 * The body of its menu entry. What Fedora's blscfg knows beside, $default_kernelopts, $early_initrd
 * and $devicetree, counts where @is_fedoras. NULL: no memory.
 */
const char *grub_snippet_commands(struct grub *g, const struct grub_snippet *snippet,
				  bool is_fedoras);
