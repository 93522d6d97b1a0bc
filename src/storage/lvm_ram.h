/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Volumes of LVM whose activation writes, activated by lvm on layers in RAM (overlay.h) over the disks of
 * their groups: superblocks, a resynchronisation, a merge go there.
 */
#pragma once

#include "base/error.h"
#include "storage/lvm.h"
#include "storage/mount.h"
#include "sys/ops.h"

/*
 * Activates those of the @count @volumes, all of one group, that want it: one does at least. All disks of the
 * group must be there. @load: for the modules of a layer. 0; or why not, with @e filled, and no layer is left.
 */
int lvm_activate_in_ram(const struct sys *sys, const struct lvm_volume *volumes, size_t count,
			mount_load_module *load, struct error *e);
