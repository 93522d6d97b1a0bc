/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A syslinux configuration while it is read. Inside the two files of this format only. */
#pragma once

#include "entry/entry.h"

#define SYSLINUX_MENUS_MAX 16

/* What is between a LABEL and the next. Strings are in the list's arena. */
struct syslinux_label {
	const char *name; /* NULL: we are before the first */
	const char *path; /* where it is written */
	unsigned int line;
	const char *title;
	const char *kernel;
	const char *not_a_kernel; /* why it is none: "it boots through firmware (LOCALBOOT)" */
	bool may_be_program;	  /* KERNEL, whose file's ending says what it is; not LINUX */
	const char *append, *initrd, *devicetree; /* NULL: not said here */
	bool needs_overlays, is_hidden;
};

struct syslinux {
	const struct entry_source *source;
	struct entry_list *list;
	const char *place;  /* of entry_places[] */
	const char *folder; /* of the main file: where relative paths begin */

	const char *append; /* for all labels that have none of their own */
	const char *default_name, *ontimeout_name, *menu_default_name;
	bool has_menu; /* a user interface, or a prompt */
	int timeout;   /* seconds; ENTRY_TIMEOUT_UNSET */

	const char *menus[SYSLINUX_MENUS_MAX]; /* the submenus we are in */
	size_t menu_count;
	struct syslinux_label label;
	size_t entry_count;
};

/* Makes an entry of the label, if it is one, and forgets it. 0 or -ENOMEM. */
int syslinux_end_label(struct syslinux *s);
