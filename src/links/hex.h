/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the kernel as hex digits, as a record keeps them. */
#pragma once

#include "sys/netlink.h"

/* A message as hex digits (the caller frees it; NULL: no memory), and back into @ret: 0, or
 * -EBADMSG when @hex is not one whole message. */
char *hex_encode(const void *data, size_t length);
int hex_message(const char *hex, struct netlink_message *ret);
/* Any bytes: their number, or -EBADMSG when @hex is no hex or longer than @size bytes. */
int hex_decode(const char *hex, void *buffer, size_t size);
