/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that name what to load, for load and boot: files, or a boot entry. */
#pragma once

#include "cli/verb.h"
#include "entry/image.h"
#include "image/load.h"

#include <getopt.h>

#define IMAGE_INITRDS_MAX 32

struct image_options {
	struct image_request request;
	const char *initrds[IMAGE_INITRDS_MAX];
	const char *entry, *root; /* --entry and --root; NULL: not given */
	struct entry_image *entry_image;
	bool takes_default; /* without --entry: the one that boots unattended */
	char chosen[256];   /* the entry's title, once it is found; printable */
};

/* Values of getopt_long(3) outside of what verbs use for their own. */
enum image_option {
	IMAGE_OPTION_INITRD = 0x1000,
	IMAGE_OPTION_APPEND,
	IMAGE_OPTION_REUSE_CMDLINE,
	IMAGE_OPTION_DTB,
	IMAGE_OPTION_METHOD,
	IMAGE_OPTION_ENTRY,
	IMAGE_OPTION_ROOT,
};

/* Rows for a verb's struct option table. */
#define IMAGE_OPTIONS                                                                              \
	{ "initrd", required_argument, NULL, IMAGE_OPTION_INITRD },                                \
		{ "append", required_argument, NULL, IMAGE_OPTION_APPEND },                        \
		{ "reuse-cmdline", no_argument, NULL, IMAGE_OPTION_REUSE_CMDLINE },                \
		{ "dtb", required_argument, NULL, IMAGE_OPTION_DTB },                              \
		{ "entry", required_argument, NULL, IMAGE_OPTION_ENTRY },                          \
		{ "root", required_argument, NULL, IMAGE_OPTION_ROOT },                            \
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
	"                   by kexec-tools)\n"                                                     \
	"  --entry ENTRY    instead of KERNEL: a boot entry, by its id, title or number in\n"      \
	"                   'kexit entries --long'; --append comes behind its command line\n"      \
	"  --root DIR       where to look for it; default /\n"

/*
 * Takes @option with @argument if it is one of the above. 0: taken; 1: not one of these; -EINVAL:
 * wrong, and the log says how. Strings stay the caller's. @options starts zeroed.
 */
int image_options_take(struct image_options *options, int option, const char *argument);

/*
 * The KERNEL that is left of @argv after the options, exactly one; none with --entry. -EINVAL: the
 * log says what is wrong.
 */
int image_options_end(struct image_options *options, int argc, char *argv[]);

/*
 * Looks for the entry of --entry, if it was given, and opens its files; options->request is complete
 * after this. 0, or a negative errno with @e: nothing can be loaded.
 */
int image_options_open(struct image_options *options, const struct sysroot *machine,
		       struct error *e);

/* Closes them. Right after image_options_open(), whatever it returned, and without it. */
void image_options_done(struct image_options *options);
