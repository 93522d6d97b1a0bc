/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot loader itself: what is found, shown, chosen and tried, until one of it jumps. */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

/* Does not return while there is something to wait for; a negative errno with @e where it cannot
 * even begin. */
int boot_run(const struct sys *sys, struct error *e);
