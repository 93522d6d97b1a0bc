/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One kexit at a time: the lock beside the record.
 *
 * A POSIX lock (fcntl(2)), since the kernel tells its holder's pid, gives it up with the process
 * whatever kills it, and does not pass it to forked workers: a worker stuck in a remove() for ever
 * must not keep the lock. The price: closing any descriptor of the file gives the lock up, so the
 * file is opened nowhere else.
 */
#pragma once

#include "base/error.h"

/*
 * Takes the lock file "lock" in the folder @dirfd for `kexit @verb`. The caller owns *@ret_fd;
 * closing it gives the lock up. -EBUSY with who has it in @e.
 */
int lock_take(int dirfd, const char *verb, int *ret_fd, struct error *e);
