// SPDX-License-Identifier: GPL-2.0-or-later
/* The first things; see system.h. */
#include "boot/system.h"

#include "boot/standard_files.h"
#include "boot/volumes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *type, *target, *options;
	bool is_needed;
} mounts[] = {
	{ "proc", "/proc", NULL, true },
	{ "sysfs", "/sys", NULL, true },
	{ "devtmpfs", "/dev", "mode=0755", true },
	{ "tmpfs", "/run", "mode=0755", true },
	/* Says whether the kernel is locked down; one without security modules has none. */
	{ "securityfs", "/sys/kernel/security", NULL, false },
};

static int mount_all(struct error *e)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].target, 0755);
		if (mount(mounts[i].type, mounts[i].target, mounts[i].type, MS_NOSUID,
			  mounts[i].options) == 0 ||
		    errno == EBUSY || !mounts[i].is_needed)
			continue;
		return error_set(e, -errno, "%s: %s cannot be mounted: %s", mounts[i].target,
				 mounts[i].type, errno_text(errno));
	}
	return 0;
}

static void make_folders(void)
{
	static const char *const folders[] = { "/run/kexit", VOLUMES_DIR, "/run/mdadm",
					       "/run/lock",  "/run/lvm",  "/tmp" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mkdir(folders[i], 0755);
}

/* A mount asks for a character set, md for a personality: the kernel runs its modprobe for these. */
static void serve_modules(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	int fd = open("/proc/sys/kernel/modprobe", O_WRONLY | O_CLOEXEC);

	if (n > 0 && fd >= 0 && write(fd, path, (size_t)n) < 0)
		fprintf(stderr, "kexit-boot: the kernel cannot ask for modules\n");
	if (fd >= 0)
		close(fd);
}

/* What systemd-boot was told to boot by default is there. The kernel may ask for a module first. */
static void mount_variables(void)
{
	mount("efivarfs", "/sys/firmware/efi/efivars", "efivarfs",
	      MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

int system_prepare(struct error *e)
{
	int r = mount_all(e);

	/* Also for what is to be said of a mount that failed. */
	standard_files_open("/dev/console");
	if (r < 0)
		return r;
	make_folders();
	serve_modules();
	mount_variables();
	umask(022);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	/* There is no udev that mdadm and libdevmapper could wait for. */
	setenv("MDADM_NO_UDEV", "1", 1);
	setenv("DM_DISABLE_UDEV", "1", 1);
	/* ^C and Ctrl-Alt-Del are keys of the menu's consoles, not the end of PID 1. */
	reboot(RB_DISABLE_CAD);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static _Noreturn void shell_main(const char *name)
{
	static char shell[] = "/bin/sh", login[] = "-sh";
	char *argv[] = { login, NULL };
	char path[128];
	sigset_t none;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", name);
	setsid();
	fd = open(path, O_RDWR);
	if (fd < 0)
		_exit(126);
	ioctl(fd, TIOCSCTTY, 1);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(shell, argv);
	_exit(127);
}

int system_shell(const char *name)
{
	pid_t pid = fork();

	if (pid == 0)
		shell_main(name);
	return pid < 0 ? -errno : pid;
}
