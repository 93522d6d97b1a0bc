/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the kernel keep even root from changing it (kernel_lockdown(7))? */
#pragma once

#include "sys/root.h"

enum lockdown {
	LOCKDOWN_UNKNOWN, /* securityfs is not mounted, or the kernel has no lockdown */
	LOCKDOWN_NONE,
	LOCKDOWN_INTEGRITY,	  /* unsigned kernels, config space writes, BARs are refused */
	LOCKDOWN_CONFIDENTIALITY, /* and more, nothing of which kexit needs */
};

enum lockdown lockdown_read(const struct sysroot *root);
const char *lockdown_name(enum lockdown lockdown);
