/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block devices that are there, and which of them can hold something to boot. */
#pragma once

#include "storage/disk_class.h"
#include "sys/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DISK_NAME_SIZE	64 /* the kernel's DISK_NAME_LEN is 32; a partition's number comes behind */

/* What the disks that overlay.h makes are known by: the device mapper's UUIDs begin so, and the memory
 * behind a loop device is called so. They are no disks of the machine. */
#define DISK_OWN_UUID	"KEXIT-"
#define DISK_OWN_MEMORY "kexit-overlay"

/* One block device, told from sysfs alone: nothing is read from it. */
struct disk_facts {
	char name[DISK_NAME_SIZE];  /* "nvme0n1p2", as in /sys/class/block */
	char whole[DISK_NAME_SIZE]; /* the disk it is a partition of; else its own name */
	unsigned int partition;	    /* its number there; 0: it is all of the disk */
	unsigned long long sectors; /* of 512 bytes, whatever the disk's own are */
	bool has_partitions;	    /* the kernel found a partition table on it */
	bool is_held;		    /* dm, md, loop or another of the machine's sits on it */
	enum disk_class class;	    /* of the whole disk */
	/* Counts the disks and media that this kernel has seen, so that another one of the same name has
	 * another number (Linux 5.15: diskseq); 0: not told. */
	unsigned long long sequence;
};

/*
 * Looks at /sys/class/block/@name. -ENOENT: it is not there. -ENXIO: nothing to boot can be on it,
 * as it is empty, a RAM disk, a floppy, an NVMe path whose disk has a name of its own, or our own.
 */
int disk_look(const struct sysroot *root, const char *name, struct disk_facts *ret);

/* Whether @then, as disk_look() told it, is still what @disk->name means: false where that is gone, or
 * another disk has its name by now. */
bool disk_is_same(const struct sysroot *root, const struct disk_facts *then);

/* disk_look() for the device number @device. */
int disk_find(const struct sysroot *root, dev_t device, struct disk_facts *ret);

/* Whether /sys/class/block/@name is a part of a layer that overlay.h made. */
bool disk_is_own(const struct sysroot *root, const char *name);

/* The name that the device mapper has for the block device @name ("vg-root"): 0, or a negative errno
 * where it has none. */
int disk_mapped_name(const struct sysroot *root, const char *name, char *ret_mapped, size_t size);

/* The name of the block device (of DISK_NAME_SIZE) that the device mapper calls @mapped; -ENODEV. */
int disk_find_mapped(const struct sysroot *root, const char *mapped, char *ret_name);

/*
 * The names of all block devices in an array, itself one allocation that the caller frees; sorted so
 * that a number counts as one ("sda2" before "sda10"). 0 or a negative errno.
 */
int disk_list(const struct sysroot *root, char (**ret_names)[DISK_NAME_SIZE], size_t *ret_count);

/* As strverscmp(3): the stable order of disks in the menu. */
int disk_compare(const char *a, const char *b);
