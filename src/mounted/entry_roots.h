/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot entries below a root folder, for the verbs that list them and load one. */
#pragma once

#include "base/error.h"
#include "entry/entry.h"
#include "sys/root.h"

#include <sys/types.h>

#define ENTRY_ROOTS_MAX 4

/* Where a file system lies. */
struct entry_place {
	dev_t device;  /* 0: on none */
	bool is_mount; /* the root folder is what is mounted, and not a folder within */
};

struct entry_roots {
	/* The folder itself last; before it what is mounted on its /boot, /efi and /boot/efi. */
	struct fsroot *roots[ENTRY_ROOTS_MAX];
	struct entry_place places[ENTRY_ROOTS_MAX]; /* of each */
	size_t count;
	struct entry_list *list;
	const struct sysroot *machine;
};

/*
 * Reads all entries below @dir (absolute or not), for this machine: @machine tells lockdown and
 * firmware. 0, or a negative errno with @e; entry_roots_done() is right after either.
 */
int entry_roots_read(struct entry_roots *roots, const char *dir, const struct sysroot *machine,
		     struct error *e);
void entry_roots_done(struct entry_roots *roots);

/* The problems that were found, one a line on stderr: "file:line: what". */
void entry_roots_print_problems(const struct entry_roots *roots);

/*
 * The entry that a person means by @name: its id, its number in `kexit entries`, or its title where no
 * other has it (else -EEXIST). -ENOENT with @e, which says how to see them; -EINVAL where it is
 * greyed, with the reason.
 */
int entry_roots_find(const struct entry_roots *roots, const char *name, struct entry **ret_entry,
		     struct error *e);
