/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where on a file system the files of a boot partition lie: at its root, where it is that partition;
 * or below /boot, /efi or /boot/efi, where these are plain folders of a root file system.
 */
#pragma once

#include "entry/entry.h"

/* "", "/boot", "/efi", "/boot/efi". Ends with NULL. */
extern const char *const entry_places[];

/*
 * @path as the configuration file of the place @place means it: from the root of the file system,
 * or, where it is not there, from the place, as though that were a partition of its own. In the
 * arena; NULL when memory is short. What is in neither is taken from the root.
 */
const char *entry_place_path(struct entry_list *list, const struct fsroot *root, const char *place,
			     const char *path);

/* The same, in @arena. */
const char *entry_place_find(struct arena *arena, const struct fsroot *root, const char *place,
			     const char *path);

/*
 * The regular or other files of the folder @path on @root that end in @suffix (in any case) and do
 * not begin with a dot, sorted by name: *@ret_names is in the arena, *@ret_count at most
 * ENTRY_FILES_MAX, and a problem is recorded where there are more. No such folder: none. 0 or -ENOMEM.
 */
int entry_place_list(struct entry_list *list, const struct entry_source *source, const char *path,
		     const char *suffix, char ***ret_names, size_t *ret_count);
#define ENTRY_FILES_MAX 1000

/*
 * Reads the text file @path of at most @limit bytes into a buffer that the caller frees. What is
 * wrong with it (unreadable, too long, empty, not text) is recorded as a problem and *@ret_text is
 * then NULL. 0 or -ENOMEM.
 */
int entry_place_read(struct entry_list *list, const struct entry_source *source, const char *path,
		     size_t limit, char **ret_text);

/*
 * A file as petitboot's formats name it: "PATH", or "DEVICE:PATH" with DEVICE as "uuid=...",
 * "label=...", "sda1" or "/dev/sda1". What cannot be reached greys the entry. 0 or -ENOMEM.
 */
int entry_place_device_path(struct entry_list *list, const struct entry_source *source,
			    const char *place, struct entry *entry, const char *name,
			    struct entry_file *ret_file);

/* The first of @paths (its end is NULL) that is a file below one of entry_places[], into *@ret_path (in the
 * arena; NULL: none) and *@ret_place. 0 or -ENOMEM. */
int entry_place_first(struct entry_list *list, const struct entry_source *source,
		      const char *const *paths, const char **ret_place, const char **ret_path);
