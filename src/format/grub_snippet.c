// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of loader/entries for blscfg; see grub_snippet.h. */
#include "format/grub_snippet.h"

#include "format/grub.h"
#include "place/lines.h"
#include "place/place.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_BYTES_MAX (64 * 1024)

static int take_text(struct grub *g, const char *value, const char **text)
{
	if (*text)
		return 0;
	*text = arena_strdup(grub_arena(g), value);
	return *text ? 0 : -ENOMEM;
}

static int take_line(struct grub *g, struct grub_snippet *snippet, const char *key,
		     const char *value)
{
	const struct {
		const char *key;
		const char **field;
	} texts[] = {
		{ "title", &snippet->title },	  { "version", &snippet->version },
		{ "linux", &snippet->kernel },	  { "devicetree", &snippet->devicetree },
		{ "options", &snippet->options },
	};

	if (!strcmp(key, "initrd"))
		return take_text(g, value, &snippet->first_initrd)
			       ?: grub_text_add(g, &snippet->initrds, " ", value);
	if (!strcmp(key, "grub_arg"))
		snippet->is_unrestricted |= !strcmp(value, "--unrestricted");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(key, texts[i].key))
			return take_text(g, value, texts[i].field);
	return 0;
}

/* Cuts the next line off *@at into a key and its value; false where GRUB reads no further. */
static bool next_line(char **at, char **ret_key, char **ret_value)
{
	char *line = *at, *value;

	if (!*line)
		return false;
	line = strsep(at, "\n");
	if (!*at)
		*at = line + strlen(line);
	line += strspn(line, " \t");
	value = line + strcspn(line, " \t");
	if (*line != '#' && !*value)
		return false;
	if (*value)
		*value++ = '\0';
	*ret_key = line;
	*ret_value = value + strspn(value, " \t");
	return *line == '#' || **ret_value;
}

/* GRUB does not see carriage returns. */
static void drop_returns(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != '\r')
			*to++ = *text;
	*to = '\0';
}

int grub_snippet_read(struct grub *g, const struct entry_source *source,
		      struct grub_snippet *ret_snippet)
{
	const struct grub_reader *reader = grub_host(g)->context;
	char *text, *at, *key, *value;
	int r = entry_place_read(reader->list, source, ret_snippet->path, ENTRY_BYTES_MAX, &text);

	if (r || !text)
		return r;
	drop_returns(text);
	at = text;
	while (!r && next_line(&at, &key, &value))
		r = *key == '#' ? 0 : take_line(g, ret_snippet, key, value);
	free(text);
	return r;
}

/*
 * The commands.
 */

/*
 * "$name" in @value gives the variable's value with a blank behind it, and takes one that is there;
 * one that is not set gives nothing (expand_val()). A backslash in front makes it no variable. NULL: no
 * memory.
 */
static const char *expand(struct grub *g, const char *value)
{
	struct grub_text text = { .length = 0 };
	int r = grub_text_add(g, &text, "", "");

	while (!r && *value) {
		size_t plain = strcspn(value, "$"), name = 0;
		const char *variable;

		while (value[plain] && plain && value[plain - 1] == '\\')
			plain += 1 + strcspn(value + plain + 1, "$");
		variable = arena_strndup(grub_arena(g), value, plain);
		r = variable ? grub_text_add(g, &text, "", variable) : -ENOMEM;
		value += plain;
		if (r || !*value)
			break;
		value++;
		while (isalnum((unsigned char)value[name]) || value[name] == '_')
			name++;
		variable = arena_strndup(grub_arena(g), value, name);
		if (!variable)
			return NULL;
		value += name;
		variable = *variable ? grub_get(g, variable) : NULL;
		if (variable)
			r = grub_text_add(g, &text, "", variable)
				    ?: grub_text_add(g, &text, "", " ");
		if (name && *value == ' ')
			value++;
	}
	return r ? NULL : text.text;
}

/* @path up to its last slash, which is kept. NULL: no memory. */
static const char *folder_of(struct grub *g, const char *path)
{
	const char *slash = strrchr(path, '/');

	return arena_strndup(grub_arena(g), path, slash ? (size_t)(slash - path) + 1 : 0);
}

/* $early_initrd: names of files beside the initrd, which come first. */
static int add_early(struct grub *g, const struct grub_snippet *snippet, struct grub_text *text)
{
	const char *names = grub_get(g, "early_initrd");
	const char *folder = folder_of(g, snippet->first_initrd ?: snippet->kernel);
	int r = folder ? 0 : -ENOMEM;

	while (!r && names && *names) {
		size_t length = strcspn(names, " ");
		const char *path =
			arena_printf(grub_arena(g), "%s%.*s", folder, (int)length, names);

		if (length)
			r = path ? grub_text_add(g, text, " ", path) : -ENOMEM;
		names += length + (names[length] == ' ');
	}
	return r;
}

/* A device tree of its own, or the one of $devicetree, beside the kernel. */
static const char *make_devicetree(struct grub *g, const struct grub_snippet *snippet,
				   bool is_fedoras)
{
	const char *common = is_fedoras ? grub_get(g, "devicetree") : NULL;
	const char *folder = folder_of(g, snippet->kernel), *value;

	if (snippet->devicetree) {
		value = expand(g, snippet->devicetree);
		return value ? arena_printf(grub_arena(g), "devicetree %s\n", value) : NULL;
	}
	if (!common)
		return "";
	value = expand(g, common);
	return value && folder ? arena_printf(grub_arena(g), "devicetree %s%s\n", folder, value)
			       : NULL;
}

const char *grub_snippet_commands(struct grub *g, const struct grub_snippet *snippet,
				  bool is_fedoras)
{
	const char *options = snippet->options, *devicetree;
	struct grub_text initrds = { .length = 0 };
	int r = is_fedoras ? add_early(g, snippet, &initrds) : 0;

	if (!options && is_fedoras)
		options = grub_get(g, "default_kernelopts");
	options = expand(g, options ?: "");
	devicetree = make_devicetree(g, snippet, is_fedoras);
	if (!r && snippet->initrds.text)
		r = grub_text_add(g, &initrds, " ", snippet->initrds.text);
	if (r || !options || !devicetree)
		return NULL;
	return arena_printf(grub_arena(g), "linux %s %s\n%s%s\n%s", snippet->kernel, options,
			    initrds.text ? "initrd " : "", initrds.text ?: "", devicetree);
}
