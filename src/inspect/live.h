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

/*
 * Calls @work with that function: config space read, its registers behind f->read and f->write. What it
 * returns, or a negative errno: -ENODATA in D3cold, or why config space cannot be read. A fault is the
 * caller's, as above.
 */
int function_visit(const struct sys *sys, const char *path,
		   int (*work)(const struct function *f, void *context), void *context);
