/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of a machine into HTML. Whatever a device, a driver or a file name says, it stays text. */
#pragma once

#include <stdio.h>

/* @text with what has a meaning in HTML escaped, for content and for quoted attributes; control
 * characters, and those that turn the direction of text, show as U+FFFD. NULL writes nothing. */
void html_text(FILE *out, const char *text);

/* The same with the first @length bytes of @text. */
void html_part(FILE *out, const char *text, size_t length);

/* @text in an element <@tag class="@class">. */
void html_element(FILE *out, const char *tag, const char *class, const char *text);

/* Milliseconds for a person: "0.4 ms", "12 ms", "1.25 s". */
void html_ms(FILE *out, double ms);
