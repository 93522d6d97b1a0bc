/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes through JSON, which knows UTF-8 only: between the processes of kexit-boot each byte travels as
 * the character of its number (U+0001 to U+00FF), so that what is on a disk arrives as it is there.
 */
#pragma once

#include <jansson.h>

/* JSON null for NULL; NULL when memory is short. */
json_t *carry_text(const char *bytes);

/* The same for @first and @second, one behind the other. */
json_t *carry_texts(const char *first, const char *second);

/* The bytes again, which the caller frees. NULL: @value is no such string, or memory is short. */
char *carry_take(const json_t *value);
