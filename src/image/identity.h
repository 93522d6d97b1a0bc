/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernel a file is, whatever it is called and wherever it lies. */
#pragma once

#include "image/load.h"

#include <stddef.h>

/*
 * "11763712-8c736521e1d0a7f3": size, and a checksum (FNV-1a, 64 bits) of what @request loads as its
 * kernel. No proof against a forger: it tells one kernel of a machine from another. Needs 34 bytes. 0,
 * or a negative errno with @e.
 */
int image_identity(const struct image_request *request, char *ret_text, size_t size,
		   struct error *e);
