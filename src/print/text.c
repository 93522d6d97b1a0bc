// SPDX-License-Identifier: GPL-2.0-or-later
/* Words in columns; see text.h. */
#include "print/text.h"
#include "base/utf8.h"

#include <string.h>

void text_put_clean(FILE *out, const char *s, size_t length)
{
	size_t start = 0, at = 0;

	while (at < length && s[at]) {
		size_t shown = utf8_shown_length(s + at);

		if (shown) {
			at += shown;
			continue;
		}
		fwrite(s + start, 1, at - start, out);
		putc('?', out);
		at += utf8_length(s + at) ?: 1;
		start = at;
	}
	fwrite(s + start, 1, at - start, out);
}

size_t text_columns(const char *s, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length && s[i]; i++)
		columns += ((unsigned char)s[i] & 0xc0) != 0x80;
	return columns;
}

/* How much of @s goes on a line of @width: to the last blank that fits, or all of one long word. */
static size_t line_length(const char *s, size_t width)
{
	size_t length = strlen(s), fits = 0;

	if (text_columns(s, length) <= width)
		return length;
	for (size_t i = 0; i < length; i++) {
		if (s[i] != ' ')
			continue;
		if (text_columns(s, i) > width)
			return fits ? fits : i;
		fits = i;
	}
	return fits ? fits : length;
}

void text_put_wrapped(FILE *out, const char *s, size_t indent, size_t at)
{
	for (;;) {
		size_t length = line_length(s, TEXT_COLUMNS - indent);

		if (at < indent)
			fprintf(out, "%*s", (int)(indent - at), "");
		text_put_clean(out, s, length);
		putc('\n', out);
		s += length;
		while (*s == ' ')
			s++;
		if (!*s)
			return;
		at = 0;
	}
}
