/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which hardware watchdog can guard a jump. One that the next kernel has no driver for would restart a
 * machine that arrived well; so it has to be known that there is one, or none is armed.
 */
#pragma once

#include "base/error.h"
#include "sys/root.h"

#include <stdbool.h>
#include <stddef.h>

struct watchdog_choice {
	char name[32];	 /* "watchdog0": /dev/watchdog0 */
	char module[64]; /* "i6300esb": its driver's; underscores, as the kernel has it */
	unsigned int seconds;
};

/*
 * The first of this machine that nobody uses, that can wait @seconds by itself, that this kernel does
 * not stop in its shutdown, and whose driver the kernel @release has: built in, or in /lib/modules and not on a blacklist. -ENODEV, with why it
 * is none of them in @e: of the last one.
 */
int watchdog_choose(const struct sysroot *root, const char *release, unsigned int seconds,
		    struct watchdog_choice *ret_choice, struct error *e);

/* True where the driver cannot stop it (nowayout): once armed it restarts the machine unless it is fed. */
bool watchdog_is_nowayout(const struct sysroot *root, const char *name);

/*
 * The choice for the image that is loaded, kept on tmpfs until the jump: by then nothing of the next
 * kernel can be read any more. Read: -ENOENT: none was made. Forgetting what is not there is fine.
 */
int watchdog_note_write(const struct sysroot *root, const struct watchdog_choice *choice,
			struct error *e);
int watchdog_note_read(const struct sysroot *root, struct watchdog_choice *ret_choice);
void watchdog_note_forget(const struct sysroot *root);
