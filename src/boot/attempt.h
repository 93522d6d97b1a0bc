/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One entry booted, in a child: loaded while the disks still work, everything unmounted and taken
 * apart, every device released, the jump. The main loop stays alive to show how it goes, and to go on
 * when it fails.
 */
#pragma once

#include "boot/settings.h"
#include "boot/trace.h"
#include "offer/offer.h"
#include "sys/ops.h"

#include <stdio.h>

struct attempt {
	const struct sys *sys;
	const struct settings *settings;
	const struct entry *entry; /* of `offer` */
	struct offer *offer;
	struct trace trace;
	const char *kernel,
		*initrds;    /* instead of its files, as ui/files.h has them; NULL: its own */
	const char *options; /* instead of the entry's command line; NULL: the entry's */
};

/*
 * To be run in a child; does not return when the machine jumps. Writes lines to @answer, each told at
 * once: a letter, a blank, and text for a person.
 *   p  what is being done        n  worth a note: something was left, or is not clean
 *   t  from here on mounts and stacks are taken down
 *   e  why it failed; the last line
 */
int attempt_run(struct attempt *attempt, FILE *answer);
