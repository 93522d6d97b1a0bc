/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of bytes that anybody may have written can be shown. Names, titles and command lines on a disk
 * are bytes; a terminal takes UTF-8, and obeys what is hidden in it.
 */
#pragma once

#include <stddef.h>

/*
 * How many bytes at @text are one character in UTF-8 (RFC 3629: no overlong form, no surrogate, nothing
 * beyond U+10FFFF); 0: they are none, or the text is at its end.
 */
size_t utf8_length(const char *text);

/* The same, and 0 for what a terminal obeys: control characters of ASCII (a newline, too) and of C1
 * (U+0080 to U+009F). */
size_t utf8_shown_length(const char *text);

/* Makes each byte that is not UTF-8 a "?", in place. */
void utf8_make_valid(char *text);

/*
 * Makes all that is not shown a "?", in place: what it gives can be sent to a terminal. A character of
 * C1 becomes one "?"; the text never grows.
 */
void utf8_make_printable(char *text);
