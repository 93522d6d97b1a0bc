/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which modules a boot loader wants, by what they are for. The kernel's folders say that better than
 * any list of names would for long: a new driver of a new kernel is in the folder of its kind.
 */
#pragma once

#include <stdbool.h>

enum module_class {
	CLASS_STORAGE = 1 << 0,
	CLASS_USB = 1 << 1,
	CLASS_HID = 1 << 2,
	CLASS_FS = 1 << 3,
	CLASS_MD = 1 << 4,
	CLASS_SOC = 1 << 5,
	CLASS_NET = 1 << 6,
	CLASS_SAN = 1 << 7,
	CLASS_MMC = 1 << 8,
};

/*
 * What a disk may need on any machine. CLASS_NET is for what boots over a network, CLASS_SAN over
 * Fibre Channel; CLASS_SOC, which boards without PCI need before their disks, is large and of no use
 * on a PC; CLASS_MMC has the memory cards that OpenPOWER servers, short of flash, do not have.
 */
#define CLASSES_DEFAULT (CLASS_STORAGE | CLASS_USB | CLASS_HID | CLASS_FS | CLASS_MD)

/* "storage,usb", or "none". 0 or -EINVAL; *@ret_classes untouched then. */
int classes_parse(const char *text, unsigned int *ret_classes);

/* "storage"; NULL for anything but one class. */
const char *class_name(unsigned int one);

/*
 * Whether the module at @path is for what a boot loader leaves alone, though a device asks for it: a
 * driver for graphics would blank the console, one for a watchdog might start it, and all are large.
 */
bool classes_has_no_use_for(const char *path);

/* The classes that the module at @path ("kernel/drivers/ata/ahci.ko") belongs to, or 0. */
unsigned int classes_of_module(const char *path);
