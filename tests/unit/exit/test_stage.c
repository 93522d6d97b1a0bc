// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The exit environment laid out and taken away again, by the kernel's own mounts: in a mount namespace
 * whose /usr and /run are empty, each test in a process of its own.
 */
#include "exit/stage.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NO_NAMESPACE 77

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "line %d: not true: %s\n", __LINE__, #what);               \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static void put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static bool holds(const char *path, const char *text)
{
	char bytes[64] = "";
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(text) && !strcmp(bytes, text);
}

static bool try_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

/* A user without rights gets them in a namespace of his own, where the kernel lets him. */
static bool enter_namespace(void)
{
	unsigned int uid = getuid();
	char users[32], groups[32];

	snprintf(users, sizeof(users), "0 %u 1", uid);
	snprintf(groups, sizeof(groups), "0 %u 1", getgid());
	if (uid &&
	    (unshare(CLONE_NEWUSER) || !try_map("/proc/self/uid_map", users) ||
	     !try_map("/proc/self/setgroups", "deny") || !try_map("/proc/self/gid_map", groups)))
		return false;
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("usr", "/usr", "tmpfs", 0, "mode=0755") &&
	       !mount("run", "/run", "tmpfs", MS_NOEXEC, "mode=0755");
}

static struct sys sys = { .ops = &sys_ops_live };

static void in_namespace(void (*body)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (!enter_namespace() || sysroot_open(NULL, &sys.root) < 0)
			_exit(NO_NAMESPACE);
		CHECK(!mkdir("/usr/lib", 0755) && !mkdir("/usr/lib/kexit", 0755));
		CHECK(!mkdir("/usr/lib/kexit/policy.d", 0755) && !mkdir(EXIT_FOLDER, 0755));
		put("/usr/lib/kexit/policy.d/50-a.conf", "a rule", 0644);
		put(EXIT_PROGRAM, "the program", 0755);
		body();
		sysroot_close(sys.root);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_NAMESPACE)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int stage(void)
{
	struct error e = ERROR_NONE;

	return exit_stage(&sys, &e);
}

static int unstage(void)
{
	struct error e = ERROR_NONE;

	return exit_unstage(&sys, &e);
}

static void is_there(void)
{
	struct statvfs fs;

	CHECK(!exit_is_staged(sys.root));
	CHECK(stage() == 0);
	CHECK(exit_is_staged(sys.root));
	CHECK(holds(EXIT_FOLDER "/shutdown", "the program"));
	CHECK(holds(EXIT_FOLDER "/kexit", "the program"));
	CHECK(holds(EXIT_FOLDER "/usr/lib/kexit/policy.d/50-a.conf", "a rule"));
	CHECK(!statvfs(EXIT_FOLDER, &fs) && !(fs.f_flag & ST_NOEXEC));
}

static void staged_it_can_be_run_where_run_forbids_programs(void **state)
{
	in_namespace(is_there);
}

static void is_renewed(void)
{
	CHECK(stage() == 0);
	put(EXIT_PROGRAM, "a newer one", 0755);
	CHECK(!unlink("/usr/lib/kexit/policy.d/50-a.conf"));
	CHECK(stage() == 0);
	CHECK(holds(EXIT_FOLDER "/shutdown", "a newer one"));
	CHECK(access(EXIT_FOLDER "/usr/lib/kexit/policy.d/50-a.conf", F_OK));
	/* One mount, not one above the other. */
	CHECK(unstage() == 0);
	CHECK(access(EXIT_FOLDER "/shutdown", F_OK));
}

static void staged_again_it_is_what_is_installed_by_now(void **state)
{
	in_namespace(is_renewed);
}

/* The head of a program with one part of that type. */
static void put_program(const char *path, Elf64_Word type)
{
	const struct {
		Elf64_Ehdr head;
		Elf64_Phdr part;
	} program = {
		.head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64 },
			  .e_phoff = sizeof(Elf64_Ehdr),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 1 },
		.part = { .p_type = type },
	};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	CHECK(fd >= 0 && write(fd, &program, sizeof(program)) == sizeof(program));
	close(fd);
}

#define HOOKS "/etc/kexit/hooks.d"

