/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text files of "KEY VALUE" lines, as loader entries, loader.conf and syslinux write them.
 *
 * The text is cut in place: what a line gives are pointers into it.
 */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct lines {
	char *next;
	unsigned int number; /* of the line that was last taken, from 1 */
};

/* @text ends in a NUL and is written to. A byte order mark at its start is passed over. */
struct lines lines_of(char *text);

/* The next line that is neither empty nor a comment ("#"), without the blanks around it. False at the
 * end. */
bool lines_take(struct lines *lines, char **ret_line);

/*
 * The next line that is neither empty nor a comment ("#"): its first word, and what follows without
 * the blanks around it ("" for nothing). False at the end.
 */
bool lines_next(struct lines *lines, char **ret_key, char **ret_value);

/*
 * @value without a pair of double quotes around it, as systemd-boot reads values
 * (line_get_key_value()); cut in place.
 */
char *lines_unquote(char *value);

/* The next blank-separated word of *@at, cut off it; NULL when there is none. */
char *lines_word(char **at);

/* True where @text, of @length bytes and a NUL, is text: no NUL within. */
bool lines_is_text(const char *text, size_t length);
