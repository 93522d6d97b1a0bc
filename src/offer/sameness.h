/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Are two entries one and the same to a kernel, or to a person? Pure. */
#pragma once

#include "entry/entry.h"

/* The same kernel: the same stretch of the same file, by whatever path where the file is known. */
bool sameness_of_kernel(const struct entry *a, const struct entry *b);

/* The same kernel, initrds and device tree. */
bool sameness_of_files(const struct entry *a, const struct entry *b);

/* The same words in both command lines, in the same order. */
bool sameness_of_options(const struct entry *a, const struct entry *b);

/*
 * Whether it is for mending a system rather than for using it: by its command line (single,
 * systemd.unit=rescue.target, init=/bin/sh, ...) or by what it is called.
 */
bool sameness_is_recovery(const struct entry *entry);
