/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The readers, one a format; entry.h says what they report and return. Called by entry_list_read()
 * alone, in the order of the table in read.c; tests call them one by one.
 */
#pragma once

#include "entry/entry.h"

/* Boot Loader Specification, type 1, and systemd-boot's loader/loader.conf. */
int bls_read(const struct entry_source *source, struct entry_list *list);

/* Boot Loader Specification, type 2: unified kernel images in EFI/Linux. */
int uki_read(const struct entry_source *source, struct entry_list *list);

/* GRUB 2's grub.cfg; doc/grub.md says what of it is understood. */
int grub_read(const struct entry_source *source, struct entry_list *list);

/* Petitboot's own petitboot.conf; and kboot.conf, of the boot loader that it replaced. */
int petitboot_read(const struct entry_source *source, struct entry_list *list);
int kboot_read(const struct entry_source *source, struct entry_list *list);

/* yaboot.conf of PowerPC machines, and lilo.conf and silo.conf, which look the same. */
int yaboot_read(const struct entry_source *source, struct entry_list *list);

/*
 * No format of its own: names the configuration of a boot loader that none of the others reads, on a
 * file system from which no entry came. To be called after them.
 */
int foreign_read(const struct entry_source *source, struct entry_list *list);
