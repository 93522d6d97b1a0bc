/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which file systems come first, and which boot by themselves: kexit.bootdevs=, words with commas
 * between them. Pure.
 *
 *   fixed, usb, cd, card   a class of disks (storage/disk_class.h)
 *   removable              all that is not fixed
 *   any                    the others
 *   UUID=..., LABEL=...    one file system
 */
#pragma once

#include "storage/disk_class.h"

/* What there is where nothing is said: what was plugged in comes after what is part of the machine. */
#define BOOTDEVS_DEFAULT "fixed,any"

struct bootdevs_facts {
	enum disk_class class;
	const char *uuid, *label; /* NULL: not known yet; "": none */
};

/* 0, or -EINVAL where a word is none of these. */
int bootdevs_check(const char *words);

/*
 * The place of a file system: the number of the first word of @words that means it, and where that is
 * not known yet, that may. The number of words where none does: it boots only when a person says so.
 */
unsigned int bootdevs_rank(const char *words, const struct bootdevs_facts *facts);

/* How many words there are: ranks below that boot by themselves. */
unsigned int bootdevs_count(const char *words);
