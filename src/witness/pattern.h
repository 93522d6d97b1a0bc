/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pattern that memory is filled with, and what of it was overwritten. Pure; see canary.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of words of one page that no longer hold the pattern. */
struct changed_run {
	size_t offset; /* bytes from the start of the buffer, a multiple of 8 */
	size_t length; /* bytes, a multiple of 8 */
};

/* Fills @length bytes (a multiple of 8). Each word depends on its place, so that a page copied
 * elsewhere does not pass for an untouched one. */
void pattern_fill(uint64_t *words, size_t length);

/*
 * The next run of changed words at or after @from (bytes), never across a boundary of @page_size.
 * False when there is none.
 */
bool pattern_next_change(const uint64_t *words, size_t length, size_t from, size_t page_size,
			 struct changed_run *ret_run);
