/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The menu's log: what was found on which disk, what of it cannot be booted, and why. */
#pragma once

#include "boot/unattended.h"
#include "boot/volumes.h"

/* Lines ending in "\n", in a string that the caller frees; NULL: no memory. */
char *found_text(const struct volumes *volumes, const struct unattended *unattended);
