/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of an entry as a person edits them: paths with blanks between them, on the file system of
 * its kernel; "(sda1)/path" for one on another, by its folder below where file systems are mounted.
 * A blank or a backslash in a path has a backslash before it.
 */
#pragma once

#include "entry/entry.h"

/* The name of the file system @root: its folder below @mounts, or all of its path elsewhere. */
const char *files_volume(const struct fsroot *root, const char *mounts);

/* @files of @entry as text, cut off at @size bytes with the NUL. @mounts: "/run/kexit/mnt". */
void files_text(const struct entry *entry, const struct entry_file *files, size_t count,
		const char *mounts, char *text, size_t size);

/*
 * Takes the first word off *@text and undoes its backslashes, in place: the path, or NULL at the end.
 * *@ret_volume: the name in brackets, or NULL.
 */
char *files_next(char **text, char **ret_volume);
