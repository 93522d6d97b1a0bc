// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's variables; see env.h. */
#include "grub/env.h"

#include <errno.h>
#include <string.h>

struct variable {
	struct variable *next;
	const char *name;
	const char *value; /* NULL: unset here, whatever is below */
	bool is_exported;
};

struct grub_env {
	struct arena *arena;
	struct grub_env *below;
	bool sees_exported_only;
	struct variable *first;
	size_t count;
};

struct grub_env *grub_env_new(struct arena *arena, struct grub_env *below, bool sees_exported_only)
{
	struct grub_env *env = arena_alloc(arena, sizeof(*env));

	if (env)
		*env = (struct grub_env){
			.arena = arena,
			.below = below,
			.sees_exported_only = sees_exported_only,
		};
	return env;
}

static struct variable *find_own(const struct grub_env *env, const char *name)
{
	for (struct variable *variable = env->first; variable; variable = variable->next)
		if (!strcmp(variable->name, name))
			return variable;
	return NULL;
}

/* The one that counts in @env; NULL: none. */
static const struct variable *find(const struct grub_env *env, const char *name)
{
	bool must_be_exported = false;

	for (; env; env = env->below) {
		const struct variable *variable = find_own(env, name);

		if (variable)
			return variable->is_exported || !must_be_exported ? variable : NULL;
		must_be_exported |= env->sees_exported_only;
	}
	return NULL;
}

const char *grub_env_get(const struct grub_env *env, const char *name)
{
	const struct variable *variable = find(env, name);

	return variable ? variable->value : NULL;
}

/* Its own variable @name, made if there is none, with the value that it has below. */
static int own(struct grub_env *env, const char *name, struct variable **ret_variable)
{
	struct variable *variable = find_own(env, name);
	const struct variable *below = variable ? NULL : find(env, name);

	if (!variable) {
		if (env->count == GRUB_VARIABLES_MAX || strlen(name) > GRUB_VALUE_MAX)
			return -E2BIG;
		variable = arena_alloc(env->arena, sizeof(*variable));
		if (!variable)
			return -ENOMEM;
		variable->name = arena_strdup(env->arena, name);
		if (!variable->name)
			return -ENOMEM;
		variable->value = below ? below->value : NULL;
		variable->is_exported = below && below->is_exported;
		variable->next = env->first;
		env->first = variable;
		env->count++;
	}
	*ret_variable = variable;
	return 0;
}

int grub_env_set(struct grub_env *env, const char *name, const char *value)
{
	struct variable *variable;
	char *copy = NULL;
	int r;

	if (value && strlen(value) > GRUB_VALUE_MAX)
		return -E2BIG;
	r = own(env, name, &variable);
	if (r)
		return r;
	if (value) {
		copy = arena_strdup(env->arena, value);
		if (!copy)
			return -ENOMEM;
	}
	variable->value = copy;
	return 0;
}

int grub_env_export(struct grub_env *env, const char *name)
{
	struct variable *variable;
	int r = own(env, name, &variable);

	if (r)
		return r;
	variable->is_exported = true;
	variable->value = variable->value ?: "";
	return 0;
}
