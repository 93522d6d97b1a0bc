/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of "KEY = VALUE", as kboot.conf and yaboot.conf have them (petitboot: discover/parser-conf.c). */
#pragma once

#include "place/lines.h"

/*
 * The next line's key and value, both without quotes and blanks around them. A line without "=" is a
 * value without a key: *@ret_key is "". False at the end.
 */
bool pairs_next(struct lines *lines, char **ret_key, char **ret_value);

/* @text without the quotes and blanks around it; cut in place. */
char *pairs_strip(char *text);
