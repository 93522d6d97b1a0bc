/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PID 1 of the exit environment: what the service manager turns into when it has stopped everything
 * and changed its root to /run/initramfs (systemd: systemd-shutdown(8), "/run/initramfs/shutdown").
 * The system that ends lies in /oldroot, and nothing but its mounts and disks is left of it.
 */
#pragma once

#include "sys/ops.h"

/* Where the service manager has put the old root. */
#define EXIT_OLD_ROOT "/oldroot"

/* An environment that lay there before ours, and is started for all that is no kexec. */
#define EXIT_KEPT     "/shutdown.kept"

/* True where a program called @name (argv[0]) is to be this one. */
bool exit_is_shutdown(const char *name);

/*
 * Takes down what is left below /oldroot, bounded, and goes the way that @argv[1] says: "kexec",
 * "reboot", "poweroff", "halt". A kexec runs @handover in a process of its own; where that returns, or no
 * image is loaded, the machine goes through firmware, and the kernel's log says why. Returns only when
 * the kernel refused everything: 1.
 */
int exit_shutdown(const struct sys *sys, char *argv[], int (*handover)(const struct sys *sys));
