/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that name what to load, for load and boot. */
#pragma once

#include "cli/verb.h"
#include "image/load.h"

#include <getopt.h>

#define IMAGE_INITRDS_MAX 32

struct image_options {
	struct image_request request;
	const char *initrds[IMAGE_INITRDS_MAX];
};

/* Values of getopt_long(3) outside of what verbs use for their own. */
enum image_option {
	IMAGE_OPTION_INITRD = 0x1000,
	IMAGE_OPTION_APPEND,
	IMAGE_OPTION_REUSE_CMDLINE,
	IMAGE_OPTION_DTB,
	IMAGE_OPTION_METHOD,
};

/* Rows for a verb's struct option table. */
#define IMAGE_OPTIONS                                                                              \
	{ "initrd", required_argument, NULL, IMAGE_OPTION_INITRD },                                \
		{ "append", required_argument, NULL, IMAGE_OPTION_APPEND },                        \
		{ "reuse-cmdline", no_argument, NULL, IMAGE_OPTION_REUSE_CMDLINE },                \
		{ "dtb", required_argument, NULL, IMAGE_OPTION_DTB },                              \
	{                                                                                          \
		"method", required_argument, NULL, IMAGE_OPTION_METHOD                             \
	}

/* Their lines of a verb's help. */
#define IMAGE_OPTIONS_HELP                                                                         \
	"  --initrd FILE    an initrd; several are given to the kernel as one, in this order\n"    \
	"  --append STRING  the command line, or what comes behind the reused one\n"               \
	"  --reuse-cmdline  this kernel's command line, without BOOT_IMAGE=\n"                     \
	"  --dtb FILE       a device tree; only with the classic method\n"                         \
	"  --method METHOD  auto (the default), file (kexec_file_load) or classic (kexec_load,\n"  \
	"                   by kexec-tools)\n"

/*
 * Takes @option with @argument if it is one of the above. 0: taken; 1: not one of these; -EINVAL:
 * wrong, and the log says how. Strings stay the caller's. @options starts zeroed.
 */
int image_options_take(struct image_options *options, int option, const char *argument);

/*
 * The KERNEL that is left of @argv after the options, exactly one. -EINVAL: the log says what is
 * wrong. options->request is complete after this.
 */
int image_options_end(struct image_options *options, int argc, char *argv[]);
