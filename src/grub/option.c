// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of GRUB's commands; see option.h. */
#include "grub/option.h"
#include "grub/grub.h"

#include <errno.h>
#include <string.h>

/* All commands have these, unless the letter is their own. */
static struct grub_option helps[] = {
	{ .name = "help", .letter = 'h' },
	{ .name = "usage", .letter = 'u' },
	{ .name = NULL },
};

/* The arguments while they are gone through. */
struct walk {
	struct grub_options *all;
	char **argv;
	int argc, at; /* the one that is looked at */
	int words;    /* kept so far, with the command's name */
};

static struct grub_option *find_letter(struct grub_options *all, char letter)
{
	for (struct grub_option *option = all->options; option->name; option++)
		if (option->letter == letter)
			return option;
	for (struct grub_option *option = helps; option->name; option++)
		if (option->letter == letter)
			return option;
	return NULL;
}

static struct grub_option *find_in(struct grub_option *options, const char *name, size_t length)
{
	for (; options->name; options++)
		if (!strncmp(options->name, name, length) && !options->name[length])
			return options;
	return NULL;
}

static struct grub_option *find_name(struct grub_options *all, const char *name, size_t length)
{
	return find_in(all->options, name, length) ?: find_in(helps, name, length);
}

static bool is_help(const struct grub_option *option)
{
	return option >= helps && option < helps + 2;
}

static void keep_word(struct walk *walk)
{
	walk->argv[walk->words++] = walk->argv[walk->at];
}

/* @value fits the option's kind, or it is an error. */
static int set_option(struct walk *walk, struct grub_option *option, const char *value)
{
	if (value && option->kind == GRUB_OPTION_FLAG)
		return GRUB_BAD_ARGUMENT;
	if (!value && option->kind == GRUB_OPTION_VALUE)
		return GRUB_BAD_ARGUMENT;
	if (is_help(option))
		return -ENOEXEC;
	option->is_set = true;
	option->value = value;
	return walk->all->each ? walk->all->each(walk->all->context, option, value) : 0;
}

static const char *next_word(struct walk *walk)
{
	return walk->at + 1 < walk->argc ? walk->argv[walk->at + 1] : NULL;
}

/* "--name"; its value stands behind "=", or is the next word. */
static int take_name(struct walk *walk)
{
	const char *text = walk->argv[walk->at] + 2, *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : strlen(text);
	struct grub_option *option = find_name(walk->all, text, length);
	const char *value = equals ? equals + 1 : NULL, *next = next_word(walk);

	if (!option && walk->all->accepts_dash) {
		keep_word(walk);
		return 0;
	}
	if (!option)
		return GRUB_BAD_ARGUMENT;
	if (!value && option->kind != GRUB_OPTION_FLAG && next && *next != '-') {
		value = next;
		walk->at++;
	}
	return set_option(walk, option, value);
}

static bool are_letters(struct grub_options *all, const char *letters)
{
	while (*letters && find_letter(all, *letters))
		letters++;
	return !*letters;
}

/* "-nm": the last of them may have a value, the next word. */
static int take_letters(struct walk *walk)
{
	const char *letters = walk->argv[walk->at] + 1, *next = next_word(walk);
	struct grub_option *option;
	int r = 0;

	if (walk->all->accepts_dash && !are_letters(walk->all, letters)) {
		keep_word(walk);
		return 0;
	}
	for (; !r && letters[0] && letters[1]; letters++) {
		option = find_letter(walk->all, *letters);
		r = option ? set_option(walk, option, NULL) : GRUB_BAD_ARGUMENT;
	}
	option = r ? NULL : find_letter(walk->all, *letters);
	if (!option)
		return r ?: GRUB_BAD_ARGUMENT;
	if (option->kind == GRUB_OPTION_FLAG || !next ||
	    (option->kind == GRUB_OPTION_OPTIONAL && *next == '-' && next[1]))
		return set_option(walk, option, NULL);
	walk->at++;
	return set_option(walk, option, next);
}

int grub_options_take(struct grub_options *all, int argc, char **argv, int *ret_argc)
{
	struct walk walk = { .all = all, .argv = argv, .argc = argc, .at = 1, .words = 1 };
	bool is_over = false;
	int r = 0;

	for (; !r && walk.at < argc; walk.at++) {
		const char *argument = argv[walk.at];

		if (is_over || argument[0] != '-' || !argument[1])
			keep_word(&walk);
		else if (argument[1] != '-')
			r = take_letters(&walk);
		else if (argument[2])
			r = take_name(&walk);
		else
			is_over = true;
	}
	argv[walk.words] = NULL;
	*ret_argc = walk.words;
	return r;
}
