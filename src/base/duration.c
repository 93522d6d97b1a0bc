// SPDX-License-Identifier: GPL-2.0-or-later
/* Times as people write them; see duration.h. */
#include "base/duration.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define HOUR_MS 3600000

int duration_parse(const char *text, unsigned int *ret_ms)
{
	static const struct {
		const char *unit;
		unsigned int ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "min", 60000 } };
	unsigned int number = 0;

	for (; *text >= '0' && *text <= '9'; text++) {
		number = number * 10 + (unsigned int)(*text - '0');
		if (number > HOUR_MS)
			return -EINVAL;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text, units[i].unit) != 0)
			continue;
		if (!number || number > HOUR_MS / units[i].ms)
			return -EINVAL;
		*ret_ms = number * units[i].ms;
		return 0;
	}
	return -EINVAL;
}
