// SPDX-License-Identifier: GPL-2.0-or-later
/* The exit environment laid out; see stage.h. */
#include "exit/stage.h"

#include "hooks/hooks.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Twice the program, for the moment in which a new one takes an old one's place, the rules, and the next
 * kernel with its initrd. Only what is written takes memory. */
#define TMPFS_BYTES (1024ull << 20)
#define RULES_MAX   200

static const char *const folders[] = {
	"/bin",	   "/dev",     "/proc",	   "/sys",	     "/run",
	"/tmp",	   "/oldroot", "/etc",	   "/etc/kexit",     "/etc/kexit/policy.d",
	HOOKS_DIR, "/usr",     "/usr/lib", "/usr/lib/kexit", "/usr/lib/kexit/policy.d",
};

/* dracut (dracut-initramfs-restore) and mkinitcpio (mkinitcpio-generate-shutdown-ramfs.service) lay theirs
 * out when the system ends, over whatever is there, unless a shell is in it. No shell is needed. */
#define SHELL	    EXIT_FOLDER "/bin/sh"
#define SHELL_LINKS "../kexit"

static const char *const rules[] = { "/usr/lib/kexit/policy.d", "/etc/kexit/policy.d" };

static int copy_bytes(int from, int to)
{
	for (;;) {
		ssize_t n = sendfile(to, from, NULL, 1 << 20);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
	}
}

/* The file @path of the system as the same path of the environment, whole or not at all. */
static int copy_as(const char *path, const char *as, mode_t mode, struct error *e)
{
	char to[PATH_MAX], draft[PATH_MAX];
	int from = open(path, O_RDONLY | O_CLOEXEC), out, r = 0;

	if (from < 0)
		return error_set(e, -errno, "%s: it cannot be read: %s", path, errno_text(errno));
	if (snprintf(to, sizeof(to), "%s%s", EXIT_FOLDER, as) >= (int)sizeof(to) - 8)
		r = -ENAMETOOLONG;
	snprintf(draft, sizeof(draft), "%.*s.new", (int)sizeof(draft) - 8, to);
	out = r ? -1 : open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (!r)
		r = out < 0 ? -errno : copy_bytes(from, out);
	if (out >= 0 && close(out) && !r)
		r = -errno;
	if (!r && rename(draft, to))
		r = -errno;
	close(from);
	if (r == 0)
		return 0;
	unlink(draft);
	return error_set(e, r, "%s: it cannot be copied to %s: %s", path, to, errno_text(r));
}

static bool is_mount_of_programs(void)
{
	struct statvfs fs;

	return !statvfs(EXIT_FOLDER, &fs) && !(fs.f_flag & ST_NOEXEC);
}

bool exit_is_staged(const struct sysroot *root)
{
	return sysroot_exists(root, EXIT_FOLDER "/kexit") &&
	       sysroot_exists(root, EXIT_FOLDER "/shutdown");
}

/* Somebody else's environment, such as dracut's, is kept beside ours where it can be run at all. */
static int make_place(const struct sys *sys, struct error *e)
{
	bool is_theirs = sysroot_exists(sys->root, EXIT_FOLDER "/shutdown") &&
			 !sysroot_exists(sys->root, EXIT_FOLDER "/kexit");
	int r = 0;

	if (exit_is_staged(sys->root))
		return 0;
	if (is_theirs && is_mount_of_programs()) {
		if (rename(EXIT_FOLDER "/shutdown", EXIT_FOLDER "/shutdown.kept"))
			r = -errno;
	} else {
		r = sys_mount_memory(sys, EXIT_FOLDER, TMPFS_BYTES);
	}
	return r ? error_set(e, r, "%s: no place for the exit environment: %s", EXIT_FOLDER,
			     errno_text(r))
		 : 0;
}

static int make_folders(struct error *e)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", EXIT_FOLDER, folders[i]);
		if (mkdir(path, 0755) && errno != EEXIST)
			return error_set(e, -errno, "%s: the folder cannot be made: %s", path,
					 errno_text(errno));
	}
	return 0;
}

static int make_shell(struct error *e)
{
	if (!symlink(SHELL_LINKS, SHELL) || errno == EEXIST)
		return 0;
	return error_set(e, -errno, SHELL ": the link cannot be made: %s", errno_text(errno));
}

