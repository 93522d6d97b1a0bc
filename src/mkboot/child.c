// SPDX-License-Identifier: GPL-2.0-or-later
/* Child programs; see child.h. */
#include "mkboot/child.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

/* In a process that ^C does not end: waits until the maker has closed its end, or has died. */
static _Noreturn void remove_later(const char *path, int pipe_end)
{
	char byte;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	while (read(pipe_end, &byte, 1) < 0 && errno == EINTR)
		;
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

static int hold(struct child_folder *folder)
{
	int ends[2];

	/* Programs that are started do not inherit it, so that only this process counts. */
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	folder->remover = fork();
	if (folder->remover < 0) {
		int code = -errno;

		close(ends[0]);
		close(ends[1]);
		return code;
	}
	if (!folder->remover) {
		close(ends[1]);
		remove_later(folder->path, ends[0]);
	}
	close(ends[0]);
	folder->held = ends[1];
	return 0;
}

int child_folder_new(struct child_folder *ret_folder, struct error *e)
{
	const char *above = getenv("TMPDIR") ?: "/tmp";
	int r, length = snprintf(ret_folder->path, sizeof(ret_folder->path),
				 "%s/kexit-mkboot.XXXXXX", above);

	if (length >= (int)sizeof(ret_folder->path))
		return error_set(e, -ENAMETOOLONG, "TMPDIR: %s: a shorter path is wanted", above);
	if (!mkdtemp(ret_folder->path))
		return error_set(e, -errno, "%s: no folder can be made in it: %s", above,
				 errno_text(errno));
	r = hold(ret_folder);
	if (r) {
		rmdir(ret_folder->path);
		return error_set(e, r, "no process can be started: %s", errno_text(r));
	}
	return 0;
}

void child_folder_done(struct child_folder *folder)
{
	close(folder->held);
	while (waitpid(folder->remover, NULL, 0) < 0 && errno == EINTR)
		;
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
