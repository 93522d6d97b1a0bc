// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * search, which GRUB's scripts find file systems with (GRUB manual, "search").
 *
 * Where a UUID or a label is not found, GRUB leaves the variable alone, and goes on with whatever
 * device the script guessed before. Booting from the wrong file system is worse than not booting: we
 * put a name there that says what is missing. Hints only tell GRUB where to look first.
 */
#include "grub/interpreter.h"

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
		return GRUB_FALSE;
	if (!search->variable)
		return 0;
	name = r ? grub_volume_missing(g, describe(g, search)) : grub_volume_name(g, root);
	if (!name || grub_set(g, node, search->variable, name) < 0)
		return -ENOMEM;
	return r ? GRUB_FALSE : 0;
}

/* What @argument sets; 1 where it takes the next one for its value. */
static int take_option(struct search *search, const char *argument)
{
	if (!strcmp(argument, "--fs-uuid") || !strcmp(argument, "-u"))
		search->kind = GRUB_VOLUME_UUID;
	else if (!strcmp(argument, "--label") || !strcmp(argument, "--fs-label") ||
		 !strcmp(argument, "-l"))
		search->kind = GRUB_VOLUME_LABEL;
	else if (!strcmp(argument, "--file") || !strcmp(argument, "-f"))
		search->kind = GRUB_VOLUME_FILE;
	else if (!strncmp(argument, "--set=", 6))
		search->variable = argument + 6;
	else if (!strcmp(argument, "--set") || !strcmp(argument, "-s"))
		search->variable = "root";
	else
		return !strcmp(argument, "-h") ||
		       (!strncmp(argument, "--hint", 6) && !strchr(argument, '='));
	return 0;
}

int grub_search(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct search search = { .kind = GRUB_VOLUME_FILE };

	for (int i = 1; i < argc; i++) {
		if (*argv[i] == '-')
			i += take_option(&search, argv[i]);
		else if (!search.name)
			search.name = argv[i];
	}
	if (!search.name || !*search.name)
		return GRUB_FALSE;
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
		return GRUB_FALSE;
	search.name = argv[1];
	search.variable = argc > 2 ? argv[2] : NULL;
	return run(g, node, &search);
}
