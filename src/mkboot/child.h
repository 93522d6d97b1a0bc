/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that do a part of the work, each in a temporary folder of its own. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

struct child_folder {
	char path[64];
	/* Who removes it, as soon as nobody has that end of a pipe open any more. */
	pid_t remover;
	int held;
};

/*
 * A new folder below TMPDIR or /tmp; child_folder_done() removes it with all in it, as does the end
 * of this process, however it ends. Of several, the last one is done with first.
 */
int child_folder_new(struct child_folder *ret_folder, struct error *e);
void child_folder_done(struct child_folder *folder);

/*
 * Runs the program argv[0] of PATH and waits. @package: what to install where there is none.
 * -ENOENT: there is none; -EIO: it failed, and has said why on stderr.
 */
int child_run(const char *const argv[], const char *package, struct error *e);
