/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machines where a jump is known to stick, by whoever tried: `kexit reboot` goes through firmware
 * there unless it is told otherwise. Each rule is backed by a public report (known_machines.c).
 */
#pragma once

#include "base/error.h"
#include "sys/root.h"

#include <stdbool.h>

/*
 * One kind of machine. What a field leaves empty is not asked; all that is not empty must hold.
 * Texts are globs (fnmatch(3)), compared with the whole value.
 */
struct known {
	const char *name; /* "Google Compute Engine" */
	const char *what; /* what happens there; one clause */
	const char
		*source; /* the public report; more of them, with what they show, in the comment */
	const char *sys_vendor;	  /* /sys/class/dmi/id */
	const char *product_name; /* /sys/class/dmi/id */
	const char *board;	  /* the device tree's model */
	const char *cpu;	  /* "model name" of /proc/cpuinfo */
	const char *cpu_flag;	  /* a word in its "flags" */
	const char *arch;	  /* "aarch64", as uname -m has it */
	bool is_xen_guest;	  /* a Xen domain that does not control the machine */
	const char *from, *to;	  /* the running kernel, as "6.12.54": both included */
};

/* Ends with a name of NULL. */
extern const struct known known_machines[];

/* The first rule that this machine matches, or NULL. What cannot be read matches nothing. */
const struct known *known_find(const struct sysroot *root);

/* May this machine jump, by what others saw? -EPERM: it matches a rule; @e has what happens there, the
 * report, and the setting that overrides it. */
int known_ask(const struct sysroot *root, struct error *e);

/*
 * Below, equal to or above 0, by the numbers that @release begins with and no more of them than
 * @bound has: "6.12.57+deb13-arm64" is in 6.12.57 and in 6.12.
 */
int known_compare_release(const char *release, const char *bound);
