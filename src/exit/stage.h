/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exit environment laid out in RAM, so that it is there when the root file system is not: the
 * program, static, as /run/initramfs/shutdown, and the rules. systemd-shutdown(8) starts that at the end
 * of every kexec, reboot and power-off.
 */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

#define EXIT_FOLDER  "/run/initramfs"

/* The program: kexit, linked with its libraries. */
#define EXIT_PROGRAM "/usr/lib/kexit/kexit-static"

/*
 * Lays it out, on a tmpfs of its own unless there is an environment of somebody else's that can be
 * run: that is kept and called for all that is no kexec. Again: with what is installed by now.
 * -ENOENT: the program is not installed. -ENOSPC: no room. The old one stays when it fails.
 */
int exit_stage(const struct sys *sys, struct error *e);

/* Takes it away, and puts back what it had kept. Nothing staged is success. */
int exit_unstage(const struct sys *sys, struct error *e);

/* True where the service manager will find ours. */
bool exit_is_staged(const struct sysroot *root);
