/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an administrator set for every `kexit reboot`: kexit.conf(5). The command line wins over it. */
#pragma once

#include "base/error.h"
#include "sys/root.h"

#include <stdbool.h>
#include <stddef.h>

struct config {
	bool aborts; /* when-failed: go on running instead of going through firmware */
	unsigned int
		failures; /* so many failed jumps of a pair of kernels, then firmware; 0: never */
	unsigned int watchdog_seconds; /* that a watchdog gives the next kernel; 0: none is armed */
	bool trusts_known_bad; /* known-bad: jump on a machine where kexec is known to stick */
};

/* The name of setting number @index, from 0 on; NULL behind the last one. */
const char *config_name(size_t index);

/* As it is where nothing is set. */
void config_init(struct config *config);

/*
 * Adds the settings of the file @path, the @length bytes of @text; later ones win.
 * -EINVAL: "file:line: what is wrong" in @e, and @config may have taken what stood above it.
 */
int config_parse(struct config *config, const char *path, const char *text, size_t length,
		 struct error *e);

/*
 * The settings of this machine: /etc/kexit/kexit.conf, then /usr/lib/kexit/kexit.conf.d/ *.conf and
 * /etc/kexit/kexit.conf.d/ *.conf (see dropins_read()). What is not there sets nothing.
 * Nothing is guessed: a line that is not understood is -EINVAL, and *@ret_config untouched.
 */
int config_read(const struct sysroot *root, struct config *ret_config, struct error *e);

/* The setting "failures" alone, for who counts them; the default where the files are not understood:
 * a slip in a file must not make a machine forget what failed. */
unsigned int config_failures(const struct sysroot *root);