static void takes_hooks_along(void)
{
	CHECK(!mount("etc", "/etc", "tmpfs", 0, "mode=0755"));
	CHECK(!mkdir("/etc/kexit", 0755) && !mkdir(HOOKS, 0755));
	put(HOOKS "/10-script", "#!/bin/sh\n", 0755);
	put_program(HOOKS "/20-static", PT_LOAD);
	put_program(HOOKS "/30-dynamic", PT_INTERP);
	put_program(HOOKS "/40-switched.off", PT_LOAD);
	CHECK(stage() == 0);
	CHECK(access(EXIT_FOLDER HOOKS "/10-script", F_OK));
	CHECK(!access(EXIT_FOLDER HOOKS "/20-static", X_OK));
	CHECK(access(EXIT_FOLDER HOOKS "/30-dynamic", F_OK));
	CHECK(access(EXIT_FOLDER HOOKS "/40-switched.off", F_OK));
	CHECK(!unlink(HOOKS "/20-static") && stage() == 0);
	CHECK(access(EXIT_FOLDER HOOKS "/20-static", F_OK));
}

static void hooks_that_need_no_other_file_come_along(void **state)
{
	in_namespace(takes_hooks_along);
}

static void is_gone(void)
{
	put(EXIT_FOLDER "/.need_shutdown", "", 0644);
	put(EXIT_FOLDER "/shutdown", "theirs", 0755);
	CHECK(stage() == 0);
	CHECK(holds(EXIT_FOLDER "/shutdown", "the program"));
	CHECK(unstage() == 0);
	CHECK(!exit_is_staged(sys.root));
	CHECK(holds(EXIT_FOLDER "/shutdown", "theirs"));
	CHECK(!access(EXIT_FOLDER "/.need_shutdown", F_OK));
	CHECK(unstage() == 0);
}

static void taken_away_what_lay_below_is_there_again(void **state)
{
	in_namespace(is_gone);
}

static void is_kept(void)
{
	CHECK(!mount("theirs", EXIT_FOLDER, "tmpfs", 0, "mode=0755"));
	CHECK(!mkdir(EXIT_FOLDER "/bin", 0755));
	put(EXIT_FOLDER "/bin/sh", "a shell", 0755);
	put(EXIT_FOLDER "/shutdown", "theirs", 0755);
	CHECK(stage() == 0 && stage() == 0);
	CHECK(holds(EXIT_FOLDER "/shutdown", "the program"));
	CHECK(holds(EXIT_FOLDER "/shutdown.kept", "theirs"));
	CHECK(holds(EXIT_FOLDER "/bin/sh", "a shell"));
	CHECK(unstage() == 0);
	CHECK(!exit_is_staged(sys.root));
	CHECK(holds(EXIT_FOLDER "/shutdown", "theirs"));
	CHECK(holds(EXIT_FOLDER "/bin/sh", "a shell"));
}

static void somebody_elses_is_kept_and_put_back(void **state)
{
	in_namespace(is_kept);
}

static void has_shell(void)
{
	CHECK(stage() == 0);
	CHECK(holds(EXIT_FOLDER "/bin/sh", "the program"));
}

/* Else they lay out theirs over it when the system ends. */
static void dracut_and_mkinitcpio_find_a_shell_in_it(void **state)
{
	in_namespace(has_shell);
}

static void is_not_installed(void)
{
	CHECK(!unlink(EXIT_PROGRAM));
	CHECK(stage() == -ENOENT);
	CHECK(!exit_is_staged(sys.root));
	CHECK(access(EXIT_FOLDER "/bin", F_OK));
}

static void without_the_program_nothing_is_laid_out(void **state)
{
	in_namespace(is_not_installed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(staged_it_can_be_run_where_run_forbids_programs),
		cmocka_unit_test(hooks_that_need_no_other_file_come_along),
		cmocka_unit_test(staged_again_it_is_what_is_installed_by_now),
		cmocka_unit_test(taken_away_what_lay_below_is_there_again),
		cmocka_unit_test(somebody_elses_is_kept_and_put_back),
		cmocka_unit_test(dracut_and_mkinitcpio_find_a_shell_in_it),
		cmocka_unit_test(without_the_program_nothing_is_laid_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
