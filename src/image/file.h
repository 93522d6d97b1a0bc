/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that is loaded: one that a person named, or one that is open already, or a stretch of it. */
#pragma once

#include "base/error.h"

/*
 * What a boot entry is made of: its files were opened below the root of their file system, and a
 * unified kernel image has several in one. The descriptor stays the caller's.
 */
struct image_part {
	int fd;
	unsigned long long offset, length; /* bytes; length 0: all of the file */
};

/* What is to be read. */
struct file_range {
	int fd; /* O_CLOEXEC; whoever has the range closes it */
	unsigned long long offset, bytes;
};

/*
 * Opens @path for reading, or takes @part (may be NULL), which @path then only names. Only a regular
 * file that has something in it will do; @role ("the kernel", "--initrd") is what it is for, for the
 * message. 0, or a negative errno with @e.
 */
int file_open(const char *path, const struct image_part *part, const char *role,
	      struct file_range *ret_range, struct error *e);

/*
 * The range as a file of its own: its descriptor where it is all of the file, else a copy in memory,
 * since neither the kernel nor kexec-tools takes a stretch of one. Takes over range->fd. *@ret_fd is
 * the caller's. 0, or a negative errno with @e.
 */
int file_whole(const struct file_range *range, const char *path, const char *role, int *ret_fd,
	       struct error *e);

/* Copies the range to the end of @to. 0 or a negative errno. */
int file_copy(int to, const struct file_range *range);
