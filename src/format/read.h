/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file system offers to boot, in whatever format: the door of this room. */
#pragma once

#include "entry/entry.h"

/* Reads all formats of @source in turn, unless that folder was read into @list before. 0 or -ENOMEM. */
int entry_list_read(struct entry_list *list, const struct entry_source *source);
