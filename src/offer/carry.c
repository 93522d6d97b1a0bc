// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes as characters; see carry.h. */
#include "offer/carry.h"

#include <stdlib.h>
#include <string.h>

static char *encode(char *to, const char *bytes)
{
	for (; *bytes; bytes++) {
		unsigned char c = (unsigned char)*bytes;

		if (c >= 0x80)
			*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
	}
	*to = '\0';
	return to;
}

json_t *carry_texts(const char *first, const char *second)
{
	char *text = malloc(2 * (strlen(first) + strlen(second)) + 1);
	json_t *value = NULL;

	if (text) {
		encode(encode(text, first), second);
		value = json_string(text);
	}
	free(text);
	return value;
}

json_t *carry_text(const char *bytes)
{
	return bytes ? carry_texts(bytes, "") : json_null();
}

char *carry_take(const json_t *value)
{
	const unsigned char *text = (const unsigned char *)json_string_value(value);
	char *bytes = text ? malloc(strlen((const char *)text) + 1) : NULL, *to = bytes;

	for (; bytes && *text; text++) {
		/* Beyond U+00FF nothing was carried: a lead byte of more is none of ours. */
		if (*text >= 0xc4) {
			free(bytes);
			return NULL;
		}
		if (*text >= 0xc0 && text[1]) {
			*to++ = (char)((*text & 3) << 6 | (text[1] & 0x3f));
			text++;
		} else
			*to++ = (char)*text;
	}
	if (bytes)
		*to = '\0';
	return bytes;
}
