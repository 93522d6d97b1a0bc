/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sleeping function woken for one reading, and put back (`kexit inspect --wake`).
 *
 * The kernel wakes it, by `on` in its power/control: so the bridges above it wake as well, and its
 * config space is restored. Hardware without No_Soft_Reset resets itself on the way from D3hot to
 * D0 (PCIe 6.0 5.3.1.4.1): what is read then is its state after that reset, and told so.
 */
#pragma once

#include "inspect/inspect.h"
#include "sys/ops.h"

/*
 * True for a function that no driver holds and that could not be read since it sleeps: in D1 to
 * D3cold by its own word or the kernel's, or suspended by runtime power management, so that a
 * bridge above it may sleep.
 */
bool wake_is_needed(const struct sys *sys, const char *path, const struct inspection *ins);

/*
 * Wakes the function at the sysfs folder @path, waits (bounded) until it is in D0, inspects it
 * again into *@ins with `woken_from` set, and puts it back, also when the reading fails. SIGINT and
 * SIGTERM wait meanwhile. Where it cannot be woken, or must not be since it could not be put back
 * (lockdown), `why` says so. 0, or a negative errno when it was woken and not put back as it was.
 */
int wake_inspect(const struct sys *sys, const char *path, struct inspection *ins);
