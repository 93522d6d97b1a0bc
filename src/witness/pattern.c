// SPDX-License-Identifier: GPL-2.0-or-later
/* A pattern by place; see pattern.h. */
#include "witness/pattern.h"

/* An odd constant spreads neighbouring indices over all bits; the xor keeps word 0 from being 0,
 * which is what a device that clears memory would write. */
static uint64_t expected(size_t index)
{
	return (uint64_t)index * 0x9e3779b97f4a7c15 ^ 0x6b65786974637279;
}

void pattern_fill(uint64_t *words, size_t length)
{
	for (size_t i = 0; i < length / sizeof(*words); i++)
		words[i] = expected(i);
}

bool pattern_next_change(const uint64_t *words, size_t length, size_t from, size_t page_size,
			 struct changed_run *ret_run)
{
	size_t count = length / sizeof(*words);
	size_t i = from / sizeof(*words), start, page_end;

	while (i < count && words[i] == expected(i))
		i++;
	if (i >= count)
		return false;
	start = i;
	page_end = (start * sizeof(*words) / page_size + 1) * page_size / sizeof(*words);
	while (i < count && i < page_end && words[i] != expected(i))
		i++;
	ret_run->offset = start * sizeof(*words);
	ret_run->length = (i - start) * sizeof(*words);
	return true;
}
