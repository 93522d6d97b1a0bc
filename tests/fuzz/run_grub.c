// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: run_grub FOLDER NAME
 *
 * Runs FOLDER/ours/grub.cfg, on a file system that is FOLDER, and prints what its command `say` was given, a word a line: first by the script, then, behind a line "@@CHOSEN", by the
 * body of the item that NAME means as a default. For grub_emu.py, which compares.
 */
#include "grub/interpreter.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What bodies say is kept until it is known which of them is chosen. */
struct saying {
	struct saying *next;
	const struct grub_boot *boot;
	char *text;
};

struct run {
	const struct fsroot *root;
	struct saying *first, **end;
};

static int find(const struct grub_host *host, enum grub_volume_kind kind, const char *name,
		const struct fsroot **ret_root)
{
	if (kind == GRUB_VOLUME_FILE && fsroot_exists(host->root, name))
		return -ENOENT;
	if (kind == GRUB_VOLUME_UUID || kind == GRUB_VOLUME_LABEL)
		return -ENOENT;
	if (kind == GRUB_VOLUME_DEVICE && strcmp(name, "host") != 0)
		return -ENXIO;
	*ret_root = host->root;
	return 0;
}

static const char *locate(const struct grub_host *host, struct arena *arena, const char *path)
{
	return fsroot_tidy(arena, path);
}

static int read_text(const struct grub_host *host, const struct fsroot *root, const char *path,
		     size_t limit, char **ret_text)
{
	*ret_text = NULL;
	return fsroot_read(root, path, limit, ret_text, NULL) == -ENOMEM ? -ENOMEM : 0;
}

static int tell(const struct grub_host *host, const struct fsroot *root, const char *path,
		unsigned int line, const char *reason)
{
	fprintf(stderr, "%s:%u: %s\n", path, line, reason);
	return 0;
}

static const char *uuid_of(const struct grub_host *host, const struct fsroot *root)
{
	return NULL;
}

static bool is_listed(const struct grub_host *host, const struct fsroot *root, const char *path)
{
	return false;
}

static int say(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct run *run = grub_host(g)->context;
	struct saying *saying;

	if (g->is_unseen)
		return 0;
	if (g->menu != &g->top && !g->boot)
		fputs("a submenu says something\n", stderr);
	/*
	 * As the function of that name does it: for its loop "$@" is a word even where it is empty, and
	 * the loop ends where a "return" was met before.
	 */
	for (int i = 1; i == 1 || (i < argc && !g->is_returning); i++) {
		const char *word = i < argc ? argv[i] : "";

		if (!g->boot) {
			printf("<%s>\n", word);
			continue;
		}
		saying = calloc(1, sizeof(*saying));
		if (!saying || asprintf(&saying->text, "<%s>\n", word) < 0)
			return -ENOMEM;
		saying->boot = g->boot;
		*run->end = saying;
		run->end = &saying->next;
	}
	g->is_returning = false;
	return 0;
}

static int preset(struct grub *g)
{
	static const char *const features[] = { "feature_menuentry_id", "feature_timeout_style" };
	int r = grub_preset(g, "root", "host") ?: grub_preset(g, "prefix", "(host)/ours");

	r = r ?: grub_preset(g, "grub_platform", "emu") ?: grub_preset(g, "grub_cpu", "x86_64");
	for (size_t i = 0; !r && i < sizeof(features) / sizeof(features[0]); i++)
		r = grub_preset(g, features[i], "y");
	return r;
}

int main(int argc, char **argv)
{
	static const struct grub_command commands[] = { { "say", say }, { NULL, NULL } };
	struct run run = { .end = &run.first };
	struct grub_host host = {
		.firmware = "emu",
		.machine = "x86_64",
		.find = find,
		.locate = locate,
		.read = read_text,
		.tell = tell,
		.uuid = uuid_of,
		.is_listed = is_listed,
		.commands = commands,
		.context = &run,
	};
	const struct grub_item *item;
	struct fsroot *root;
	struct grub *g;

	if (argc != 3 || fsroot_open(argv[1], &root))
		return 2;
	host.root = root;
	g = grub_new(&host);
	if (!g || preset(g) || grub_run_script(g, root, "/ours/grub.cfg"))
		return 1;
	item = grub_menu_default(grub_menu(g), argv[2]);
	for (const struct grub_item *at = grub_menu(g)->first; at; at = at->next) {
		if (at->menu && !at->is_submenu)
			fputs("a body makes a menu\n", stderr);
		if (isdigit((unsigned char)*at->title))
			fputs("a number for a title\n", stderr);
	}
	if (g->steps > GRUB_BODY_STEPS / 2)
		fputs("too much\n", stderr);
	if (item && item->boot && item->boot->greyed)
		fprintf(stderr, "%s\n", item->boot->greyed);
	printf("@@CHOSEN\n");
	for (const struct saying *at = run.first; item && at; at = at->next)
		if (at->boot == item->boot)
			fputs(at->text, stdout);
	return 0;
}
