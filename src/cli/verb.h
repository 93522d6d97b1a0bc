/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A verb of the command line: one file each, one row of the table in main.c. */
#pragma once

#include "sys/root.h"

/* Exit statuses, as kexit(8) promises them. */
enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1, /* nothing was changed */
	STATUS_USAGE = 2,
	STATUS_ROLLED_BACK = 3,	    /* failed; all was rolled back */
	STATUS_NOT_ROLLED_BACK = 4, /* failed; not all could be rolled back */
	STATUS_REFUSED = 5,	    /* by a safety check */
};

struct verb {
	const char *name;
	const char *arguments; /* for the usage line: "[DEV...] [--json]" */
	const char *summary;   /* one line for `kexit --help` */
	const char *help;      /* options and notes for `kexit VERB --help`, lines ending in \n */
	bool acts;	       /* changes the machine: refused with --sysroot */
	/* @argv[0] is the verb's name; options are parsed with getopt_long(3) (optind is reset).
	 * Returns an enum status. @root is the machine to look at. */
	int (*run)(const struct verb *verb, struct sysroot *root, int argc, char *argv[]);
};

extern const struct verb verb_scan, verb_plan, verb_inspect, verb_load, verb_unload, verb_quiesce,
	verb_rollback, verb_exec, verb_boot, verb_report, verb_test, verb_entries, verb_reboot,
	verb_stage, verb_verify;

/* Prints "kexit VERB: try 'kexit VERB --help'" after getopt's own message; returns STATUS_USAGE. */
int verb_usage(const struct verb *verb);

/* Prints the verb's help to stdout; returns STATUS_DONE. */
int verb_help(const struct verb *verb);

/* After the options: true, and says so, where something is left of @argv for a verb that takes none. */
bool verb_has_argument(const struct verb *verb, int argc, char *argv[]);
