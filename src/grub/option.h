/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of GRUB's commands, told apart from their words as GRUB does it (grub-core/lib/arg.c):
 * "--name", "--name=value", "--name value" where what follows does not begin with "-", "-n value", "-nm",
 * and "--", behind which all is words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum grub_option_kind {
	GRUB_OPTION_FLAG,
	GRUB_OPTION_VALUE,
	GRUB_OPTION_OPTIONAL, /* a value, or none */
};

struct grub_option {
	const char *name;
	char letter;			/* 0: it has none */
	enum grub_option_kind kind : 8; /* so that it lies beside the letter */

	/* Of the last time it was given. */
	bool is_set;
	const char *value; /* NULL: there was none */
};

/* Told of each option with a value, in their order; for those that count more than once. */
typedef int (*grub_option_fn)(void *context, const struct grub_option *option, const char *value);

struct grub_options {
	struct grub_option *options; /* ends with a NULL name */
	bool accepts_dash;	     /* what is no option, and begins as one, is a word */
	grub_option_fn each;	     /* may be NULL */
	void *context;
};

/*
 * Sets the options of @argv, which is a command's name and its arguments; the words that are none
 * are moved behind the name, and *@ret_argc counts them with it. 0; GRUB_BAD_ARGUMENT, or what @each
 * returned; -ENOEXEC: help was asked for, and the command does nothing else.
 */
int grub_options_take(struct grub_options *all, int argc, char **argv, int *ret_argc);
