// SPDX-License-Identifier: GPL-2.0-or-later
/* UTF-8, byte by byte; see utf8.h. */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Length and code point of the character at @text; 0: none. */
static size_t decode(const char *text, uint32_t *ret_code)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)*text;
	size_t length = first < 0x80   ? first != 0
			: first < 0xc0 ? 0
			: first < 0xe0 ? 2
			: first < 0xf0 ? 3
				       : 4;
	uint32_t code = length > 1 ? first & (0x7fu >> length) : first;

	if (first >= 0xf8)
		return 0;
	for (size_t i = 1; i < length; i++) {
		/* A NUL is no tail: nothing behind the end is looked at. */
		if (!is_tail((unsigned char)text[i]))
			return 0;
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (length > 1 && (code < lowest[length] || code > 0x10ffff || (code >> 11) == 0x1b))
		return 0;
	*ret_code = code;
	return length;
}

size_t utf8_length(const char *text)
{
	uint32_t code;

	return decode(text, &code);
}

size_t utf8_shown_length(const char *text)
{
	uint32_t code = 0;
	size_t length = decode(text, &code);

	return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : length;
}

void utf8_make_valid(char *text)
{
	while (*text) {
		size_t length = utf8_length(text);

		if (!length)
			*text = '?';
		text += length ?: 1;
	}
}

void utf8_make_printable(char *text)
{
	char *to = text;

	while (*text) {
		size_t shown = utf8_shown_length(text), length = shown ?: utf8_length(text);

		if (shown)
			memmove(to, text, shown);
		else
			*to = '?';
		to += shown ?: 1;
		text += length ?: 1;
	}
	*to = '\0';
}
