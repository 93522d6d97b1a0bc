/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logical volumes as lvm(8) reports them, and the device mapper's tables that show them.
 *
 * lvm itself does not activate anything here: for a RAID it would write superblocks and start a
 * resynchronisation, for a scheduled merge the merge, for a thin pool a new superblock, and read-only
 * disks do not stop the kernel's own writes (Linux: block/blk-core.c, bio_check_ro() warns).
 * What only maps sectors, a linear or a striped volume, needs none of that.
 */
#pragma once

#include "base/arena.h"
#include "sys/root.h"

#include <stdbool.h>
#include <stddef.h>

/* Columns of lvs and pvs, and the marks that tell a row from a warning: see lvm.c. */
#define LVM_PVS_COLUMNS "pv_name,vg_name,pe_start,vg_extent_size"
#define LVM_LVS_COLUMNS                                                                            \
	"vg_name,vg_uuid,lv_name,lv_uuid,lv_attr,segtype,stripe_size,seg_start,seg_size,devices"

struct lvm_volume {
	const char *group;
	const char *title;  /* "vg/root", for messages */
	const char *name;   /* the device mapper's: "vg-root" */
	const char *uuid;   /* the device mapper's */
	const char *table;  /* as sys_dm_create() takes it; NULL: it cannot be shown */
	const char *reason; /* then: why not, one clause for a person; NULL: it is there already */
	bool wants_ram;	    /* then: it could be activated where a write does no harm: lvm_ram.h */
	const char **disks; /* then: those of its group that are there, "sda2" */
	size_t disk_count;
};

/*
 * The volumes of the report @lvs (`lvs --segments`, sorted by volume and start) on the physical volumes
 * of @pvs, each of which is a line of NAME=VALUE with '|' between them (--nameprefixes --unquoted) and
 * sizes in sectors. Device numbers are looked up below @root. What lvm would not activate by itself
 * (skip_activation) is left out. All is @arena's. -ENOMEM; -EBADMSG: a row lacks a column.
 */
int lvm_volumes(const struct sysroot *root, struct arena *arena, const char *pvs, const char *lvs,
		struct lvm_volume **ret_volumes, size_t *ret_count);
