// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit.chain= taken out and put in; see chain.h. */
#include "offer/chain.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What x86, POWER and arm64 take, less a word of ours (Linux: COMMAND_LINE_SIZE). */
#define OPTIONS_MAX 2016

static const char word[] = "kexit." CHAIN_NAME "=";

/* Appends the words of @options but those of ours; blanks within quotes are a word's own. */
static void copy_others(char *to, const char *options)
{
	while (*options) {
		const char *end = options;
		bool quoted = false;

		for (; *end && (quoted || *end != ' '); end++)
			quoted ^= *end == '"';
		end += strspn(end, " ");
		if (strncmp(options, word, strlen(word)) != 0)
			to = stpncpy(to, options, (size_t)(end - options));
		options = end;
	}
	*to = '\0';
}

char *chain_add(const char *options, unsigned int count, const char *machine)
{
	bool is_x86 = !strcmp(machine, "x86_64") || !strcmp(machine, "i686");
	size_t size = strlen(options) + sizeof(word) + 16;
	char *text = malloc(size);
	int n;

	if (!text)
		return NULL;
	if (strlen(options) > OPTIONS_MAX || (!*options && !is_x86))
		return strcpy(text, options);
	/* In front: what is behind "--" is init's. */
	n = snprintf(text, size, "%s%u%s", word, count, *options ? " " : "");
	copy_others(text + n, options);
	return text;
}
