// SPDX-License-Identifier: GPL-2.0-or-later
/* Patterns that are mostly not patterns: compared directly where they are plain. */
#include "policy/rule.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

/* fnmatch(3) takes "[abc" as four letters; a person who wrote it meant a set. */
static bool is_well_formed(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\' && !*++p)
			return false;
		if (*p != '[')
			continue;
		p += p[1] == '!' || p[1] == '^';
		/* A closing bracket right at the start is a member of the set. */
		p += p[1] == ']';
		p = strchr(p + 1, ']');
		if (!p)
			return false;
	}
	return true;
}

int glob_init(struct glob *glob, const char *text)
{
	size_t prefix = strcspn(text, "*?[\\");

	if (!is_well_formed(text))
		return -EINVAL;
	glob->text = text;
	glob->prefix = prefix;
	if (!text[prefix])
		glob->kind = GLOB_LITERAL;
	else if (text[prefix] == '*' && !text[prefix + 1])
		glob->kind = GLOB_PREFIX;
	else
		glob->kind = GLOB_ANY;
	return 0;
}

bool glob_matches(const struct glob *glob, const char *s)
{
	/* Most differ in their first letter. */
	if (glob->prefix && (*glob->text != *s || strncmp(glob->text, s, glob->prefix) != 0))
		return false;
	switch (glob->kind) {
	case GLOB_LITERAL:
		return !s[glob->prefix];
	case GLOB_PREFIX:
		return true;
	default:
		return fnmatch(glob->text, s, 0) == 0;
	}
}
