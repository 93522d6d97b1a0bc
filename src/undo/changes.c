// SPDX-License-Identifier: GPL-2.0-or-later
/* Recorded changes of attributes; see changes.h. */
#include "undo/changes.h"

#include <errno.h>
#include <string.h>

int change_attribute(const struct sys *sys, struct record *record, const char *path,
		     const char *value)
{
	char old[4096];
	json_t *fields;
	ssize_t n = sysroot_read(sys->root, path, old, sizeof(old));

	if (n == -ENOENT || n == -ENODEV)
		return 0;
	if (n < 0)
		return (int)n;
	if (!strcmp(old, value))
		return 0;
	fields = json_pack("{s:s s:s s:s}", "path", path, "old", old, "new", value);
	if (!fields) /* also when the old value is not text, which could not be written back */
		return -EILSEQ;
	record_write(record, "attribute", fields);
	if (record_status(record) < 0)
		return record_status(record);
	return sys_write(sys, path, value);
}
