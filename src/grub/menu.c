// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB's menus (GRUB manual, "menuentry", "submenu").
 *
 * GRUB runs the body of an entry when it is chosen, after the whole script, so we do too: once a
 * menu is whole, each body is run upon the variables that the script left behind, and what it would
 * have loaded is the item's. A body that makes a menu of its own (configfile) is a submenu.
 */
#include "grub/interpreter.h"
#include "grub/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Items.
 */

static struct grub_item *new_item(struct grub *g, const struct grub_script *script,
				  unsigned int line)
{
	struct grub_item *item = arena_alloc(g->arena, sizeof(*item));

	if (!item)
		return NULL;
	item->env = g->env;
	item->root = script->root;
	item->path = script->path;
	item->line = line;
	item->is_unseen = g->is_unseen;
	*g->menu->end = item;
	g->menu->end = &item->next;
	return item;
}

/* @text as the body of an item, on behalf of the file @path of @root. */
static int parse_body(struct grub *g, const struct fsroot *root, const char *path, const char *text,
		      struct grub_script **ret_script)
{
	struct grub_script *script = arena_alloc(g->arena, sizeof(*script));

	if (!script)
		return -ENOMEM;
	script->root = root;
	script->path = path;
	*ret_script = script;
	return grub_parse(g->arena, text, script);
}

int grub_menu_add(struct grub *g, const struct fsroot *root, const char *path, const char *commands,
		  struct grub_item **ret_item)
{
	struct grub_script *script;
	struct grub_item *item;
	int r;

	if (g->entries++ >= GRUB_ENTRIES_MAX)
		return GRUB_FALSE;
	r = parse_body(g, root, path, commands, &script);
	item = r ? NULL : new_item(g, script, 0);
	if (!item)
		return -ENOMEM;
	/* The commands are not the file's, and so their lines are not either. */
	for (struct grub_node *line = script->first; line; line = line->next)
		line->line = 0;
	item->body = script->first;
	*ret_item = item;
	return 0;
}

static int take_source(struct grub *g, const struct grub_node *node, const char *text,
		       struct grub_item *item)
{
	struct grub_script *script;
	int r = parse_body(g, node->script->root, node->script->path, text, &script);

	if (!r)
		item->body = script->first;
	return r;
}

enum { CLASS, USERS, HOTKEY, SOURCE, ID, UNRESTRICTED, OPTIONS };

/*
 * @argv with the block of @node as its last, as GRUB has it: an option in front of it may take it for
 * its value. *@ret_block is that argument; it stays if there is no block.
 */
static char **with_block(struct grub *g, const struct grub_node *node, int *argc, char **argv,
			 char **ret_block)
{
	char **all = arena_alloc(g->arena, ((size_t)*argc + 2) * sizeof(char *));
	static char block[] = "{";

	if (!all)
		return NULL;
	memcpy(all, argv, (size_t)*argc * sizeof(char *));
	if (node->body)
		all[(*argc)++] = *ret_block = block;
	return all;
}

static void take_options(struct grub_item *item, const struct grub_option *options)
{
	item->id = options[ID].is_set ? options[ID].value : NULL;
	item->is_unrestricted = options[UNRESTRICTED].is_set;
}

/* @argv with its options; the first word is the title, and all are arguments of the body. */
static int add_item(struct grub *g, const struct grub_node *node, int argc, char **argv,
		    const char *greyed)
{
	struct grub_option options[] = {
		[CLASS] = { .name = "class", .letter = 1, .kind = GRUB_OPTION_VALUE },
		[USERS] = { .name = "users", .letter = 2, .kind = GRUB_OPTION_VALUE },
		[HOTKEY] = { .name = "hotkey", .letter = 3, .kind = GRUB_OPTION_VALUE },
		[SOURCE] = { .name = "source", .letter = 4, .kind = GRUB_OPTION_VALUE },
		[ID] = { .name = "id", .kind = GRUB_OPTION_VALUE },
		[UNRESTRICTED] = { .name = "unrestricted" },
		[OPTIONS] = { .name = NULL },
	};
	struct grub_options all = { .options = options, .accepts_dash = true };
	struct grub_item *item;
	char *block = NULL;
	bool is_whole;
	int r;

	argv = with_block(g, node, &argc, argv, &block);
	r = argv ? grub_options_take(&all, argc, argv, &argc) : -ENOMEM;
	if (r)
		return r == -ENOEXEC ? 0 : r;
	if (argc < 2 || (block != NULL) == options[SOURCE].is_set)
		return GRUB_BAD_ARGUMENT;
	/* Was it an option's, then GRUB takes the last word for it, which is none. */
	is_whole = !block || argv[argc - 1] == block;
	argc -= block != NULL;
	if (argc < 2)
		return GRUB_BAD_MENU;
	item = new_item(g, node->script, node->line);
	if (!item)
		return -ENOMEM;
	item->is_submenu = !strcmp(argv[0], "submenu");
	item->is_hidden = !strcmp(argv[0], "hiddenentry");
	item->greyed = greyed;
	item->body = is_whole ? node->body : NULL;
	item->arguments = argv + 1;
	item->argument_count = (size_t)argc - 1;
	item->title = argv[1];
	take_options(item, options);
	return options[SOURCE].is_set ? take_source(g, node, options[SOURCE].value, item) : 0;
}

