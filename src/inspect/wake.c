// SPDX-License-Identifier: GPL-2.0-or-later
/* From asleep to a reading and back; see wake.h. */
#include "inspect/wake.h"

#include "base/error.h"
#include "inspect/guard.h"
#include "sys/lockdown.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PM_CONTROL	 0x04 /* PCIe 6.0 7.5.2.2 */
#define PM_STATE	 0x0003
#define PM_NO_SOFT_RESET 0x0008

/* From D3cold: 100 ms once the link is up, and bridges above that may have to wake first. */
#define WAIT_MS		 3000
#define POLL_US		 5000

struct sleeper {
	const struct sys *sys;
	const char *path;
	char control[16];	 /* power/control as it was */
	unsigned int pm_control; /* offset of its Power Management Control register; 0: none */
	unsigned int pm_value;	 /* and what that said; 0 where it could not be read (D3cold) */
};

static ssize_t attribute(const struct sleeper *sleeper, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/power/%s", sleeper->path, name);
	return sysroot_read(sleeper->sys->root, path, text, size);
}

static bool is_suspended(const struct sleeper *sleeper)
{
	char text[32];

	return attribute(sleeper, "runtime_status", text, sizeof(text)) > 0 &&
	       !strcmp(text, "suspended");
}

static bool is_asleep(const struct inspection *ins)
{
	return ins->power_state > 0;
}

bool wake_is_needed(const struct sys *sys, const char *path, const struct inspection *ins)
{
	const struct sleeper sleeper = { .sys = sys, .path = path };

	return ins->verdict == VERDICT_UNREADABLE && (is_asleep(ins) || is_suspended(&sleeper));
}

__attribute__((format(printf, 2, 3))) static void explain(struct inspection *ins,
							  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ins->why, sizeof(ins->why), format, args);
	va_end(args);
}

/* ---- one step each */

static int set_control(const struct sleeper *sleeper, const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/power/control", sleeper->path);
	return sys_write(sleeper->sys, path, value);
}

/* Bounded; in a captured tree nothing happens by itself. */
static bool wait_until(const struct sleeper *sleeper,
		       bool (*condition)(const struct sleeper *sleeper))
{
	for (int waited_us = 0; !condition(sleeper); waited_us += POLL_US) {
		if (waited_us >= WAIT_MS * 1000 || sysroot_is_captured(sleeper->sys->root))
			return false;
		usleep(POLL_US);
	}
	return true;
}

/* By the kernel's word and the hardware's: the kernel may not know of a state set behind its back. */
static bool is_awake(const struct sleeper *sleeper)
{
	struct pci_config config;
	char path[PATH_MAX], text[16];

	snprintf(path, sizeof(path), "%s/power_state", sleeper->path);
	if (sysroot_read(sleeper->sys->root, path, text, sizeof(text)) > 0 &&
	    !strcmp(text, "D3cold"))
		return false;
	if (is_suspended(sleeper) || pci_config_read(sleeper->sys->root, sleeper->path, &config))
		return false;
	if (!pci_config_answers(&config))
		return false;
	return !sleeper->pm_control || !(pci_config_u16(&config, sleeper->pm_control) & PM_STATE);
}

static void remember(struct sleeper *sleeper, const struct inspection *ins)
{
	struct pci_config config;
	unsigned int capability;

	/* In D3cold nothing answers: the register and its offset do not matter there. */
	if (ins->power_state > 3 || pci_config_read(sleeper->sys->root, sleeper->path, &config) < 0)
		return;
	capability = pci_config_find(&config, PCI_CAP_PM, 0);
	if (!capability)
		return;
	sleeper->pm_control = capability + PM_CONTROL;
	sleeper->pm_value = pci_config_u16(&config, sleeper->pm_control);
}

/*
 * Under `on` the kernel takes it for awake, although its driver left it asleep, and a second `on`
 * does nothing: it has to be let go first.
 */
static int wake(const struct sleeper *sleeper)
{
	int r = 0;

	if (!strcmp(sleeper->control, "on"))
		r = set_control(sleeper, "auto");
	if (r == 0 && !strcmp(sleeper->control, "on") && !wait_until(sleeper, is_suspended))
		r = -EBUSY;
	if (r == 0)
		r = set_control(sleeper, "on");
	if (r == 0 && !wait_until(sleeper, is_awake))
		r = -ETIMEDOUT;
	return r;
}

/* The state first, while the kernel keeps the bridges above awake. */
static int put_back(const struct sleeper *sleeper)
{
	int state = 0, control;

	if (sleeper->pm_value & PM_STATE)
		state = sys_config_write16(sleeper->sys, sleeper->path, sleeper->pm_control,
					   PM_STATE, sleeper->pm_value & PM_STATE);
	control = set_control(sleeper, sleeper->control);
	return state < 0 ? state : control;
}

/* ---- all of them */

static void read_awake(const struct sleeper *sleeper, int from, struct inspection *ins)
{
	int r = inspect_many(sleeper->sys, &sleeper->path, 1, ins);

	if (r < 0)
		explain(ins, "woken, but no process could be started to read it: %s",
			errno_text(r));
	ins->woken = true;
	ins->woken_from = from;
	ins->reset_by_waking = from > 3 || (from == 3 && !(sleeper->pm_value & PM_NO_SOFT_RESET));
}

static int wake_and_read(struct sleeper *sleeper, struct inspection *ins)
{
	int from = ins->power_state, r;

	remember(sleeper, ins);
	r = wake(sleeper);
	if (r == 0)
		read_awake(sleeper, from, ins);
	else
		explain(ins, "asleep, and waking it by its power/control failed: %s",
			errno_text(r));
	return put_back(sleeper);
}

int wake_inspect(const struct sys *sys, const char *path, struct inspection *ins)
{
	struct sleeper sleeper = { .sys = sys, .path = path };
	enum lockdown lockdown = lockdown_read(sys->root);
	sigset_t stop, before;
	int r;

	if (lockdown == LOCKDOWN_INTEGRITY || lockdown == LOCKDOWN_CONFIDENTIALITY) {
		explain(ins,
			"asleep, and not woken: the kernel is locked down (%s) and refuses its "
			"registers",
			lockdown_name(lockdown));
		return 0;
	}
	if (attribute(&sleeper, "control", sleeper.control, sizeof(sleeper.control)) <= 0) {
		explain(ins, "asleep, and it has no power/control by which to wake it");
		return 0;
	}
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &stop, &before);
	r = wake_and_read(&sleeper, ins);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
