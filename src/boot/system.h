/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What PID 1 of an initramfs does before anything else can run. */
#pragma once

#include "base/error.h"

/* Mounts /proc, /sys, /dev and /run, makes the folders that programs expect, and has the kernel ask
 * this program for modules. Already mounted is fine. */
int system_prepare(struct error *e);

/* A rescue shell on the console @name ("ttyS0"), a child of this process: its pid or a negative errno. */
int system_shell(const char *name);
