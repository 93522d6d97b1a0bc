// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A GRUB script run: branches, loops, functions, and commands one by one.
 *
 * The status of what is run is GRUB's, also where that is odd: an unknown command is told about and
 * then counts as true (GRUB 2.06, grub_script_execute_cmdline()).
 */
#include "grub/interpreter.h"

#include <errno.h>
#include <string.h>

static int run_one(struct grub *g, const struct grub_node *node);

const char *grub_message(struct grub *g, const char *path, unsigned int line, const char *reason)
{
	if (!line)
		return arena_printf(g->arena, "%s: %s", path, reason);
	return arena_printf(g->arena, "%s:%u: %s", path, line, reason);
}

int grub_fault(struct grub *g, const struct grub_node *node, const char *reason)
{
	const struct grub_script *script = node->script;

	g->status = GRUB_FALSE;
	if (!g->boot)
		return g->host->tell(g->host, script->root, script->path, node->line, reason)
			       ?: GRUB_FALSE;
	if (!g->boot->greyed)
		g->boot->greyed = grub_message(g, script->path, node->line, reason);
	return g->boot->greyed ? GRUB_FALSE : -ENOMEM;
}

int grub_stop(struct grub *g, const struct grub_node *node, const char *reason)
{
	g->is_stopped = true;
	return grub_fault(g, node, reason);
}

int grub_set(struct grub *g, const struct grub_node *node, const char *name, const char *value)
{
	int r = grub_env_set(g->env, name, value);

	if (r == -E2BIG)
		return grub_stop(g, node, "more variables, or a longer one, than any menu needs");
	return r;
}

int grub_step(struct grub *g, const struct grub_node *node)
{
	if (++g->steps > g->steps_max)
		return grub_stop(g, node, "it does not come to an end: no more of it is run");
	if (arena_used(g->arena) > GRUB_MEMORY_MAX)
		return grub_stop(g, node, "it takes too much memory: no more of it is run");
	return 0;
}

/* True when what follows is not to be run. */
static bool is_leaving(const struct grub *g)
{
	return g->is_stopped || g->is_returning || g->breaks;
}

int grub_run(struct grub *g, const struct grub_node *node)
{
	int r = 0;

	while (node && !g->is_stopped && !g->breaks) {
		r = run_one(g, node);
		if (r < 0)
			return r;
		g->status = r;
		node = is_leaving(g) ? NULL : node->next;
	}
	return r;
}

/*
 * GRUB runs scripts and the bodies of entries line by line. A "return" there leaves its line; that it
 * was met is forgotten when the next function ends, and up to then lines come to their first command.
 */
int grub_run_lines(struct grub *g, const struct grub_node *node)
{
	int r = 0;

	while (node && !g->is_stopped) {
		r = run_one(g, node);
		if (r < 0)
			return r;
		g->status = r;
		node = node->next;
		while (g->is_returning && node && !node->begins_line)
			node = node->next;
	}
	return r;
}

/*
 * Functions.
 */

static int define(struct grub *g, const struct grub_node *node)
{
	if (g->is_unseen)
		return g->status;
	for (size_t i = 0; i < g->function_count; i++) {
		if (strcmp(g->functions[i]->name, node->name) != 0)
			continue;
		g->functions[i] = node;
		return g->status;
	}
	if (g->function_count == GRUB_VARIABLES_MAX)
		return grub_stop(g, node, "more functions than any menu needs");
	if (arena_grow(g->arena, &g->functions, &g->function_capacity, g->function_count + 1,
		       sizeof(node)))
		return -ENOMEM;
	g->functions[g->function_count++] = node;
	return g->status;
}

static const struct grub_node *find_function(const struct grub *g, const char *name)
{
	for (size_t i = 0; i < g->function_count; i++)
		if (!strcmp(g->functions[i]->name, name))
			return g->functions[i];
	return NULL;
}

