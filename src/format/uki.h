/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unified kernel images: a kernel, its initrd and its command line as sections of one EFI program. */
#pragma once

#include "entry/entry.h"

/*
 * Fills @entry with the sections of the image @path: kernel and initrds as stretches of that file,
 * title, version, sort key and command line where the entry has none yet. @profile: which of its
 * profiles (Unified Kernel Image Specification, "Multi-Profile UKIs"). Its addons are added, also those
 * for all images of the boot partition @place (place.h). What is wrong with the image
 * greys the entry. 0 or -ENOMEM.
 */
int uki_take(struct entry_list *list, const struct entry_source *source, const char *place,
	     struct entry *entry, const char *path, unsigned int profile);

/* True for an EFI program with a kernel in it. */
bool uki_is_one(const struct fsroot *root, const char *path);
