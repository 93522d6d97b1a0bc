// SPDX-License-Identifier: GPL-2.0-or-later
/* os-release; see osrel.h. */
#include "entry/osrel.h"

#include <stddef.h>
#include <string.h>

/* A shell's words, as far as os-release(5) allows them: one pair of quotes, backslashes. */
static void unquote(char *value)
{
	char quote = *value == '"' || *value == '\'' ? *value : '\0';
	const char *from = quote ? value + 1 : value;
	char *to = value;

	while (*from && *from != quote) {
		if (*from == '\\' && quote != '\'' && from[1])
			from++;
		*to++ = *from++;
	}
	*to = '\0';
}

/* A title of several lines would tear a menu, and colour codes a terminal. */
static void blank_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
}

char *osrel_get(struct arena *arena, const char *text, const char *key)
{
	size_t key_length = strlen(key);

	for (const char *line = text; *line; line += strspn(line, "\n")) {
		size_t length = strcspn(line, "\n");
		char *value;

		if (length > key_length && line[key_length] == '=' &&
		    !strncmp(line, key, key_length)) {
			value = arena_strndup(arena, line + key_length + 1,
					      length - key_length - 1);
			if (!value)
				return NULL;
			value[strcspn(value, "\r")] = '\0';
			unquote(value);
			blank_controls(value);
			return *value ? value : NULL;
		}
		line += length;
	}
	return NULL;
}

/* The first of @keys that is there. */
static const char *get_first(struct arena *arena, const char *text, const char *const *keys)
{
	const char *value = NULL;

	for (; !value && *keys; keys++)
		value = osrel_get(arena, text, *keys);
	return value;
}

struct osrel osrel_parse(struct arena *arena, const char *text)
{
	static const char *const titles[] = { "PRETTY_NAME", "IMAGE_ID", "NAME", "ID", NULL };
	static const char *const versions[] = { "IMAGE_VERSION", "VERSION", "VERSION_ID",
						"BUILD_ID", NULL };
	static const char *const sort_keys[] = { "IMAGE_ID", "ID", NULL };

	return (struct osrel){
		.title = get_first(arena, text, titles),
		.version = get_first(arena, text, versions),
		.sort_key = get_first(arena, text, sort_keys),
	};
}
