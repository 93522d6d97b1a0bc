// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * regexp (GRUB manual, "regexp"). Its expressions are POSIX's, and so are ours; what could make a
 * matcher work for ages (back references, counted repetitions) no menu needs, and matches nothing.
 */
#include "grub/interpreter.h"
#include "grub/option.h"

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

/* What "--set" asks for, with what was found. */
struct groups {
	struct grub *g;
	const struct grub_node *node;
	const char *subject;
	regmatch_t items[GROUPS];
	bool is_found; /* only then they are set */
};

/* @option is "NUMBER:NAME", or "NAME" for the first group. */
static int set_group(void *context, const struct grub_option *option, const char *value)
{
	const struct groups *groups = context;
	const char *colon = value ? strchr(value, ':') : NULL, *name = colon ? colon + 1 : value;
	char *end, *text;
	unsigned long number = colon ? strtoul(value, &end, 10) : 1;
	const regmatch_t *group;

	if (!groups->is_found)
		return 0;
	if (colon && end != colon)
		return GRUB_BAD_ARGUMENT;
	group = number < GROUPS ? &groups->items[number] : NULL;
	if (!group || group->rm_so < 0)
		return grub_set(groups->g, groups->node, name, NULL);
	text = arena_strndup(groups->g->arena, groups->subject + group->rm_so,
			     (size_t)(group->rm_eo - group->rm_so));
	return text ? grub_set(groups->g, groups->node, name, text) : -ENOMEM;
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

int grub_regexp(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct grub_option options[] = {
		{ .name = "set", .letter = 's', .kind = GRUB_OPTION_VALUE }, { .name = NULL }
	};
	struct groups groups = { .g = g, .node = node };
	struct grub_options all = { .options = options, .each = set_group, .context = &groups };
	char **again = arena_alloc(g->arena, ((size_t)argc + 1) * sizeof(char *));
	int words, r;

	if (!again)
		return -ENOMEM;
	memcpy(again, argv, (size_t)argc * sizeof(char *));
	/* With this module GRUB expands wildcards, too. */
	g->has_wildcards = true;
	g->steps += STEPS;
	r = grub_options_take(&all, argc, argv, &words);
	if (r)
		return r == -ENOEXEC ? 0 : r;
	if (words != 3)
		return GRUB_BAD_ARGUMENT;
	if (!matches(argv[1], argv[2], groups.items))
		return GRUB_FALSE;
	groups.subject = argv[2];
	groups.is_found = true;
	return grub_options_take(&all, argc, again, &words);
}
