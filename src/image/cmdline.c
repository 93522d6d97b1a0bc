// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The next kernel's command line. Its words are told apart as the kernel does it (Linux:
 * lib/cmdline.c, next_arg()): double quotes hold a word together, and there is no escape.
 */
#include "image/cmdline.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The end of the word at @word. */
static const char *word_end(const char *word)
{
	bool quoted = false;

	for (; *word && (quoted || !isspace((unsigned char)*word)); word++)
		if (*word == '"')
			quoted = !quoted;
	return word;
}

static const char *word_start(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* What the boot loader said of itself; the next kernel was started by someone else. */
static bool is_boot_loaders(const char *word)
{
	return !strncmp(word, "BOOT_IMAGE=", strlen("BOOT_IMAGE="));
}

/* Adds the word to @line, which has room for it. */
static void add_word(char *line, const char *word, size_t length)
{
	size_t used = strlen(line);

	if (used)
		line[used++] = ' ';
	memcpy(line + used, word, length);
	line[used + length] = '\0';
}

/* @current without the boot loader's words, @append before its "--". */
static char *join(const char *current, const char *append)
{
	char *line = calloc(1, strlen(current) + strlen(append) + 2);
	const char *word, *end;

	if (!line)
		return NULL;
	for (word = word_start(current); *word; word = word_start(end)) {
		end = word_end(word);
		/* What follows is for init, and a parameter put there would not be one. */
		if (end - word == 2 && !strncmp(word, "--", 2))
			break;
		if (!is_boot_loaders(word))
			add_word(line, word, (size_t)(end - word));
	}
	if (*append)
		add_word(line, append, strlen(append));
	if (*word)
		add_word(line, word, strlen(word));
	return line;
}

int cmdline_make(const struct sysroot *root, bool reuse, const char *append, char **ret_cmdline,
		 struct error *e)
{
	char *current = NULL, *line;
	int code;

	if (append && strpbrk(append, "\r\n"))
		return error_set(e, -EINVAL,
				 "--append has a line break in it: a command line is one "
				 "line");
	if (reuse) {
		code = sysroot_read_all(root, "/proc/cmdline", &current);
		if (code)
			return error_set(e, code,
					 "--reuse-cmdline: /proc/cmdline cannot be read: %s",
					 errno_text(code));
		current[strcspn(current, "\n")] = '\0';
	}
	line = join(current ?: "", append ?: "");
	free(current);
	if (!line)
		return error_set(e, -ENOMEM, "no memory for the command line");
	*ret_cmdline = line;
	return 0;
}

int cmdline_check(const char *cmdline, size_t limit, const char *kind, struct error *e)
{
	size_t length = strlen(cmdline);

	if (length <= limit)
		return 0;
	return error_set(
		e, -E2BIG,
		"the command line is %zu bytes long, and this %s takes %zu: take %zu bytes "
		"away",
		length, kind, limit, length - limit);
}
