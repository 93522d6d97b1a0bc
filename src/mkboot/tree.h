/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of an initramfs before they are packed: path, kind, contents, and the part of the
 * manifest each is counted under. The same files give the same tree, in whichever order they came.
 */
#pragma once

#include "base/error.h"
#include "mkboot/buffer.h"

#include <stdbool.h>
#include <sys/types.h>

enum part {
	PART_SYSTEM, /* folders, links, settings */
	PART_PROGRAMS,
	PART_LIBRARIES,
	PART_MODULES,
	PART_COUNT,
};

/* "programs". Static storage. */
const char *part_name(enum part part);

struct tree_entry {
	const char *path; /* no leading slash */
	mode_t mode;	  /* with its S_IFMT bits */
	dev_t device;	  /* of a character device */
	enum part part;
	struct buffer contents; /* of a file; of a link, its target */
};

struct tree;

struct tree *tree_new(void); /* NULL: no memory */
void tree_free(struct tree *tree);

/*
 * Each adds one entry, and the folders above it that are missing. A path that is there is left as
 * it is: -EEXIST, which a caller that adds libraries twice may ignore. -ENOMEM.
 * tree_add_file() takes the contents over and leaves *@contents empty, on success only.
 */
int tree_add_folder(struct tree *tree, const char *path);
int tree_add_link(struct tree *tree, const char *path, const char *target);
int tree_add_character_device(struct tree *tree, const char *path, dev_t device);
int tree_add_file(struct tree *tree, enum part part, const char *path, bool is_program,
		  struct buffer *contents);

bool tree_has(const struct tree *tree, const char *path);

/* Sorted by path, so that a folder comes before what is in it. Valid until something is added. */
const struct tree_entry *const *tree_entries(struct tree *tree, size_t *ret_count);