static int call(struct grub *g, const struct grub_node *node, const struct grub_node *function,
		int argc, char **argv)
{
	struct grub around = *g;
	int r;

	if (g->calls == GRUB_CALLS_MAX)
		return grub_stop(g, node, "functions that call each other too often");
	g->calls++;
	g->arguments = argv + 1;
	g->argument_count = (size_t)(argc - 1);
	g->loops = 0;
	g->is_in_function = true;
	r = grub_run(g, function->body);
	g->calls--;
	g->arguments = around.arguments;
	g->argument_count = around.argument_count;
	g->loops = around.loops;
	g->is_in_function = around.is_in_function;
	g->is_returning = false;
	return r < 0 ? r : g->status;
}

/*
 * Commands.
 */

/* "a=b" sets, too; what else is unknown is passed over. */
static int run_unknown(struct grub *g, const struct grub_node *node, char *name)
{
	char *equals = strchr(name, '=');
	const char *reason;

	if (equals) {
		*equals = '\0';
		return grub_set(g, node, name, equals + 1);
	}
	if (!g->boot || g->boot->not_loaded)
		return 0;
	reason = arena_printf(g->arena, "GRUB itself may know %s, kexit does not", name);
	if (reason)
		g->boot->not_loaded = grub_message(g, node->script->path, node->line, reason);
	return g->boot->not_loaded ? 0 : -ENOMEM;
}

static int dispatch(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	grub_command_fn command = grub_command_find(g, argv[0]);
	const struct grub_node *function;

	if (command)
		return command(g, node, argc, argv);
	function = find_function(g, argv[0]);
	if (function)
		return call(g, node, function, argc, argv);
	return run_unknown(g, node, argv[0]);
}

static bool is_known(const struct grub *g, const char *name)
{
	return grub_command_find(g, name) || find_function(g, name);
}

/* A block is an argument, its text; what makes menus takes it for what it is, and sees to that itself. */
static int add_block(struct grub *g, const struct grub_node *node, int *argc, char **argv)
{
	const char *name = argv[0];

	if (!node->block_end || !strcmp(name, "menuentry") || !strcmp(name, "submenu") ||
	    !strcmp(name, "hiddenentry"))
		return 0;
	argv[*argc] = arena_strndup(g->arena, node->block, (size_t)(node->block_end - node->block));
	if (!argv[*argc])
		return -ENOMEM;
	argv[++*argc] = NULL;
	return 0;
}

/* 0, -ENOMEM, or GRUB_FALSE where there is too much of it. */
static int expand(struct grub *g, const struct grub_node *node, int *argc, char ***argv)
{
	int r = grub_expand(g, node->words, argc, argv);

	return r == -E2BIG ? grub_stop(g, node, "its words become too long") : r;
}

static int run_command(struct grub *g, const struct grub_node *node)
{
	bool is_negated;
	char **argv;
	int argc, offset, r;

	r = expand(g, node, &argc, &argv);
	r = r || !argc ? r : add_block(g, node, &argc, argv);
	if (r || !argc)
		return r;
	offset = !strcmp(argv[0], "!");
	if (offset && argc == 1)
		return GRUB_BAD_ARGUMENT;
	/* What is not known is true, "!" or not. */
	is_negated = offset && is_known(g, argv[1]);
	r = dispatch(g, node, argc - offset, argv + offset);
	if (r < 0 || !is_negated)
		return r;
	return r ? 0 : GRUB_FALSE;
}

/*
 * Branches and loops.
 */

static int run_if(struct grub *g, const struct grub_node *node)
{
	int r = grub_run(g, node->condition);

	if (r < 0 || is_leaving(g))
		return r;
	return grub_run(g, r ? node->otherwise : node->body);
}

/* After a round of a loop: is it over? */
static bool is_over(struct grub *g)
{
	if (g->is_stopped || g->is_returning)
		return true;
	if (!g->breaks)
		return false;
	if (g->breaks == 1 && g->is_continue) {
		g->breaks = 0;
		return false;
	}
	return true;
}

static int leave_loop(struct grub *g, int r)
{
	g->loops--;
	g->breaks -= g->breaks > 0;
	return r;
}

