/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words in the columns of a terminal.
 *
 * Strings from a machine (mount points, names) are printed without control characters (base/utf8.h): a
 * terminal must not be told what to do by a disk.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#define TEXT_COLUMNS 80

/* The first @length bytes of @s, or all of it. */
void text_put_clean(FILE *out, const char *s, size_t length);

/* Columns of the first @length bytes: a UTF-8 character counts once. */
size_t text_columns(const char *s, size_t length);

/* @s from column @indent on, wrapped, with a newline; the first line is already at column @at. */
void text_put_wrapped(FILE *out, const char *s, size_t indent, size_t at);
