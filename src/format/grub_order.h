/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The orders of file names in loader/entries, of the GRUBs that read that folder. */
#pragma once

/*
 * Of Fedora's blscfg: name, version and release, parted at the last two "-", each as rpm compares them
 * (commands/blscfg.c, bls_cmp()). Below, equal to or above 0.
 */
int grub_order_packages(const char *a, const char *b);

/* Of GRUB 2.14's blscfg and uki: gnulib's filevercmp(), which is Debian's order but for suffixes. */
int grub_order_files(const char *a, const char *b);