/* Of an environment that is kept the shell is no link to kexit. */
static void drop_shell(void)
{
	char links[sizeof(SHELL_LINKS) + 1];
	ssize_t n = readlink(SHELL, links, sizeof(links));

	if (n == sizeof(SHELL_LINKS) - 1 && !memcmp(links, SHELL_LINKS, (size_t)n))
		unlink(SHELL);
}

static void empty_folder(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

/* The rules in @folder; a rule file that went since the last time goes here, too. */
static int copy_rules(const char *folder, struct error *e)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	size_t count = 0;
	DIR *dir;
	int r = 0;

	snprintf(path, sizeof(path), "%s%s", EXIT_FOLDER, folder);
	empty_folder(path);
	dir = opendir(folder);
	while (dir && r == 0 && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (entry->d_name[0] == '.' || !dot || strcmp(dot, ".conf") != 0 ||
		    count++ >= RULES_MAX)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		r = copy_as(path, path, 0644, e);
	}
	if (dir)
		closedir(dir);
	return r;
}

/* A program that asks for no interpreter: there is none in the environment, and no library. */
static bool runs_alone(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr header;
	bool alone = fd >= 0 && pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
		     !memcmp(header.e_ident, ELFMAG, SELFMAG) &&
		     header.e_ident[EI_CLASS] == ELFCLASS64 &&
		     header.e_phentsize == sizeof(Elf64_Phdr);

	for (unsigned int i = 0; alone && i < header.e_phnum; i++) {
		Elf64_Phdr part;
		off_t at = (off_t)(header.e_phoff + i * sizeof(part));

		alone = pread(fd, &part, sizeof(part), at) == sizeof(part) &&
			part.p_type != PT_INTERP;
	}
	if (fd >= 0)
		close(fd);
	return alone;
}

/* The hooks that can run there; those of the last time that went are taken away. */
static int copy_hooks(const struct sysroot *root, struct error *e)
{
	char path[PATH_MAX];
	char **names;
	int r = hooks_list(root, &names, e);

	if (r < 0)
		return r;
	empty_folder(EXIT_FOLDER HOOKS_DIR);
	for (size_t i = 0; r == 0 && names[i]; i++) {
		snprintf(path, sizeof(path), HOOKS_DIR "/%s", names[i]);
		if (runs_alone(path))
			r = copy_as(path, path, 0755, e);
	}
	free(names);
	return r;
}

int exit_stage(const struct sys *sys, struct error *e)
{
	int r = 0;

	if (access(EXIT_PROGRAM, R_OK))
		return error_set(e, -errno,
				 "%s: the exit environment's program is not installed: %s",
				 EXIT_PROGRAM, errno_text(errno));
	r = make_place(sys, e);
	if (r == 0)
		r = make_folders(e);
	if (r == 0)
		r = make_shell(e);
	for (size_t i = 0; r == 0 && i < sizeof(rules) / sizeof(rules[0]); i++)
		r = copy_rules(rules[i], e);
	if (r == 0)
		r = copy_hooks(sys->root, e);
	if (r == 0)
		r = copy_as(EXIT_PROGRAM, "/kexit", 0755, e);
	/* Last: with this name the service manager finds it. */
	if (r == 0)
		r = copy_as(EXIT_PROGRAM, "/shutdown", 0755, e);
	return r;
}

int exit_unstage(const struct sys *sys, struct error *e)
{
	int r = 0;

	if (!sysroot_exists(sys->root, EXIT_FOLDER "/kexit"))
		return 0;
	if (sysroot_exists(sys->root, EXIT_FOLDER "/shutdown.kept")) {
		drop_shell();
		if (rename(EXIT_FOLDER "/shutdown.kept", EXIT_FOLDER "/shutdown") ||
		    unlink(EXIT_FOLDER "/kexit"))
			r = -errno;
	} else {
		r = sys_unmount(sys, EXIT_FOLDER);
	}
	return r ? error_set(e, r, "%s: the exit environment cannot be taken away: %s", EXIT_FOLDER,
			     errno_text(r))
		 : 0;
}
