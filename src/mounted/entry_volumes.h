/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the file systems of `kexit entries` a boot loader's script means by a name. */
#pragma once

#include "entry/entry.h"

/* For struct entry_source, whose context is a struct entry_roots. */
const char *entry_volumes_uuid(const struct entry_source *source, const struct fsroot *root);
int entry_volumes_find(const struct entry_source *source, enum entry_volume kind, const char *name,
		       const struct fsroot **ret_root);
