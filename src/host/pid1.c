// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which program PID 1 is. Asked because taking devices from under running services loses data, and
 * because who has a service manager should be told its own way of ending services first.
 */
#include "host/pid1.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/*
 * The program is what decides, not /run/systemd/system: that folder is still there when PID 1 has
 * become systemd-shutdown, where handing over is right.
 */
struct manager {
	const char *exe;    /* last part of /proc/1/exe, or the whole of it with a slash */
	const char *applet; /* for busybox: what it was called as; NULL: any */
	const char *name;
	const char *instead;
};

#define STOPS_FIRST "stops the services and jumps into the loaded image the stock way"

static const struct manager managers[] = {
	{ "systemd", NULL, "systemd",
	  "'kexit reboot' stops the services first, and hands over when they are gone" },
	{ "openrc-init", NULL, "OpenRC", "'openrc-shutdown --kexec now' " STOPS_FIRST },
	{ "shepherd", NULL, "the Shepherd", "'reboot --kexec' " STOPS_FIRST },
	{ "guile", "shepherd", "the Shepherd", "'reboot --kexec' " STOPS_FIRST },
	/* Not "/init", which is an initramfs's own. */
	{ "/sbin/init", NULL, "init",
	  "'reboot' stops the services, and with kexec-tools' init script jumps into the loaded "
	  "image" },
	{ "/usr/sbin/init", NULL, "init",
	  "'reboot' stops the services, and with kexec-tools' init script jumps into the loaded "
	  "image" },
	{ "busybox", "init", "busybox init",
	  "stop its services and run kexit from an inittab line ::restart:" },
	{ "busybox", "linuxrc", "busybox init",
	  "stop its services and run kexit from an inittab line ::restart:" },
	{ "procd", NULL, "procd", "stop the services with their /etc/init.d scripts first" },
	{ "runit", NULL, "runit", "stop the services with 'sv' first" },
	{ "runit-init", NULL, "runit", "stop the services with 'sv' first" },
	{ "s6-svscan", NULL, "s6", "stop the services with 's6-rc -da change' first" },
	{ "dinit", NULL, "dinit", "stop the services with 'dinitctl stop' first" },
	{ "finit", NULL, "finit", "stop the services with 'initctl' first" },
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The program's file; an upgrade leaves " (deleted)" behind the name. */
static bool read_exe(const struct sysroot *root, char *exe, size_t size)
{
	char *deleted;

	if (sysroot_readlink(root, "/proc/1/exe", exe, size) < 0)
		return false;
	deleted = strstr(exe, " (deleted)");
	if (deleted)
		*deleted = '\0';
	return true;
}

/* The next string of @length bytes of strings that end in NUL, or NULL. */
static const char *next_argument(const char *cmdline, size_t length, const char *argument)
{
	const char *next = argument + strlen(argument) + 1;

	return next < cmdline + length ? next : NULL;
}

/* What a program that is many was called as: "init", "sh", or the script of an interpreter. */
static void read_applet(const struct sysroot *root, const char *exe, char *applet, size_t size)
{
	ssize_t length = sysroot_read(root, "/proc/1/cmdline", applet, size);
	const char *argument = applet;

	if (length < 0) {
		applet[0] = '\0';
		return;
	}
	if (!strcmp(last_part(argument), last_part(exe)))
		do
			argument = next_argument(applet, (size_t)length, argument);
		while (argument && *argument == '-');
	argument = last_part(argument ?: "");
	memmove(applet, argument, strlen(argument) + 1);
}

static bool manager_matches(const struct manager *m, const char *exe, const char *applet)
{
	const char *program = m->exe[0] == '/' ? exe : last_part(exe);

	return !strcmp(m->exe, program) && (!m->applet || !strcmp(m->applet, applet));
}

bool pid1_is_manager(const struct sysroot *root, struct pid1 *ret_pid1)
{
	char exe[PATH_MAX], applet[1024];

	/* Without CAP_SYS_PTRACE the link cannot be read; systemd then shows by its folder. */
	if (!read_exe(root, exe, sizeof(exe))) {
		if (!sysroot_exists(root, "/run/systemd/system"))
			return false;
		strcpy(exe, "systemd");
	}
	read_applet(root, exe, applet, sizeof(applet));
	for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++) {
		if (!manager_matches(&managers[i], exe, applet))
			continue;
		ret_pid1->name = managers[i].name;
		ret_pid1->instead = managers[i].instead;
		return true;
	}
	return false;
}
