/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person calls a disk by: is it part of the machine, or was it plugged in. */
#pragma once

#include "sys/root.h"

#include <stdbool.h>

enum disk_class {
	DISK_FIXED, /* part of the machine, as far as the kernel tells */
	DISK_USB,
	DISK_CD,	/* a CD, DVD or Blu-ray drive, also one on USB */
	DISK_CARD,	/* a memory card; eMMC is fixed */
	DISK_REMOVABLE, /* its medium can be taken out otherwise (sysfs: removable) */
	DISK_CLASSES,
};

/* "fixed", "usb", "cd", "card", "removable". Static. */
const char *disk_class_name(enum disk_class class);

/*
 * Of the whole disk @name, from sysfs alone. An array or a volume is what its members are: one of
 * them that is not fixed makes it so, since it goes when that one is pulled out.
 */
enum disk_class disk_class_find(const struct sysroot *root, const char *name);
