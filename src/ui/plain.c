// SPDX-License-Identifier: GPL-2.0-or-later
/* Nothing but printable ASCII; see plain.h. */
#include "ui/plain.h"

#include <stdbool.h>

/* RFC 3629, 3: 10xxxxxx. A text that begins with one is no UTF-8, and loses a '?' by it. */
static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

char plain_byte(unsigned char byte)
{
	if (is_continuation(byte))
		return '\0';
	return byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
}

char *plain_text(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		char c = plain_byte((unsigned char)*from);

		if (c)
			*to++ = c;
	}
	*to = '\0';
	return text;
}