static int run_for(struct grub *g, const struct grub_node *node)
{
	char **argv;
	int argc, r = expand(g, node, &argc, &argv);

	if (r)
		return r;
	g->loops++;
	for (int i = 0; i < argc && r >= 0; i++) {
		r = grub_step(g, node) ?: grub_set(g, node, node->name, argv[i]);
		if (!r)
			r = grub_run(g, node->body);
		if (is_over(g))
			break;
	}
	return leave_loop(g, r);
}

static int run_while(struct grub *g, const struct grub_node *node)
{
	int r = 0;

	g->loops++;
	while (r >= 0) {
		r = grub_step(g, node) ?: grub_run(g, node->condition);
		if (r < 0 || g->is_stopped || g->is_returning || g->breaks ||
		    (node->is_until ? !r : r))
			break;
		r = grub_run(g, node->body);
		if (is_over(g))
			break;
	}
	return leave_loop(g, r);
}

/*
 * Runs what GRUB does not come to, since a quote or a block before it has no end. It is shown what
 * there is; no variable of what GRUB does come to is changed by it.
 */
static int run_lost(struct grub *g, const struct grub_node *node)
{
	struct grub_env *around = g->env;
	bool is_unseen = g->is_unseen, is_stopped = g->is_stopped;
	int r;

	g->env = grub_env_new(g->arena, around, false);
	if (!g->env)
		return -ENOMEM;
	g->is_unseen = true;
	r = grub_run_lines(g, node);
	g->is_unseen = is_unseen;
	g->is_stopped = is_stopped;
	g->is_returning = false;
	g->env = around;
	return r;
}

/*
 * In the body of an entry what cannot be understood ends the entry; elsewhere it was told when it was
 * parsed, and what entries are in it are listed, greyed.
 */
static int run_broken(struct grub *g, const struct grub_node *node)
{
	const char *reason;
	int r;

	if (node->script->is_string)
		return 0;
	if (g->boot)
		return grub_stop(g, node, node->reason);
	reason = grub_message(g, node->script->path, node->line, node->reason);
	r = reason ? grub_menu_broken(g, node, reason) : -ENOMEM;
	/* GRUB defines functions when they are parsed, whatever comes behind them. */
	for (const struct grub_node *part = node->body; r >= 0 && part; part = part->next)
		if (part->kind == GRUB_FUNCTION)
			r = define(g, part);
	if (r >= 0 && node->otherwise)
		r = run_lost(g, node->otherwise);
	return r < 0 ? r : g->status;
}

static int run_one(struct grub *g, const struct grub_node *node)
{
	int r = grub_step(g, node);

	if (r)
		return r;
	switch (node->kind) {
	case GRUB_COMMAND:
		return run_command(g, node);
	case GRUB_IF:
		return run_if(g, node);
	case GRUB_FOR:
		return run_for(g, node);
	case GRUB_WHILE:
		return run_while(g, node);
	case GRUB_FUNCTION:
		return define(g, node);
	case GRUB_BROKEN:
		return run_broken(g, node);
	}
	return 0;
}

static int report_faults(struct grub *g, const struct grub_script *script)
{
	int r = 0;

	for (size_t i = 0; !r && i < script->fault_count; i++)
		r = g->host->tell(g->host, script->root, script->path, script->faults[i].line,
				  script->faults[i].reason);
	return r;
}

static int run_script(struct grub *g, const struct fsroot *root, const char *path, const char *text,
		      bool is_string)
{
	struct grub_script *script = arena_alloc(g->arena, sizeof(*script));
	int r;

	if (!script)
		return -ENOMEM;
	script->root = root;
	script->path = path;
	r = grub_parse(g->arena, text, script);
	r = r ?: report_faults(g, script);
	script->is_string = is_string;
	if (!r && is_string)
		grub_script_cut(script);
	return r ?: grub_run_lines(g, script->first);
}

int grub_run_text(struct grub *g, const struct fsroot *root, const char *path, const char *text)
{
	return run_script(g, root, path, text, false);
}

int grub_run_string(struct grub *g, const struct fsroot *root, const char *path, const char *text)
{
	return run_script(g, root, path, text, true);
}
