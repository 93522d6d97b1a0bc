// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UUIDs and labels as udev keeps them; see udev_names.h.
 *
 * A link in /dev/disk has one target, and where a disk was copied there are two file systems of one
 * name. The database has an entry for each device, from which udev makes the links.
 */
#include "mounted/udev_names.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* udev writes "\\x20" for a blank, and so for all that a file's name should not have; in place. */
static void decode(char *name)
{
	char *to = name;

	for (const char *from = name; *from; from++) {
		char digits[3] = { 0 };

		if (!strncmp(from, "\\x", 2) && isxdigit((unsigned char)from[2]) &&
		    isxdigit((unsigned char)from[3])) {
			memcpy(digits, from + 2, 2);
			*to++ = (char)strtoul(digits, NULL, 16);
			from += 3;
		} else
			*to++ = *from;
	}
	*to = '\0';
}

bool udev_is_same(enum entry_volume kind, const char *a, const char *b)
{
	return !(kind == ENTRY_VOLUME_UUID ? strcasecmp(a, b) : strcmp(a, b));
}

/* Lines of "/run/udev/data/b8:1" are "E:NAME=value", for what is a property of the device. */
char *udev_name(const struct sysroot *machine, enum entry_volume kind, dev_t device)
{
	const char *key = kind == ENTRY_VOLUME_UUID ? "E:ID_FS_UUID_ENC=" : "E:ID_FS_LABEL_ENC=";
	char path[64], *text, *save, *name = NULL;

	snprintf(path, sizeof(path), "/run/udev/data/b%u:%u", major(device), minor(device));
	if (sysroot_read_all(machine, path, &text) < 0)
		return NULL;
	for (char *line = strtok_r(text, "\n", &save); line && !name;
	     line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, key, strlen(key)))
			name = strdup(line + strlen(key));
	free(text);
	if (name)
		decode(name);
	return name;
}

static bool is_called(enum entry_volume kind, const char *link, const char *name)
{
	char text[NAME_MAX + 1];

	snprintf(text, sizeof(text), "%s", link);
	decode(text);
	return udev_is_same(kind, text, name);
}

int udev_find(const struct sysroot *machine, enum entry_volume kind, const char *name,
	      dev_t *ret_device)
{
	DIR *dir = sysroot_opendir(machine, kind == ENTRY_VOLUME_UUID ? "/dev/disk/by-uuid"
								      : "/dev/disk/by-label");
	const struct dirent *item;
	struct stat st;
	int r = -ENOENT;

	while (dir && r && (item = readdir(dir))) {
		if (item->d_name[0] == '.' || !is_called(kind, item->d_name, name) ||
		    fstatat(dirfd(dir), item->d_name, &st, 0))
			continue;
		*ret_device = st.st_rdev;
		r = 0;
	}
	if (dir)
		closedir(dir);
	return r;
}

char *udev_linked_uuid(const struct sysroot *machine, dev_t device)
{
	DIR *dir = sysroot_opendir(machine, "/dev/disk/by-uuid");
	const struct dirent *item;
	char *uuid = NULL;
	struct stat st;

	while (dir && !uuid && (item = readdir(dir)))
		if (item->d_name[0] != '.' && !fstatat(dirfd(dir), item->d_name, &st, 0) &&
		    st.st_rdev == device)
			uuid = strdup(item->d_name);
	if (dir)
		closedir(dir);
	return uuid;
}
