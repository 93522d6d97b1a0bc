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

static int open_disk(const char *name, blkid_probe *ret_probe)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/dev/%s", name);
	for (char *c = path; *c; c++)
		if (*c == '!')
			*c = '/';
	errno = 0;
	*ret_probe = blkid_new_probe_from_filename(path);
	if (!*ret_probe)
		return errno ? -errno : -ENOMEM;
	return 0;
}

int probe_disk(const char *name, struct probe_result *ret)
{
	struct probe_result result = { .type = "" };
	blkid_probe probe;
	int r = open_disk(name, &probe);

	if (r < 0)
		return r;
	r = look(probe, &result);
	blkid_free_probe(probe);
	if (r == 0)
		*ret = result;
	return r;
}

/* What the partition table says of the partition /dev/@name. */
static void take_of_entry(const char *name, const char *what, char *value, size_t size)
{
	blkid_probe probe;

	*value = '\0';
	if (open_disk(name, &probe) < 0)
		return;
	blkid_probe_enable_superblocks(probe, false);
	blkid_probe_enable_partitions(probe, true);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
	if (blkid_do_safeprobe(probe) >= 0)
		take(probe, what, value, size);
	blkid_free_probe(probe);
}

void probe_scheme(const char *name, char *ret_scheme, size_t size)
{
	take_of_entry(name, "PART_ENTRY_SCHEME", ret_scheme, size);
}

void probe_part_uuid(const char *name, char *ret_uuid, size_t size)
{
	take_of_entry(name, "PART_ENTRY_UUID", ret_uuid, size);
}
