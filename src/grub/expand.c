// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of a GRUB script as the arguments of a command (GRUB manual, "Variable expansion"). */
#include "grub/interpreter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (1024 * 1024) /* of all arguments */
#define ARGUMENTS_MAX  8192

static const char blanks[] = " \t\n\v\f\r";

/* The arguments while they are made. */
struct line {
	struct grub *g;
	char **items;
	size_t count, capacity;
	char *text; /* of the argument that is being made */
	size_t length, text_capacity;
	size_t bytes;	 /* of all */
	bool is_open;	 /* there is one, be it empty */
	bool is_pattern; /* a wildcard in it stands outside of quotes */
};

static int append(struct line *line, const char *text, size_t length)
{
	line->bytes += length;
	if (line->bytes > LINE_MAX_BYTES)
		return -E2BIG;
	if (arena_grow(line->g->arena, &line->text, &line->text_capacity, line->length + length + 1,
		       1))
		return -ENOMEM;
	memcpy(line->text + line->length, text, length);
	line->length += length;
	line->text[line->length] = '\0';
	line->is_open = true;
	return 0;
}

int grub_text_add(struct grub *g, struct grub_text *text, const char *between, const char *more)
{
	size_t gap = text->text ? strlen(between) : 0, length = strlen(more);

	if (arena_grow(g->arena, &text->text, &text->capacity, text->length + gap + length + 1, 1))
		return -ENOMEM;
	memcpy(text->text + text->length, between, gap);
	memcpy(text->text + text->length + gap, more, length + 1);
	text->length += gap + length;
	return 0;
}

static int add(struct line *line, char *argument)
{
	if (line->count == ARGUMENTS_MAX)
		return -E2BIG;
	if (!argument || arena_grow(line->g->arena, &line->items, &line->capacity, line->count + 3,
				    sizeof(char *)))
		return -ENOMEM;
	line->items[line->count++] = argument;
	return 0;
}

/* Ends the argument that is being made, if there is one. A pattern that matches nothing stays. */
static int end(struct line *line)
{
	bool is_pattern = line->is_pattern && line->g->has_wildcards;
	char *copy, **paths;
	size_t count = 0;
	int r = 0;

	if (!line->is_open)
		return 0;
	copy = arena_strndup(line->g->arena, line->text, line->length);
	if (copy && is_pattern)
		r = grub_glob(line->g, copy, &paths, &count);
	for (size_t i = 0; !r && i < count; i++)
		r = add(line, paths[i]);
	if (!r && !count)
		r = add(line, copy);
	line->length = 0;
	line->is_open = false;
	line->is_pattern = false;
	return r;
}

/*
 * Without quotes, blanks within the value part it into arguments; those before and behind it do not
 * part it from what it stands beside (script/argv.c, grub_script_argv_split_append()).
 */
static int append_split(struct line *line, const char *value)
{
	int r = 0;

	value += strspn(value, blanks);
	while (!r && *value) {
		size_t length = strcspn(value, blanks);

		r = append(line, value, length);
		line->is_pattern |= strcspn(value, "*?") < length;
		value += length;
		value += strspn(value, blanks);
		if (!r && *value)
			r = end(line);
	}
	return r;
}

static int append_value(struct line *line, const char *value, bool is_quoted)
{
	return is_quoted ? append(line, value, strlen(value)) : append_split(line, value);
}

/* $@ and $*: within quotes the one is as many arguments as there are, the other is one. */
static int append_all(struct line *line, char which, bool is_quoted)
{
	const struct grub *g = line->g;
	bool is_first = true;
	int r = 0;

	for (size_t i = 0; !r && i < g->argument_count; i++) {
		const char *value = g->arguments[i];

		/* Without quotes, what is empty does not part what is beside it. */
		if (!is_quoted && !value[strspn(value, blanks)])
			continue;
		if (!is_first)
			r = which == '*' && is_quoted ? append(line, " ", 1) : end(line);
		is_first = false;
		r = r ?: append_value(line, value, is_quoted);
	}
	return r;
}

static int append_number(struct line *line, size_t number)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%zu", number);

	return append(line, text, (size_t)length);
}

static int append_variable(struct line *line, const struct grub_part *part)
{
	struct grub *g = line->g;
	const char *name = part->text;
	unsigned long index;

	/* Looking for one goes over all, and a line may have very many. */
	g->steps++;

	/* Outside of functions and bodies there are no arguments, and no number of them. */
	if (!g->is_in_function && strchr("@*#0123456789", *name))
		return 0;
	switch (*name) {
	case '@':
	case '*':
		return append_all(line, *name, part->is_quoted);
	case '#':
		return append_number(line, g->argument_count);
	case '?':
		return append_number(line, (size_t)g->status);
	case '0' ... '9':
		index = strtoul(name, NULL, 10);
		if (!index || index > g->argument_count)
			return 0;
		return append_value(line, g->arguments[index - 1], part->is_quoted);
	default:
		return append_value(line, grub_env_get(g->env, name) ?: "", part->is_quoted);
	}
}

static int append_word(struct line *line, const struct grub_word *word)
{
	int r = 0;

	for (const struct grub_part *part = word->parts; !r && part; part = part->next) {
		if (!part->is_variable && !part->is_quoted)
			line->is_pattern |= strpbrk(part->text, "*?") != NULL;
		r = part->is_variable ? append_variable(line, part)
				      : append(line, part->text, strlen(part->text));
	}
	return r ?: end(line);
}

int grub_expand(struct grub *g, const struct grub_word *words, int *ret_argc, char ***ret_argv)
{
	struct line line = { .g = g };
	int r = arena_grow(g->arena, &line.items, &line.capacity, 8, sizeof(char *));

	for (; !r && words; words = words->next)
		r = append_word(&line, words);
	if (r)
		return r;
	line.items[line.count] = NULL;
	*ret_argc = (int)line.count;
	*ret_argv = line.items;
	return 0;
}