int grub_menuentry(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	if (++g->entries > GRUB_ENTRIES_MAX)
		return grub_stop(g, node, "more entries than a menu can show: no more is read");
	return add_item(g, node, argc, argv, NULL);
}

static bool is_entry(const struct grub *g, const struct grub_node *node)
{
	const struct grub_word *word = node->words;

	return node->kind != GRUB_FOR && word && word->plain &&
	       grub_command_find(g, word->plain) == grub_menuentry;
}

static bool is_submenu(const struct grub_node *node)
{
	return !strcmp(node->words->plain, "submenu");
}

static int add_broken(struct grub *g, const struct grub_node *node, const char *reason)
{
	char **argv;
	int argc, r = grub_expand(g, node->words, &argc, &argv);

	if (r || ++g->entries > GRUB_ENTRIES_MAX)
		return r == -ENOMEM ? r : GRUB_FALSE;
	return add_item(g, node, argc, argv, reason);
}

/* @node and what follows it. */
static int add_all_broken(struct grub *g, const struct grub_node *node, const char *reason,
			  bool has_rest)
{
	int r = 0;

	for (; node && r >= 0; node = node->next) {
		const struct grub_node *parts[] = { node->condition, node->body, node->otherwise };
		bool is_mine = is_entry(g, node);

		if (is_mine && !(has_rest && node->body && is_submenu(node)))
			r = add_broken(g, node, reason);
		for (size_t i = 0; !is_mine && !has_rest && i < 3; i++)
			if (r >= 0 && node->kind != GRUB_FUNCTION)
				r = add_all_broken(g, parts[i], reason, false);
	}
	return r;
}

/* What lies within others is in the rest, too, if there is one: it is added when that is run. */
int grub_menu_broken(struct grub *g, const struct grub_node *node, const char *reason)
{
	bool is_unseen = g->is_unseen;
	int r;

	g->is_unseen = true;
	r = add_all_broken(g, node->body, reason, node->otherwise != NULL);
	g->is_unseen = is_unseen;
	return r;
}

/*
 * What they boot.
 */

/* An item without a kernel is grey, with what is known of why. */
static int explain(struct grub *g, const struct grub_item *item, struct grub_boot *boot)
{
	if (boot->kernel.root || boot->greyed)
		return 0;
	boot->greyed =
		boot->not_loaded ?: grub_message(g, item->path, item->line, "it loads no kernel");
	return boot->greyed ? 0 : -ENOMEM;
}

/* Runs the body of @item with variables of its own; what it makes goes to @boot and @menu. */
static int run_body(struct grub *g, const struct grub_item *item, struct grub_boot *boot,
		    struct grub_menu *menu)
{
	struct grub around = *g;
	int r;

	g->outside = NULL;
	g->env = grub_env_new(g->arena, item->env, item->is_submenu);
	if (!g->env)
		return -ENOMEM;
	*menu = (struct grub_menu){ .end = &menu->first, .env = g->env };
	g->menu = menu;
	g->boot = boot;
	g->arguments = item->arguments;
	g->argument_count = item->argument_count;
	g->is_in_function = true;
	g->is_stopped = false;
	g->is_unseen = item->is_unseen;
	if (boot && g->steps + GRUB_BODY_STEPS < GRUB_STEPS_MAX)
		g->steps_max = g->steps + GRUB_BODY_STEPS;
	else
		g->steps_max = GRUB_STEPS_MAX;
	r = grub_run_lines(g, item->body);
	g->env = around.env;
	g->menu = around.menu;
	g->boot = around.boot;
	g->arguments = around.arguments;
	g->argument_count = around.argument_count;
	g->is_in_function = around.is_in_function;
	g->is_unseen = false;
	g->is_returning = false;
	g->breaks = 0;
	g->status = 0;
	return r;
}

int grub_menu_boot(struct grub *g, const struct grub_node *node, struct grub_boot *boot)
{
	struct grub_item *item = new_item(g, node->script, node->line);
	const char *slash;

	if (!item)
		return -ENOMEM;
	slash = boot->kernel.root ? strrchr(boot->kernel.path, '/') : NULL;
	item->title = slash ? slash + 1 : "boot";
	item->boot = boot;
	if (!item->is_unseen && !g->menu->at_once)
		g->menu->at_once = item;
	return 0;
}

static int settle(struct grub *g, struct grub_menu *menu, const char *greyed);

