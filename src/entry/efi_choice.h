/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemd-boot and `bootctl set-default` keep in the firmware's memory. */
#pragma once

#include "entry/entry.h"
#include "sys/root.h"

/*
 * Sets list->last_id and list->chosen_id from the EFI variables LoaderEntryLastBooted and
 * LoaderEntryDefault (systemd.io, "The Boot Loader Interface"), where efivarfs is mounted and has
 * them. 0 or -ENOMEM. Call it before the entries are read.
 */
int efi_choice_read(struct entry_list *list, const struct sysroot *machine);
