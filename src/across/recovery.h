/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does anything end a hang in the next kernel? */
#pragma once

#include "sys/root.h"

#include <stdbool.h>

/*
 * True where @cmdline (may be NULL) has the next kernel restart after a panic (panic=, not 0), or a
 * watchdog of this machine runs: its hardware does not stop with the kernel.
 */
bool recovery_is_there(const struct sysroot *root, const char *cmdline);
