/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRUB's names of block devices (GRUB manual, "How to specify devices"), for whoever resolves them.
 *
 * GRUB numbers disks as the firmware does, and only firmware knows its numbers. What can be told is
 * the disk that the script itself is on, which is hd0 wherever a script says so without a search, and
 * its partitions. A guess at any other number could boot the wrong system.
 */
#pragma once

/* What is known of the block device below a file system. */
struct device_facts {
	const char *disk; /* "sda", the same for all of its partitions; NULL: nothing is known */
	unsigned int partition; /* its number; 0: all of the disk */
	const char *scheme;	/* of its partition table, "gpt" or "msdos"; NULL: not known */
	const char *mapped;	/* the device mapper's name, "vg-root"; NULL: none */
};

/*
 * Does @name ("hd0,gpt2", "lvm/vg-root", without brackets), in a script on @own, mean @other? 1: yes.
 * 0: no. -ENXIO: nobody but GRUB could tell of which file system it is.
 */
int device_name_fits(const char *name, const struct device_facts *own,
		     const struct device_facts *other);
