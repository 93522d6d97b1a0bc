// SPDX-License-Identifier: GPL-2.0-or-later
/* All formats of one file system, in turn. */
#include "format/read.h"

#include "format/formats.h"
#include "syslinux/syslinux.h"

#include <errno.h>

static int (*const readers[])(const struct entry_source *source, struct entry_list *list) = {
	bls_read,	uki_read,   grub_read,	 syslinux_read,
	petitboot_read, kboot_read, yaboot_read, foreign_read,
};

/* One file system by two ways: the default subvolume of a btrfs lies in its top, too. */
static bool was_read(const struct entry_list *list, const struct fsroot *root)
{
	for (size_t i = 0; i < list->root_count; i++)
		if (fsroot_is_same(list->roots[i], root))
			return true;
	return false;
}

int entry_list_read(struct entry_list *list, const struct entry_source *source)
{
	int r = 0;

	if (was_read(list, source->root))
		return 0;
	if (arena_grow(list->arena, &list->roots, &list->root_capacity, list->root_count + 1,
		       sizeof(struct fsroot *)))
		return -ENOMEM;
	list->roots[list->root_count++] = source->root;
	for (size_t i = 0; !r && i < sizeof(readers) / sizeof(readers[0]); i++)
		r = readers[i](source, list);
	return r;
}
