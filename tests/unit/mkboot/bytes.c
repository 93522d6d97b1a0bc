// SPDX-License-Identifier: GPL-2.0-or-later
/* Short texts; see bytes.h. */
#include "unit/mkboot/bytes.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct buffer bytes(const char *text)
{
	struct buffer b = { 0 };

	assert_int_equal(buffer_add(&b, text, strlen(text)), 0);
	return b;
}

void write_below(const char *top, const char *path, const char *text)
{
	struct buffer contents = bytes(text);
	struct error e = ERROR_NONE;
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", top, path);
	for (char *slash = strchr(full + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	assert_int_equal(buffer_write(&contents, full, &e), 0);
	buffer_done(&contents);
}
