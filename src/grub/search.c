// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * search, which GRUB's scripts find file systems with (GRUB manual, "search").
 *
 * Where a UUID or a label is not found, GRUB leaves the variable alone, and goes on with whatever
 * device the script guessed before. Booting from the wrong file system is worse than not booting: we
 * put a name there that says what is missing. Hints only tell GRUB where to look first.
 */
#include "grub/interpreter.h"
#include "grub/option.h"

#include <errno.h>
#include <string.h>

struct search {
	enum grub_volume_kind kind;
	const char *name, *variable;
};

static const char *describe(struct grub *g, const struct search *search)
{
	const char *what = search->kind == GRUB_VOLUME_LABEL ? "label" : "UUID";

	return arena_printf(g->arena, "the file system with %s %s is not here", what, search->name);
}

/* 0 or -ENOENT, or -ENOMEM. */
static int find(struct grub *g, const struct search *search, const struct fsroot **ret_root)
{
	g->steps += GRUB_FILE_STEPS;
	return g->host->find(g->host, search->kind, search->name, ret_root);
}

static int run(struct grub *g, const struct grub_node *node, const struct search *search)
{
	const struct fsroot *root;
	const char *name;
	int r = find(g, search, &root);

	if (r == -ENOMEM)
		return r;
	if (r && (search->kind == GRUB_VOLUME_FILE || !search->variable))
		return GRUB_FILE_NOT_FOUND;
	if (!search->variable)
		return 0;
	name = r ? grub_volume_missing(g, describe(g, search)) : grub_volume_name(g, root);
	if (!name || grub_set(g, node, search->variable, name) < 0)
		return -ENOMEM;
	return r ? GRUB_FILE_NOT_FOUND : 0;
}

int grub_search(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	enum { FILE_KIND, LABEL_KIND, UUID_KIND, SET };
	struct grub_option options[] = {
		[FILE_KIND] = { .name = "file", .letter = 'f' },
		[LABEL_KIND] = { .name = "label", .letter = 'l' },
		[UUID_KIND] = { .name = "fs-uuid", .letter = 'u' },
		[SET] = { .name = "set", .letter = 's', .kind = GRUB_OPTION_OPTIONAL },
		{ .name = "fs-label" }, /* of the manual, not of GRUB */
		{ .name = "no-floppy", .letter = 'n' },
		{ .name = "efidisk-only" },
		{ .name = "cryptodisk-only" },
		{ .name = "root-dev-only", .letter = 'r' },
		{ .name = "hint", .letter = 'h', .kind = GRUB_OPTION_VALUE },
		{ .name = "hint-ieee1275", .kind = GRUB_OPTION_VALUE },
		{ .name = "hint-bios", .kind = GRUB_OPTION_VALUE },
		{ .name = "hint-baremetal", .kind = GRUB_OPTION_VALUE },
		{ .name = "hint-efi", .kind = GRUB_OPTION_VALUE },
		{ .name = "hint-arc", .kind = GRUB_OPTION_VALUE },
		{ .name = NULL },
	};
	struct grub_options all = { .options = options, .accepts_dash = true };
	struct search search = { .kind = GRUB_VOLUME_FILE };
	int i = 1, r = grub_options_take(&all, argc, argv, &argc);

	if (r)
		return r == -ENOEXEC ? 0 : r;
	/* Hints of other platforms, which GRUB takes for words. */
	while (i < argc && !strncmp(argv[i], "--hint-", 7))
		i++;
	if (options[SET].is_set)
		search.variable = options[SET].value ?: "root";
	search.name = argv[i];
	/* "search --set NAME": the only word there is. */
	if (i == argc && options[SET].is_set && options[SET].value) {
		search.name = options[SET].value;
		search.variable = "root";
	}
	if (!search.name)
		return GRUB_BAD_ARGUMENT;
	if (options[LABEL_KIND].is_set || options[SET + 1].is_set)
		search.kind = GRUB_VOLUME_LABEL;
	else if (options[UUID_KIND].is_set)
		search.kind = GRUB_VOLUME_UUID;
	else if (!options[FILE_KIND].is_set)
		return GRUB_INVALID;
	return run(g, node, &search);
}

/* "search.fs_uuid UUID VARIABLE HINT...", which is what the file of an EFI system partition has. */
int grub_search_short(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct search search = { .kind = GRUB_VOLUME_FILE };

	if (!strcmp(argv[0], "search.fs_uuid"))
		search.kind = GRUB_VOLUME_UUID;
	else if (!strcmp(argv[0], "search.fs_label"))
		search.kind = GRUB_VOLUME_LABEL;
	if (argc < 2)
		return GRUB_BAD_ARGUMENT;
	search.name = argv[1];
	search.variable = argc > 2 ? argv[2] : NULL;
	return run(g, node, &search);
}
