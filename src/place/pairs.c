// SPDX-License-Identifier: GPL-2.0-or-later
/* Pairs of a key and a value; see pairs.h. */
#include "place/pairs.h"

#include <string.h>

#define AROUND " \t\r\v\f\n\"'"

char *pairs_strip(char *text)
{
	size_t length;

	text += strspn(text, AROUND);
	for (length = strlen(text); length && strchr(AROUND, text[length - 1]); length--)
		text[length - 1] = '\0';
	return text;
}

bool pairs_next(struct lines *lines, char **ret_key, char **ret_value)
{
	char *line, *equals;

	if (!lines_take(lines, &line))
		return false;
	line = pairs_strip(line);
	equals = strchr(line, '=');
	*ret_key = line + strlen(line);
	*ret_value = line;
	if (equals) {
		*equals = '\0';
		*ret_key = pairs_strip(line);
		*ret_value = pairs_strip(equals + 1);
	}
	return true;
}
