/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that may fault or hang, done in a child process, one item after the other.
 *
 * A read of a register of a function that just went away may raise SIGBUS, or never return. The
 * item that did it is named unreadable, and a new child goes on with the next.
 */
#pragma once

#include "inspect/inspect.h"

/*
 * Calls @work for items 0 to @count - 1 in a child; each fills its element of @ret, which must hold
 * no pointer but to what the program had before: fork keeps those valid on both sides. An item that
 * takes longer than @limit_ms is given up. 0, or a negative errno when no child can be made.
 */
int guard_run(size_t count, void (*work)(void *context, size_t item, struct inspection *ret),
	      void *context, unsigned int limit_ms, struct inspection ret[]);

/*
 * inspect_here() for @count functions in a child process that survives a fault: the function that
 * faulted is unreadable, a new child goes on with the next. 0, or -errno when no child can be made.
 */
int inspect_many(const struct sys *sys, const char *const paths[], size_t count,
		 struct inspection *ret);
