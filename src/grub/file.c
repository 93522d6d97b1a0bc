// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands of GRUB that read files (GRUB manual, "source", "configfile", "load_env", "eval"). */
#include "grub/interpreter.h"
#include "grub/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENVIRONMENT_MAX (64 * 1024)

/* The text of @root's file @path; NULL where it was told why there is none. */
static int read_text(struct grub *g, const struct fsroot *root, const char *path,
		     const char **ret_text)
{
	char *text;
	int r = g->host->read(g->host, root, path, GRUB_FILE_MAX, &text);

	*ret_text = NULL;
	if (r || !text)
		return r;
	*ret_text = arena_strdup(g->arena, text);
	free(text);
	return *ret_text ? 0 : -ENOMEM;
}

static int forget_or_set(struct grub *g, const char *name, const char *value)
{
	int r = grub_env_set(g->env, name, value);

	return r == -E2BIG ? 0 : r;
}

/* $config_file and $config_directory say where we are, for what a file sources beside itself. */
static int set_here(struct grub *g, const struct fsroot *root, const char *path)
{
	const char *volume = grub_volume_name(g, root);
	const char *full = volume ? arena_printf(g->arena, "(%s)%s", volume, path) : NULL;
	char *folder = full ? arena_strdup(g->arena, full) : NULL;
	int r;

	if (!folder)
		return -ENOMEM;
	*strrchr(folder, '/') = '\0';
	r = forget_or_set(g, "config_file", full) ?: forget_or_set(g, "config_directory", folder);
	r = r ?: grub_env_export(g->env, "config_file");
	r = r ?: grub_env_export(g->env, "config_directory");
	return r == -E2BIG ? 0 : r;
}

static int run_file(struct grub *g, const struct fsroot *root, const char *path)
{
	const char *file = grub_env_get(g->env, "config_file");
	const char *folder = grub_env_get(g->env, "config_directory"), *text;
	int r = read_text(g, root, path, &text);

	g->files++;
	if (!r && text) {
		r = set_here(g, root, path);
		r = r ?: grub_run_text(g, root, path, text);
	}
	if (r < 0)
		return r;
	r = forget_or_set(g, "config_file", file) ?: forget_or_set(g, "config_directory", folder);
	return r ?: text ? g->status : GRUB_FALSE;
}

/* GRUB_FALSE where @name means nothing that could be read, for a reason that is then told. */
static int find_file(struct grub *g, const struct grub_node *node, const char *name,
		     const struct fsroot **ret_root, const char **ret_path)
{
	const char *reason;
	int r = grub_path(g, name, ret_root, ret_path, &reason);

	if (r == -ENOENT)
		return grub_fault(g, node, reason);
	if (r)
		return r;
	if (g->files >= GRUB_FILES_MAX || g->calls == GRUB_CALLS_MAX)
		return grub_stop(g, node, "files that read each other too often");
	if (fsroot_is_file(*ret_root, *ret_path))
		return 0;
	reason = arena_printf(g->arena, "%s is not there", name);
	return reason ? grub_fault(g, node, reason) : -ENOMEM;
}

/* Also where there is none: GRUB tells, and goes on. */
int grub_source(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	const struct fsroot *root;
	const char *path;
	int r;

	if (argc != 2)
		return GRUB_BAD_ARGUMENT;
	r = find_file(g, node, argv[1], &root, &path);
	if (r)
		return r < 0 ? r : 0;
	g->calls++;
	r = run_file(g, root, path);
	g->calls--;
	return r < 0 ? r : 0;
}

/* Its items go to the menu that is being made, and its variables say what is the default there. */
int grub_run_config(struct grub *g, const struct fsroot *root, const char *path)
{
	struct grub around = *g;
	struct grub_item **end = g->menu->end;
	int r;

	if (g->host->is_listed(g->host, root, path) || grub_menu_has(&g->top, root, path))
		return 0;
	g->env = grub_env_new(g->arena, around.env, true);
	if (!g->env)
		return -ENOMEM;
	g->arguments = NULL;
	g->argument_count = 0;
	g->loops = 0;
	g->calls++;
	/* Before, since what it leads to may in turn be what counts. */
	g->menu->env = g->env;
	r = run_file(g, root, path);
	g->env = around.env;
	g->arguments = around.arguments;
	g->argument_count = around.argument_count;
	g->loops = around.loops;
	g->calls--;
	/* GRUB shows that menu, and goes on here when a person leaves it: what it set stays as it is. */
	g->is_stopped |= g->menu->end != end;
	return r;
}

