// SPDX-License-Identifier: GPL-2.0-or-later
/* All formats of one file system, in turn. */
#include "entry/formats.h"

static int (*const readers[])(const struct entry_source *source, struct entry_list *list) = {
	bls_read,	uki_read,   grub_read,	 syslinux_read,
	petitboot_read, kboot_read, yaboot_read, foreign_read,
};

int entry_list_read(struct entry_list *list, const struct entry_source *source)
{
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(readers) / sizeof(readers[0]); i++)
		r = readers[i](source, list);
	return r;
}
