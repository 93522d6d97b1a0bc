// SPDX-License-Identifier: GPL-2.0-or-later
/* Text into HTML; see html.h. */
#include "page/html.h"

#include <string.h>

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

/* Bytes of a character at @s that is not to reach a browser: C0, DEL, C1, and what turns text around
 * (U+202A to U+202E, U+2066 to U+2069). 0: a good one. */
static size_t bad_length(const unsigned char *s)
{
	if (s[0] < 0x20 || s[0] == 0x7f)
		return s[0] == '\n' || s[0] == '\t' ? 0 : 1;
	if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0)
		return 2;
	if (s[0] != 0xe2)
		return 0;
	return (s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae) ||
			       (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)
		       ? 3
		       : 0;
}

void html_part(FILE *out, const char *text, size_t length)
{
	for (const char *end = text + length; text < end; text++) {
		size_t bad = bad_length((const unsigned char *)text);

		if (bad) {
			fputs("\xef\xbf\xbd", out);
			text += bad - 1;
		} else if (entity(*text)) {
			fputs(entity(*text), out);
		} else {
			putc(*text, out);
		}
	}
}

void html_text(FILE *out, const char *text)
{
	if (text)
		html_part(out, text, strlen(text));
}

void html_element(FILE *out, const char *tag, const char *class, const char *text)
{
	fprintf(out, "<%s class=\"%s\">", tag, class);
	html_text(out, text);
	fprintf(out, "</%s>", tag);
}

void html_ms(FILE *out, double ms)
{
	if (ms < 10)
		fprintf(out, "%.1f&nbsp;ms", ms);
	else if (ms < 1000)
		fprintf(out, "%.0f&nbsp;ms", ms);
	else
		fprintf(out, "%.2f&nbsp;s", ms / 1e3);
}