int grub_configfile(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	const struct fsroot *root;
	const char *path;
	int r;

	if (argc != 2)
		return GRUB_BAD_ARGUMENT;
	r = find_file(g, node, argv[1], &root, &path);
	r = r ?: grub_run_config(g, root, path);
	return r < 0 ? r : 0;
}

int grub_eval(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct grub_text text = { .length = 0 };
	int r = 0;

	for (int i = 1; !r && i < argc; i++)
		r = grub_text_add(g, &text, " ", argv[i]);
	if (r || argc == 1)
		return r;
	if (g->calls == GRUB_CALLS_MAX || ++g->files > GRUB_FILES_MAX)
		return grub_stop(g, node, "too much of eval");
	g->calls++;
	r = grub_run_string(g, node->script->root, node->script->path, text.text);
	g->calls--;
	return r;
}

/*
 * The environment block (GRUB manual, "The GRUB environment block"): lines of NAME=VALUE behind its
 * mark, filled up with "#"; a backslash stands before a backslash or a line's end within a value.
 */

static const char mark[] = "# GRUB Environment Block\n";

/* The value at *@at, unescaped in place; *@at is then behind its line. NULL: the line has no end. */
static char *take_value(char **at)
{
	char *value = *at, *to = value, *from = value;

	for (; *from && *from != '\n'; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	if (!*from)
		return NULL;
	*at = from + 1;
	*to = '\0';
	return value;
}

/* With names behind the options, only these are taken. */
static bool is_wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

/*
 * What grub-reboot writes is for one boot: the script takes it away, which we do not, and it would be for
 * ever.
 */
static int take_variable(struct grub *g, const struct grub_node *node, const char *name,
			 const char *value)
{
	const struct grub_script *script = node->script;
	const char *reason;

	if (!*value || strcmp(name, "next_entry") != 0)
		return grub_set(g, node, name, value);
	reason = arena_printf(g->arena,
			      "next_entry=%s, for the next boot only, is not followed: kexit does "
			      "not take it away, and it would be for ever",
			      value);
	return reason ? g->host->tell(g->host, script->root, script->path, node->line, reason)
		      : -ENOMEM;
}

static int take_block(struct grub *g, const struct grub_node *node, char *at, char **names)
{
	const char *previous = NULL;
	int r = 0;

	while (!r && *at) {
		char *name = at, *equals = strpbrk(at, "=\n"), *value;

		if (*at == '#' || !equals || *equals == '\n') {
			at += strcspn(at, "\n");
			at += *at == '\n';
			continue;
		}
		*equals = '\0';
		at = equals + 1;
		value = take_value(&at);
		if (!value)
			break;
		/* What GRUB before 2.00 goes back to after that boot. */
		if (*value && !strcmp(name, "prev_saved_entry"))
			previous = value;
		else if (is_wanted(name, names))
			r = take_variable(g, node, name, value);
	}
	return r || !previous ? r : grub_set(g, node, "saved_entry", previous);
}

static int read_block(struct grub *g, const struct grub_node *node, const char *name, char **names)
{
	const struct fsroot *root;
	const char *path, *reason;
	char *text;
	int r = grub_path(g, name, &root, &path, &reason);

	g->steps += GRUB_FILE_STEPS;
	r = r ?: fsroot_read(root, path, ENVIRONMENT_MAX, &text, NULL);
	if (r)
		return r == -ENOMEM ? r : GRUB_FALSE;
	if (strncmp(text, mark, strlen(mark)) != 0)
		r = grub_fault(g, node, "the environment block is none: it does not begin as one");
	else
		r = take_block(g, node, text + strlen(mark), names);
	free(text);
	return r;
}

int grub_load_env(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct grub_option options[] = {
		{ .name = "file", .letter = 'f', .kind = GRUB_OPTION_VALUE },
		{ .name = "skip-sig", .letter = 's' },
		{ .name = NULL },
	};
	struct grub_options all = { .options = options };
	const char *name;
	int r = grub_options_take(&all, argc, argv, &argc);

	if (r)
		return r == -ENOEXEC ? 0 : r;
	name = options[0].value
		       ?: arena_printf(g->arena, "%s/grubenv",
				       grub_env_get(g->env, "prefix") ?: "");
	return name ? read_block(g, node, name, argv + 1) : -ENOMEM;
}
