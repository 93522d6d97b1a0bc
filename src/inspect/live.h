/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function of this machine, read in this process. */
#pragma once

#include "inspect/inspect.h"

/*
 * Reads the function at the sysfs folder @path. Never fails: what could not be read is in the
 * verdict. In this process: a fault (SIGBUS) would be the caller's, who is a worker, or a child of
 * guard.h's.
 */
void inspect_here(const struct sys *sys, const char *path, struct inspection *ret);
