/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file system mounted so that nothing on its disk changes. */
#pragma once

#include "base/error.h"
#include "storage/kinds.h"
#include "sys/ops.h"

/*
 * Mounts /dev/@name, which holds @type, on the folder @target (made when missing), with @more of the
 * file system's options ("subvolid=5") or NULL. Whoever calls has made the disk read-only, and has
 * loaded the file system's module where the kernel cannot do it by itself. What the kernel answers.
 */
int storage_mount(const struct sys *sys, const char *name, const struct storage_type *type,
		  const char *more, const char *target, struct error *e);
