// SPDX-License-Identifier: GPL-2.0-or-later
/* From near to far; see nearness.h. */
#include "offer/nearness.h"

#include <stdbool.h>
#include <string.h>

static unsigned int distance(const struct disk_facts *const disks[], size_t own, size_t other)
{
	if (own == other)
		return 0;
	return strcmp(disks[own]->whole, disks[other]->whole) ? 2 : 1;
}

void nearness_order(const struct disk_facts *const disks[], size_t count, size_t own,
		    size_t *ret_order)
{
	for (unsigned int far = 0; far <= 2; far++)
		for (size_t i = 0; i < count; i++)
			if (distance(disks, own, i) == far)
				*ret_order++ = i;
}
