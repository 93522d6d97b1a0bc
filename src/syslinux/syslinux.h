/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of extlinux.conf, syslinux.cfg and isolinux.cfg; entry.h says what readers do. */
#pragma once

#include "entry/entry.h"

/* Also of what leads from one such file to another. 0 or -ENOMEM. */
int syslinux_read(const struct entry_source *source, struct entry_list *list);
