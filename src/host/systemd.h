/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service manager asked to end the system in order: systemd, by its own client. */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

enum systemd_end {
	SYSTEMD_KEXEC,	/* kexec.target: into the loaded image */
	SYSTEMD_REBOOT, /* reboot.target: through firmware */
};

/* True where PID 1 is systemd, and not yet systemd-shutdown. */
bool systemd_runs(const struct sysroot *root);

/* True where the service manager is on its way to a kexec: the job is there. False where it cannot be
 * asked. */
bool systemd_goes_to_kexec(const struct sys *sys);

/*
 * Starts the target of @end, irreversibly: every service is stopped in its order first. (The manager's
 * KExec() call would skip that.) Returns once the manager has taken the job, or what it said. Newer
 * ones (256 and later) turn a reboot into a kexec where an image is loaded: drop it first.
 */
int systemd_end(const struct sys *sys, enum systemd_end end, struct error *e);
