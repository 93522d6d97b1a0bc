/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Will the next kernel have the driver of a watchdog, and load it? */
#pragma once

#include "base/error.h"
#include "sys/root.h"

/* 0 where the kernel @release has the module @module (underscores) built in, or as a file that nothing
 * keeps from being loaded; -ENODEV with why not. */
int watchdog_driver_comes(const struct sysroot *root, const char *release, const char *module,
			  struct error *e);
