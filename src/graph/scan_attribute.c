// SPDX-License-Identifier: GPL-2.0-or-later
/* What every reader of sysfs needs of a link's text and of a number, without reading more. */
#include "graph/scanner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *link_device_path(const char *target)
{
	const char *at = target;

	while (!strncmp(at, "../", 3))
		at += 3;
	return at > target && !strncmp(at, "devices/", 8) ? at - 1 : NULL;
}

unsigned long long attribute_u64(int fd, const char *name, unsigned long long otherwise)
{
	char text[32], *end;
	unsigned long long value;

	if (attribute_read_at(fd, name, text, sizeof(text)) <= 0)
		return otherwise;
	value = strtoull(text, &end, 0);
	return *end ? otherwise : value;
}

int attribute_string(struct graph *graph, int fd, const char *name, const char **ret)
{
	char text[256];

	if (attribute_read_at(fd, name, text, sizeof(text)) <= 0)
		return 0;
	*ret = graph_word(graph, text);
	return *ret ? 0 : -ENOMEM;
}
