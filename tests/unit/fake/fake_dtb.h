/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flattened device trees of a root node and no more, as their headers have them. */
#pragma once

#include <stddef.h>

/*
 * A tree whose root node has a property for each of @names, with @values of @lengths bytes, and then a
 * child. Returns what the caller frees, and its size.
 */
unsigned char *fake_dtb(const char *const names[], const char *const values[],
			const size_t lengths[], size_t count, size_t *ret_size);

/* The usual one; @compatible has a NUL behind each of its strings but the last. */
#define FAKE_DTB(compatible, model, ret_size)                                                      \
	fake_dtb((const char *const[]){ "#address-cells", "model", "compatible" },                 \
		 (const char *const[]){ "\0\0\0\2", model, compatible },                           \
		 (const size_t[]){ 4, sizeof(model), sizeof(compatible) }, 3, ret_size)
