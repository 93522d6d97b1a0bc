// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes as hex digits, and back; see hex.h. */
#include "links/hex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *hex_encode(const void *data, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;
	char *hex = malloc(length * 2 + 1);

	if (!hex)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * length] = '\0';
	return hex;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hex_decode(const char *hex, void *buffer, size_t size)
{
	size_t length = strlen(hex) / 2;
	unsigned char *bytes = buffer;

	if (strlen(hex) % 2 || length > size)
		return -EBADMSG;
	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return (int)length;
}

int hex_message(const char *hex, struct netlink_message *ret)
{
	int length = hex_decode(hex, ret->bytes, sizeof(ret->bytes));

	ret->overflow = false;
	if (length < NLMSG_HDRLEN || ret->header.nlmsg_len < NLMSG_HDRLEN ||
	    ret->header.nlmsg_len > (uint32_t)length)
		return -EBADMSG;
	return 0;
}
