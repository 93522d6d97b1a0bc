// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blscfg, with which the GRUB of Fedora and its kin makes its menu of the files in loader/entries.
 *
 * It takes more liberties than the Boot Loader Specification: a file's lines are turned into the
 * commands of a menu entry, in which variables are expanded ("options root=... $kernelopts"), and
 * without options there is $default_kernelopts. The newest comes first.
 */
#include "entry/version.h"
#include "format/grub.h"
#include "format/lines.h"
#include "format/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_BYTES_MAX (64 * 1024)

/* A file while it is read; in the arena of the run. */
struct snippet {
	const char *path;
	const char *id; /* the file's name without ".conf" */
	struct grub_text title, version, kernel, options, initrds, devicetree;
	bool is_unrestricted;
};

static int take_initrds(struct grub *g, struct snippet *snippet, char *value)
{
	char *word;
	int r = 0;

	while (!r && (word = lines_word(&value)))
		r = grub_text_add(g, &snippet->initrds, " ", word);
	return r;
}

static int take_line(struct grub *g, struct snippet *snippet, const char *key, char *value)
{
	const struct {
		const char *key;
		struct grub_text *field;
	} texts[] = {
		{ "title", &snippet->title },	  { "version", &snippet->version },
		{ "linux", &snippet->kernel },	  { "devicetree", &snippet->devicetree },
		{ "options", &snippet->options },
	};

	if (!strcmp(key, "initrd"))
		return take_initrds(g, snippet, value);
	if (!strcmp(key, "grub_arg"))
		snippet->is_unrestricted |= strstr(value, "--unrestricted") != NULL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(key, texts[i].key))
			return grub_text_add(g, texts[i].field, " ", value);
	return 0;
}

static struct entry_list *list_of(const struct grub *g)
{
	const struct grub_reader *reader = grub_host(g)->context;

	return reader->list;
}

static int read_snippet(struct grub *g, const struct entry_source *source, struct snippet *snippet)
{
	char *text, *key, *value;
	struct lines lines;
	int r;

	r = entry_place_read(list_of(g), source, snippet->path, ENTRY_BYTES_MAX, &text);
	if (r || !text)
		return r;
	lines = lines_of(text);
	while (!r && lines_next(&lines, &key, &value))
		r = take_line(g, snippet, key, value);
	free(text);
	return r;
}

/* The commands that GRUB makes of it. */
static const char *make_commands(struct grub *g, const struct snippet *snippet)
{
	const char *initrds = snippet->initrds.text, *devicetree = snippet->devicetree.text;

	return arena_printf(grub_arena(g), "linux %s %s\n%s%s\n%s%s\n", snippet->kernel.text,
			    snippet->options.text ?: "$default_kernelopts",
			    initrds ? "initrd " : "", initrds ?: "",
			    devicetree ? "devicetree " : "", devicetree ?: "");
}

/* GRUB_FALSE where the menu is full. */
static int add_item(struct grub *g, const struct fsroot *root, const struct snippet *snippet)
{
	const char *text = snippet->kernel.text ? make_commands(g, snippet) : "";
	struct grub_item *item;
	int r = text ? grub_menu_add(g, root, snippet->path, text, &item) : -ENOMEM;

	if (r)
		return r;
	item->id = snippet->id;
	item->title = snippet->title.text ?: snippet->id;
	item->version = snippet->version.text;
	item->is_unrestricted = snippet->is_unrestricted;
	return 0;
}

/* The newest first. Versions count only where all have one. */
static int compare(const void *a, const void *b, void *uses_versions)
{
	const struct snippet *left = a, *right = b;
	int order = 0;

	if (*(bool *)uses_versions)
		order = -version_compare(left->version.text, right->version.text);
	return order ?: -version_compare(left->id, right->id);
}

static int read_folder(struct grub *g, const struct grub_node *node,
		       const struct entry_source *source, const char *folder, size_t *ret_count)
{
	bool uses_versions = true;
	struct snippet *snippets;
	char **names;
	size_t count;
	int r = entry_place_list(list_of(g), source, folder, ".conf", &names, &count);

	*ret_count = r ? 0 : count;
	if (r || !count)
		return r;
	snippets = arena_alloc(grub_arena(g), count * sizeof(*snippets));
	if (!snippets)
		return -ENOMEM;
	for (size_t i = 0; !r && i < count; i++) {
		struct snippet *snippet = &snippets[i];

		snippet->path = arena_printf(grub_arena(g), "%s/%s", folder, names[i]);
		snippet->id = arena_strndup(grub_arena(g), names[i], strlen(names[i]) - 5);
		r = snippet->path && snippet->id ? grub_step(g, node) : -ENOMEM;
		r = r ?: read_snippet(g, source, snippet);
		uses_versions &= snippet->version.text != NULL;
	}
	qsort_r(snippets, count, sizeof(*snippets), compare, &uses_versions);
	for (size_t i = 0; !r && i < count; i++)
		r = grub_step(g, node) ?: add_item(g, source->root, &snippets[i]);
	return r;
}

static int find_root(struct grub *g, const struct grub_node *node, const struct fsroot **ret_root)
{
	const char *path, *reason;
	int r = grub_path(g, "/", ret_root, &path, &reason);

	return r == -ENOENT ? grub_fault(g, node, reason) : r;
}

int grub_blscfg(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	const char *folders[] = { grub_get(g, "blsdir") ?: "/loader/entries",
				  "/boot/loader/entries" };
	const struct grub_reader *reader = grub_host(g)->context;
	struct entry_source source = *reader->source;
	const char *root = grub_get(g, "root");
	const char *boot = grub_get(g, "boot");
	size_t count = 0;
	int r;

	/* $boot is where GRUB came from; scripts that search for it put it there. */
	r = boot && grub_set(g, node, "root", boot) ? -ENOMEM : find_root(g, node, &source.root);
	if (boot && r >= 0 && grub_set(g, node, "root", root) < 0)
		return -ENOMEM;
	for (size_t i = 0; !r && !count && i < 2; i++)
		r = read_folder(g, node, &source, folders[i], &count);
	return r;
}
