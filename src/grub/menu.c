// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB's menus (GRUB manual, "menuentry", "submenu").
 *
 * GRUB runs the body of an entry when it is chosen, after the whole script, so we do too: once a
 * menu is whole, each body is run upon the variables that the script left behind, and what it would
 * have loaded is the item's. A body that makes a menu of its own (configfile) is a submenu.
 */
#include "grub/interpreter.h"

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
	*g->menu->end = item;
	g->menu->end = &item->next;
	return item;
}

/* The value of the option @name at argv[*at], or NULL where that is another. */
static const char *take_option(char **argv, int *at, const char *name)
{
	const char *argument = argv[*at];
	size_t length = strlen(name);

	if (strncmp(argument, name, length) != 0)
		return NULL;
	if (argument[length] == '=')
		return argument + length + 1;
	if (argument[length] || !argv[*at + 1])
		return NULL;
	return argv[++*at];
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

/* One argument of a menuentry; what is no option is a parameter of its body, the first its title. */
static int take_argument(struct grub *g, const struct grub_node *node, struct grub_item *item,
			 char **argv, int *at)
{
	const char *value;

	value = take_option(argv, at, "--id");
	if (value) {
		item->id = value;
		return 0;
	}
	value = take_option(argv, at, "--source");
	if (value)
		return take_source(g, node, value, item);
	if (!strcmp(argv[*at], "--unrestricted")) {
		item->is_unrestricted = true;
		return 0;
	}
	if (take_option(argv, at, "--class") || take_option(argv, at, "--users") ||
	    take_option(argv, at, "--hotkey"))
		return 0;
	item->arguments[item->argument_count++] = argv[*at];
	return 0;
}

static int add_item(struct grub *g, const struct grub_node *node, int argc, char **argv,
		    const char *greyed)
{
	struct grub_item *item = new_item(g, node->script, node->line);
	int r = 0;

	if (!item)
		return -ENOMEM;
	item->arguments = arena_alloc(g->arena, (size_t)argc * sizeof(char *));
	if (!item->arguments)
		return -ENOMEM;
	item->is_submenu = !strcmp(argv[0], "submenu");
	item->is_hidden = !strcmp(argv[0], "hiddenentry");
	item->greyed = greyed;
	item->body = node->body;
	for (int i = 1; !r && i < argc; i++)
		r = take_argument(g, node, item, argv, &i);
	item->title = item->argument_count ? item->arguments[0] : "";
	return r;
}

int grub_menuentry(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	int r;

	if (++g->entries > GRUB_ENTRIES_MAX)
		return grub_stop(g, node, "more entries than a menu can show: no more is read");
	r = add_item(g, node, argc, argv, NULL);
	return r;
}

static bool is_entry(const struct grub *g, const struct grub_node *node)
{
	const struct grub_word *word = node->words;

	return node->kind != GRUB_FOR && word && word->plain &&
	       grub_command_find(g, word->plain) == grub_menuentry;
}

static int add_broken(struct grub *g, const struct grub_node *node, const char *reason)
{
	char **argv;
	int argc, r = grub_expand(g, node->words, &argc, &argv);

	if (r || ++g->entries > GRUB_ENTRIES_MAX)
		return r == -ENOMEM ? r : GRUB_FALSE;
	/* What is in a submenu whose end is missing is whole for that. */
	if (!strcmp(argv[0], "submenu") && node->kind == GRUB_BROKEN && node->body)
		reason = NULL;
	return add_item(g, node, argc, argv, reason);
}

int grub_menu_broken(struct grub *g, const struct grub_node *node, const char *reason)
{
	const struct grub_node *parts[] = { node->condition, node->body, node->otherwise };
	int r = 0;

	if (is_entry(g, node))
		return add_broken(g, node, reason);
	for (size_t i = 0; i < 3; i++)
		for (node = parts[i]; node && r >= 0; node = node->next)
			if (node->kind != GRUB_FUNCTION)
				r = grub_menu_broken(g, node, reason);
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
	if (boot && g->steps + GRUB_BODY_STEPS < GRUB_STEPS_MAX)
		g->steps_max = g->steps + GRUB_BODY_STEPS;
	else
		g->steps_max = GRUB_STEPS_MAX;
	r = grub_run(g, item->body);
	g->env = around.env;
	g->menu = around.menu;
	g->boot = around.boot;
	g->arguments = around.arguments;
	g->argument_count = around.argument_count;
	g->is_in_function = around.is_in_function;
	g->is_returning = false;
	g->breaks = 0;
	g->status = 0;
	return r;
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

static struct grub_item *item_at(const struct grub_menu *menu, const char *spec,
				 const char **ret_rest)
{
	struct grub_item *item = menu->first;
	char *end;
	unsigned long number = strtoul(spec, &end, 0);

	if (end == spec || *spec == '-' || (*end && *end != '>'))
		return NULL;
	*ret_rest = *end ? end + 1 : end;
	while (item && number--)
		item = item->next;
	return item;
}

/* By id, else by title, else by number, in this order: GRUB's. */
static struct grub_item *find_item(const struct grub_menu *menu, const char *spec,
				   const char **ret_rest)
{
	struct grub_item *item;

	for (item = menu->first; item; item = item->next)
		if ((*ret_rest = match(item->id ?: item->title, spec)))
			return item;
	for (item = menu->first; item; item = item->next)
		if ((*ret_rest = match(item->title, spec)))
			return item;
	return item_at(menu, spec, ret_rest);
}

struct grub_item *grub_menu_find(const struct grub_menu *menu, const char *name)
{
	struct grub_item *item;
	const char *rest = "";

	item = find_item(menu, name, &rest);
	while (item && item->menu) {
		menu = item->menu;
		item = *rest ? find_item(menu, rest, &rest) : NULL;
		item = item ?: menu->first;
	}
	return item;
}
