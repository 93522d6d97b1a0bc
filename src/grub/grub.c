// SPDX-License-Identifier: GPL-2.0-or-later
/* An interpreter of GRUB scripts as its host sees it; see grub.h. */
#include "grub/interpreter.h"

#include <errno.h>
#include <stdlib.h>

struct grub *grub_new(const struct grub_host *host)
{
	struct grub *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->host = host;
	g->arena = arena_new();
	g->env = g->arena ? grub_env_new(g->arena, NULL, false) : NULL;
	if (!g->env) {
		grub_free(g);
		return NULL;
	}
	g->top = (struct grub_menu){ .end = &g->top.first, .env = g->env };
	g->menu = &g->top;
	g->steps_max = GRUB_STEPS_MAX;
	return g;
}

void grub_free(struct grub *g)
{
	if (g)
		arena_free(g->arena);
	free(g);
}

int grub_preset(struct grub *g, const char *name, const char *value)
{
	return grub_env_set(g->env, name, value) ?: grub_env_export(g->env, name);
}

int grub_run_script(struct grub *g, const struct fsroot *root, const char *path)
{
	int r = grub_run_config(g, root, path);

	if (r >= 0)
		r = grub_menu_settle(g, &g->top);
	return r < 0 ? r : 0;
}

const struct grub_menu *grub_menu(const struct grub *g)
{
	return &g->top;
}

const struct grub_host *grub_host(const struct grub *g)
{
	return g->host;
}

struct arena *grub_arena(const struct grub *g)
{
	return g->arena;
}

const char *grub_get(const struct grub *g, const char *name)
{
	return grub_env_get(g->env, name);
}
