/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is PID 1 a service manager, whose services would lose their disks and links? */
#pragma once

#include "sys/root.h"

#include <stdbool.h>

struct pid1 {
	const char *name;    /* "systemd" */
	const char *instead; /* "'systemctl kexec' stops ..."; one clause */
};

/*
 * True, and fills *@ret_pid1, when PID 1 is one that is known. A shell with a script, an init of an
 * initramfs and systemd-shutdown have nothing left to protect: false. So is what is not known.
 */
bool pid1_is_manager(const struct sysroot *root, struct pid1 *ret_pid1);
