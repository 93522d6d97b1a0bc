// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's names of block devices; see device_name.h. */
#include "entry/device_name.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/*
 * "gpt2", "msdos1", or "2" as GRUB's own manual still has it. What lies within a partition ("msdos1,
 * bsd1") Linux numbers otherwise.
 */
static int partition_fits(const char *text, const struct device_facts *facts)
{
	size_t length = strcspn(text, "0123456789");
	unsigned long number;
	char *end;

	number = strtoul(text + length, &end, 10);
	if (end == text + length || *end)
		return -ENXIO;
	if (length && facts->scheme &&
	    (strlen(facts->scheme) != length || strncmp(facts->scheme, text, length) != 0))
		return 0;
	return number && number == facts->partition;
}

/* The disk that firmware started GRUB from; a CD has no other number either. */
static bool is_first(const char *name, size_t length)
{
	static const char *const names[] = { "hd0", "cd", "cd0" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == length && !strncmp(name, names[i], length))
			return true;
	return false;
}

/* Of what lies on a stack of disks nobody can say which of them is "its" disk. */
static bool is_on_a_disk(const struct device_facts *facts)
{
	bool is_array = !strncmp(facts->disk, "md", 2) && isdigit((unsigned char)facts->disk[2]);

	return !facts->mapped && !is_array;
}

/* "md/0" is md0; other names of arrays are in their superblocks only. */
static int array_fits(const char *name, const struct device_facts *other)
{
	if (!isdigit((unsigned char)*name))
		return -ENXIO;
	return !strncmp(other->disk, "md", 2) && !strcmp(other->disk + 2, name);
}

int device_name_fits(const char *name, const struct device_facts *own,
		     const struct device_facts *other)
{
	size_t length = strcspn(name, ",");

	/* A folder with a copy of a system: its disks are not here, and all it means is itself. */
	if (!own->disk || !other->disk)
		return own == other;
	if (!strncmp(name, "lvm/", 4))
		return is_same(other->mapped, name + 4);
	if (!strncmp(name, "md/", 3))
		return array_fits(name + 3, other);
	if (!is_first(name, length) || !is_on_a_disk(own))
		return -ENXIO;
	if (!is_same(own->disk, other->disk))
		return 0;
	return name[length] ? partition_fits(name + length + 1, other) : !other->partition;
}