/* The menu that @item leads to. */
static int settle_submenu(struct grub *g, struct grub_item *item, const char *greyed)
{
	int r;

	g->calls++;
	r = settle(g, item->menu, item->greyed ?: greyed);
	g->calls--;
	return r;
}

static int settle_item(struct grub *g, struct grub_item *item, const char *greyed)
{
	struct grub_boot *boot = arena_alloc(g->arena, sizeof(*boot));
	struct grub_menu *menu = arena_alloc(g->arena, sizeof(*menu));
	int r = 0;

	if (item->boot)
		return 0;
	if (!menu || !boot)
		return -ENOMEM;
	boot->greyed = item->greyed ?: greyed;
	if (item->is_submenu || !boot->greyed)
		r = run_body(g, item, item->is_submenu ? NULL : boot, menu);
	if (r < 0)
		return r;
	if (menu->first && g->calls < GRUB_CALLS_MAX) {
		item->menu = menu;
		return settle_submenu(g, item, greyed);
	}
	if (item->image) {
		item->boot = boot;
		return 0;
	}
	/* An empty submenu is nothing that one could choose. */
	if (item->is_submenu && !boot->greyed)
		return 0;
	item->boot = boot;
	return explain(g, item, boot);
}

/* @greyed: why all in @menu is grey; NULL: it is not. */
static int settle(struct grub *g, struct grub_menu *menu, const char *greyed)
{
	int r = 0;

	for (struct grub_item *item = menu->first; !r && item; item = item->next)
		r = settle_item(g, item, greyed);
	return r;
}

int grub_menu_settle(struct grub *g, struct grub_menu *menu)
{
	return settle(g, menu, NULL);
}

bool grub_menu_has(const struct grub_menu *menu, const struct fsroot *root, const char *path)
{
	for (const struct grub_item *item = menu->first; item; item = item->next) {
		if (item->menu && grub_menu_has(item->menu, root, path))
			return true;
		if (item->boot && !strcmp(item->path, path) &&
		    (item->root == root || fsroot_is_same(item->root, root)))
			return true;
	}
	return false;
}

/*
 * The default.
 */

/* Where @spec begins with @text, what is behind the ">" after it, or "". In @spec, ">>" is a ">". */
static const char *match(const char *text, const char *spec)
{
	for (; *text; text++, spec++) {
		if (*text != *spec)
			return NULL;
		if (*spec == '>' && *++spec != '>')
			return NULL;
	}
	if (!*spec)
		return spec;
	return *spec == '>' && spec[1] != '>' ? spec + 1 : NULL;
}

/* @item, or the first behind it that GRUB has in its menu. */
static struct grub_item *seen(struct grub_item *item)
{
	while (item && item->is_unseen)
		item = item->next;
	return item;
}

static struct grub_item *item_at(const struct grub_menu *menu, const char *spec,
				 const char **ret_rest)
{
	struct grub_item *item = seen(menu->first);
	char *end;
	unsigned long number = strtoul(spec, &end, 0);

	if (end == spec || *spec == '-' || (*end && *end != '>'))
		return NULL;
	*ret_rest = *end ? end + 1 : end;
	while (item && number--)
		item = seen(item->next);
	return item;
}

/* The first of that id or title, else by number. GRUB asks for the number first, which is no name. */
static struct grub_item *find_item(const struct grub_menu *menu, const char *spec,
				   const char **ret_rest)
{
	struct grub_item *item;

	for (item = seen(menu->first); item; item = seen(item->next))
		if ((item->id && (*ret_rest = match(item->id, spec))) ||
		    (*ret_rest = match(item->title, spec)))
			return item;
	return item_at(menu, spec, ret_rest);
}

/* What is behind the first ">" of @spec that is no ">>"; "" where there is none. */
static const char *rest_of(const char *spec)
{
	for (; *spec; spec++) {
		if (*spec != '>')
			continue;
		if (spec[1] != '>')
			return spec + 1;
		spec++;
	}
	return spec;
}

/* Into submenus, the first item of which is meant where @rest means none. */
static struct grub_item *descend(struct grub_item *item, const char *rest)
{
	const struct grub_menu *menu;
	const char *ignored;

	while (item && item->menu) {
		menu = item->menu;
		/* Choosing it leaves GRUB. */
		if (menu->left)
			return NULL;
		item = menu->at_once ?: *rest ? find_item(menu, rest, &ignored) : NULL;
		item = item ?: seen(menu->first);
		rest = rest_of(rest);
	}
	return item;
}

struct grub_item *grub_menu_find(const struct grub_menu *menu, const char *name)
{
	const char *ignored;

	return descend(find_item(menu, name, &ignored), rest_of(name));
}

struct grub_item *grub_menu_default(const struct grub_menu *menu, const char *name)
{
	const char *ignored;
	struct grub_item *item = menu->at_once ?: find_item(menu, name, &ignored);

	return descend(item ?: seen(menu->first), rest_of(name));
}
