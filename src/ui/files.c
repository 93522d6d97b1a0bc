// SPDX-License-Identifier: GPL-2.0-or-later
/* Paths to words and back; see files.h. */
#include "ui/files.h"

#include <string.h>

struct text {
	char *to;
	size_t size, length;
};

static void put(struct text *text, char c)
{
	if (text->length + 1 < text->size)
		text->to[text->length++] = c;
}

static void put_escaped(struct text *text, const char *word)
{
	for (; *word; word++) {
		if (*word == ' ' || *word == '\\')
			put(text, '\\');
		put(text, *word);
	}
}

const char *files_volume(const struct fsroot *root, const char *mounts)
{
	const char *path = fsroot_path(root);
	size_t length = strlen(mounts);

	return !strncmp(path, mounts, length) && path[length] == '/' ? path + length + 1 : path;
}

void files_text(const struct entry *entry, const struct entry_file *files, size_t count,
		const char *mounts, char *to, size_t size)
{
	struct text text = { .to = to, .size = size };

	for (size_t i = 0; i < count; i++) {
		if (!files[i].path)
			continue;
		if (text.length)
			put(&text, ' ');
		if (files[i].root && files[i].root != entry->kernel.root) {
			put(&text, '(');
			put_escaped(&text, files_volume(files[i].root, mounts));
			put(&text, ')');
		}
		put_escaped(&text, files[i].path);
	}
	to[text.length] = '\0';
}

char *files_next(char **text, char **ret_volume)
{
	char *from = *text + strspn(*text, " "), *word = from, *to = from, *end;

	*ret_volume = NULL;
	if (!*from)
		return NULL;
	while (*from && *from != ' ') {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from++;
	}
	*text = *from ? from + 1 : from;
	*to = '\0';
	end = *word == '(' ? strchr(word, ')') : NULL;
	if (!end)
		return word;
	*end = '\0';
	*ret_volume = word + 1;
	return end + 1;
}
