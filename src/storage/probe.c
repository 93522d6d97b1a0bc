// SPDX-License-Identifier: GPL-2.0-or-later
/* Superblocks told apart; see probe.h. */
#include "storage/probe.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void take(blkid_probe probe, const char *name, char *value, size_t size)
{
	const char *found;

	value[0] = '\0';
	/* A value that does not fit is none: half a UUID would name another file system. */
	if (blkid_probe_lookup_value(probe, name, &found, NULL) == 0 && strlen(found) < size)
		strcpy(value, found);
}

/* blkid_do_safeprobe(3): 0 something, 1 nothing, -2 ambivalent, -1 an error with errno set. */
static int look(blkid_probe probe, struct probe_result *ret)
{
	int r;

	blkid_probe_enable_superblocks(probe, true);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID |
							 BLKID_SUBLKS_LABEL);
	errno = 0;
	r = blkid_do_safeprobe(probe);
	if (r == -2)
		return -EBADMSG;
	if (r < 0)
		return errno ? -errno : -EIO;
	take(probe, "TYPE", ret->type, sizeof(ret->type));
	take(probe, "UUID", ret->uuid, sizeof(ret->uuid));
	take(probe, "LABEL", ret->label, sizeof(ret->label));
	return 0;
}

int probe_disk(const char *name, struct probe_result *ret)
{
	struct probe_result result = { .type = "" };
	char path[PATH_MAX];
	blkid_probe probe;
	int r;

	snprintf(path, sizeof(path), "/dev/%s", name);
	for (char *c = path; *c; c++)
		if (*c == '!')
			*c = '/';
	errno = 0;
	probe = blkid_new_probe_from_filename(path);
	if (!probe)
		return errno ? -errno : -ENOMEM;
	r = look(probe, &result);
	blkid_free_probe(probe);
	if (r == 0)
		*ret = result;
	return r;
}
