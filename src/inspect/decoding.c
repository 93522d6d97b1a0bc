// SPDX-License-Identifier: GPL-2.0-or-later
/* Decoding on, a reading, and off again; see decoding.h. */
#include "inspect/decoding.h"

#include "base/error.h"
#include "inspect/guard.h"
#include "sys/lockdown.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>

bool decoding_is_off(const struct inspection *ins)
{
	return ins->verdict == VERDICT_UNREADABLE && ins->decoding_off;
}

static int set_enable(const struct sys *sys, const char *path, const char *value)
{
	char attribute[PATH_MAX];

	snprintf(attribute, sizeof(attribute), "%s/enable", path);
	return sys_write(sys, attribute, value);
}

/* The kernel's way back (0 in `enable`) lets the function go and leaves its decoding on. */
static int put_back(const struct sys *sys, const char *path, const struct inspection *before)
{
	uint16_t was =
		(before->memory_decode ? PCI_CMD_MEMORY : 0) | (before->io_decode ? PCI_CMD_IO : 0);
	int r = set_enable(sys, path, "0");
	int command =
		sys_config_write16(sys, path, PCI_REG_COMMAND, PCI_CMD_MEMORY | PCI_CMD_IO, was);

	return r < 0 ? r : command;
}

static int lend_and_read(const struct sys *sys, const char *path, struct inspection *ins)
{
	const struct inspection before = *ins;
	int r = set_enable(sys, path, "1");

	if (r < 0) {
		snprintf(ins->why, sizeof(ins->why),
			 "address decoding is off, and the kernel did not turn it on: %s",
			 errno_text(r));
		return 0;
	}
	r = inspect_many(sys, &path, 1, ins);
	if (r < 0)
		snprintf(ins->why, sizeof(ins->why),
			 "decoding was turned on, but no process could be started to read it: %s",
			 errno_text(r));
	ins->decoding_lent = true;
	return put_back(sys, path, &before);
}

int decoding_inspect(const struct sys *sys, const char *path, struct inspection *ins)
{
	enum lockdown lockdown = lockdown_read(sys->root);
	sigset_t stop, before;
	int r;

	if (lockdown == LOCKDOWN_INTEGRITY || lockdown == LOCKDOWN_CONFIDENTIALITY) {
		snprintf(
			ins->why, sizeof(ins->why),
			"address decoding is off, and not turned on: the kernel is locked down (%s) and "
			"refuses its registers",
			lockdown_name(lockdown));
		return 0;
	}
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &stop, &before);
	r = lend_and_read(sys, path, ins);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
