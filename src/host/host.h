/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May we, on this machine, as this process; and what to type instead where not.
 *
 * The checks that a verb makes before it touches anything. Each returns 0 or a negative errno with
 * the reason and the way out in @e: all of them are refusals (exit 5). Nothing is remembered: who
 * asks twice looks twice.
 */
#pragma once

#include "base/error.h"
#include "sys/root.h"

#include <stdbool.h>

/*
 * May this process have the kernel load or drop an image? -EPERM: no CAP_SYS_BOOT, or
 * kexec_load_disabled is set. -ENOSYS: a kernel without kexec.
 * Lockdown is not a reason to refuse here: a signed kernel may be loaded (see sys/lockdown.h).
 */
int host_may_load(const struct sysroot *root, struct error *e);

/* May this process jump? -EPERM: no CAP_SYS_BOOT; -EPERM too where the pid namespace is not the
 * initial one (a container), since the kernel answers EINVAL there. */
int host_may_jump(const struct sysroot *root, struct error *e);

/* Is an image loaded, by whomever? -ENOENT: none. */
int host_has_image(const struct sysroot *root, struct error *e);

/*
 * Does this process see the machine's network links and mounts? -EPERM: its network or its mount
 * namespace is not that of PID 1 (a container, a unit with PrivateNetwork= or PrivateTmp=), where the
 * links of other namespaces are not in sysfs. 0 as well where /proc does not tell.
 */
int host_sees_machine(const struct sysroot *root, struct error *e);

/*
 * May devices be taken from under whatever runs here? -EPERM: no CAP_SYS_ADMIN or CAP_NET_ADMIN, a pid
 * namespace of its own, where processes that hold devices are not seen, or host_sees_machine().
 * -EBUSY: PID 1 is a service manager, which would see its disks and links go; @now (--now) overrides
 * that. @verb is the verb that asks, for the message.
 */
int host_may_quiesce(const struct sysroot *root, bool now, const char *verb, struct error *e);
