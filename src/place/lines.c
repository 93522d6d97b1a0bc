// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of a key and a value; see lines.h. */
#include "place/lines.h"

#include <string.h>

#define BLANKS " \t\r\v\f"

struct lines lines_of(char *text)
{
	return (struct lines){ .next = strncmp(text, "\xef\xbb\xbf", 3) ? text : text + 3 };
}

static void trim_end(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(BLANKS, text[length - 1]))
		text[--length] = '\0';
}

bool lines_take(struct lines *lines, char **ret_line)
{
	while (*lines->next) {
		char *line = lines->next + strspn(lines->next, BLANKS);
		size_t length = strcspn(lines->next, "\n");

		lines->next += length;
		if (*lines->next)
			*lines->next++ = '\0';
		lines->number++;
		trim_end(line);
		if (!*line || *line == '#')
			continue;
		*ret_line = line;
		return true;
	}
	return false;
}

bool lines_next(struct lines *lines, char **ret_key, char **ret_value)
{
	if (!lines_take(lines, ret_value))
		return false;
	*ret_key = lines_word(ret_value);
	return true;
}

char *lines_word(char **at)
{
	char *word = *at + strspn(*at, BLANKS);
	size_t length = strcspn(word, BLANKS);

	if (!length)
		return NULL;
	*at = word + length;
	if (**at) {
		*(*at)++ = '\0';
		*at += strspn(*at, BLANKS);
	}
	return word;
}

char *lines_unquote(char *value)
{
	size_t length = strlen(value);

	if (length < 2 || value[0] != '"' || value[length - 1] != '"')
		return value;
	value[length - 1] = '\0';
	return value + 1;
}

bool lines_is_text(const char *text, size_t length)
{
	return strlen(text) == length;
}
