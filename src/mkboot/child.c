// SPDX-License-Identifier: GPL-2.0-or-later
/* Child programs; see child.h. */
#include "mkboot/child.h"

#include <errno.h>
#include <ftw.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int child_folder_new(struct child_folder *ret_folder, struct error *e)
{
	const char *above = getenv("TMPDIR") ?: "/tmp";
	int length = snprintf(ret_folder->path, sizeof(ret_folder->path), "%s/kexit-mkboot.XXXXXX",
			      above);

	if (length >= (int)sizeof(ret_folder->path))
		return error_set(e, -ENAMETOOLONG, "TMPDIR: %s: a shorter path is wanted", above);
	if (!mkdtemp(ret_folder->path))
		return error_set(e, -errno, "%s: no folder can be made in it: %s", above,
				 errno_text(errno));
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void child_folder_done(struct child_folder *folder)
{
	nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int child_run(const char *const argv[], const char *package, struct error *e)
{
	pid_t pid;
	int status, r;

	/* posix_spawn(3) changes no argument; its type is older than const. */
	r = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ);
	if (r)
		return error_set(e, -r, "%s cannot be started: %s: it is in the package %s",
				 argv[0], errno_text(r), package);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(e, -errno, "%s: %s", argv[0], errno_text(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return error_set(e, -EIO, "%s failed", argv[0]);
	return 0;
}
