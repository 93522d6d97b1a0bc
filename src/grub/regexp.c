// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * regexp (GRUB manual, "regexp"). Its expressions are POSIX's, and so are ours; what could make a
 * matcher work for ages (back references, counted repetitions) no menu needs, and matches nothing.
 */
#include "grub/interpreter.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN_MAX 256
#define SUBJECT_MAX 1024
#define GROUPS	    10
#define STEPS	    50

static bool is_harmless(const char *pattern)
{
	if (strlen(pattern) > PATTERN_MAX || strchr(pattern, '{'))
		return false;
	for (; *pattern; pattern++)
		if (*pattern == '\\' && *++pattern >= '0' && *pattern <= '9')
			return false;
	return true;
}

/* @option is "NUMBER:NAME", or "NAME" for the first group. */
static int set_group(struct grub *g, const struct grub_node *node, const char *option,
		     const char *subject, const regmatch_t *groups)
{
	const char *colon = strchr(option, ':');
	unsigned long number = colon ? strtoul(option, NULL, 10) : 1;
	char *text;

	if (number >= GROUPS || groups[number].rm_so < 0)
		return grub_set(g, node, colon ? colon + 1 : option, "");
	text = arena_strndup(g->arena, subject + groups[number].rm_so,
			     (size_t)(groups[number].rm_eo - groups[number].rm_so));
	return text ? grub_set(g, node, colon ? colon + 1 : option, text) : -ENOMEM;
}

static bool matches(const char *pattern, const char *subject, regmatch_t *groups)
{
	regex_t regex;
	bool found;

	if (!is_harmless(pattern) || strlen(subject) > SUBJECT_MAX ||
	    regcomp(&regex, pattern, REG_EXTENDED) != 0)
		return false;
	found = regexec(&regex, subject, GROUPS, groups, 0) == 0;
	regfree(&regex);
	return found;
}

/* The value of --set or -s at argv[*at]; NULL: it is another. */
static const char *take_set(char **argv, int *at)
{
	if (!strncmp(argv[*at], "--set=", 6))
		return argv[*at] + 6;
	if ((!strcmp(argv[*at], "--set") || !strcmp(argv[*at], "-s")) && argv[*at + 1])
		return argv[++*at];
	return NULL;
}

int grub_regexp(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	const char *words[2] = { NULL }, *option;
	regmatch_t groups[GROUPS];
	size_t count = 0;
	int r = 0;

	/* With this module GRUB expands wildcards, too. */
	g->has_wildcards = true;
	g->steps += STEPS;
	for (int i = 1; i < argc; i++)
		if (!take_set(argv, &i) && count < 2)
			words[count++] = argv[i];
	if (count < 2 || !matches(words[0], words[1], groups))
		return GRUB_FALSE;
	for (int i = 1; !r && i < argc; i++)
		if ((option = take_set(argv, &i)))
			r = set_group(g, node, option, words[1], groups);
	return r;
}
