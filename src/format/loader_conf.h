/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd-boot's own settings, for the entries of the Boot Loader Specification. */
#pragma once

#include "entry/entry.h"

/*
 * Takes default and timeout from @place/loader/loader.conf (loader.conf(5)) into
 * list->settings[ENTRY_BLS], unless another such file was found before that comes first: the one beside
 * EFI programs does. 0 or -ENOMEM.
 */
int loader_conf_read(struct entry_list *list, const struct entry_source *source, const char *place);
