// SPDX-License-Identifier: GPL-2.0-or-later
/* The choice of modules, by libkmod; see modules.h. What is chosen is packed in modules_add.c. */
#include "mkboot/modules.h"

#include "base/map.h"
#include "mkboot/classes.h"
#include "mkboot/modules_chosen.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int want(struct modules *m, struct kmod_module *module);

int modules_open(const struct kernel *kernel, struct modules **ret_modules, struct error *e)
{
	struct modules *m = calloc(1, sizeof(*m));
	const char *configs[2] = { NULL, NULL };

	if (!m)
		return error_set(e, -ENOMEM, "%s: %s", kernel->modules, errno_text(ENOMEM));
	m->kernel = *kernel;
	m->arena = arena_new();
	m->chosen = map_new();
	/* Neither this system's modprobe.d nor its own aliases: the modules are another one's. */
	configs[0] =
		m->arena ? arena_printf(m->arena, "%s/modules.softdep", kernel->modules) : NULL;
	m->kmod = configs[0] && m->chosen ? kmod_new(kernel->modules, configs) : NULL;
	if (!m->kmod || kmod_load_resources(m->kmod) < 0) {
		modules_close(m);
		return error_set(e, -ENOENT,
				 "%s: no index of modules can be read there (modules.dep.bin): "
				 "depmod(8) makes it",
				 kernel->modules);
	}
	*ret_modules = m;
	return 0;
}

void modules_close(struct modules *m)
{
	if (!m)
		return;
	kmod_unref(m->kmod);
	map_free(m->chosen);
	arena_free(m->arena);
	free(m);
}

size_t modules_count(const struct modules *m)
{
	return m->count;
}

static int want_list(struct modules *m, struct kmod_list *list)
{
	struct kmod_list *item;
	int r = 0;

	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);

		if (!r)
			r = want(m, module);
		kmod_module_unref(module);
	}
	kmod_module_unref_list(list);
	return r;
}

/* Soft dependencies count as others do: what is not in the image cannot be loaded before or after. */
static int want_needed(struct modules *m, struct kmod_module *module)
{
	struct kmod_list *before = NULL, *after = NULL;
	int r = want_list(m, kmod_module_get_dependencies(module));

	if (r || kmod_module_get_softdeps(module, &before, &after) < 0)
		return r;
	r = want_list(m, before);
	if (r) {
		kmod_module_unref_list(after);
		return r;
	}
	return want_list(m, after);
}

static int choose(struct modules *m, const char *path)
{
	size_t top = strlen(m->kernel.modules);
	char *kept = arena_strdup(m->arena, path);

	/* A module elsewhere would lose its place among the others; depmod lists none such. */
	if (!kept || strncmp(kept, m->kernel.modules, top) != 0 || kept[top] != '/')
		return kept ? -EXDEV : -ENOMEM;
	if (arena_grow(m->arena, &m->paths, &m->capacity, m->count + 1, sizeof(char *)) ||
	    map_put(m->chosen, kept, kept))
		return -ENOMEM;
	m->paths[m->count++] = kept + top + 1;
	return 0;
}

static int want(struct modules *m, struct kmod_module *module)
{
	const char *path = kmod_module_get_path(module);
	int r;

	/* Built in, or named by a soft dependency on something this kernel does not have. */
	if (!path || map_get(m->chosen, path))
		return 0;
	r = choose(m, path);
	return r ?: want_needed(m, module);
}

/* As want_list(), without what is for other things than finding disks and showing a menu. */
static int want_useful(struct modules *m, struct kmod_list *list)
{
	size_t top = strlen(m->kernel.modules) + 1;
	struct kmod_list *item;
	int r = 0;

	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);
		const char *path = kmod_module_get_path(module);

		if (!r && path && strlen(path) > top && !classes_has_no_use_for(path + top))
			r = want(m, module);
		kmod_module_unref(module);
	}
	kmod_module_unref_list(list);
	return r;
}

int modules_want_alias(struct modules *m, const char *alias, struct error *e)
{
	struct kmod_list *found = NULL;
	int r = kmod_module_new_from_lookup(m->kmod, alias, &found);

	if (r == -ENOENT || (!r && !found))
		return 0;
	if (!r)
		r = want_useful(m, found);
	if (r)
		return error_set(e, r, "%s: modules for %s cannot be looked up: %s",
				 m->kernel.modules, alias, errno_text(r));
	return 0;
}

int modules_want_late(struct modules *m, struct error *e)
{
	return modules_want_alias(m, "kexit_late", e);
}

/* "kernel/drivers/ata/ahci.ko.xz" -> what libkmod calls it. */
static int want_path(struct modules *m, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = arena_strdup(m->arena, slash ? slash + 1 : path);
	struct kmod_module *module;
	int r;

	if (!name)
		return -ENOMEM;
	name[strcspn(name, ".")] = '\0';
	r = kmod_module_new_from_name(m->kmod, name, &module);
	if (r)
		return r;
	r = want(m, module);
	kmod_module_unref(module);
	return r;
}

int modules_want_classes(struct modules *m, unsigned int classes, struct error *e)
{
	char *path = arena_printf(m->arena, "%s/modules.dep", m->kernel.modules);
	FILE *file = path ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	int r = file ? 0 : -errno;

	while (!r && getline(&line, &size, file) > 0) {
		line[strcspn(line, ":\n")] = '\0';
		if (classes_of_module(line) & classes)
			r = want_path(m, line);
	}
	if (r)
		error_set(e, r, "%s/modules.dep: %s: depmod(8) makes it", m->kernel.modules,
			  errno_text(r));
	free(line);
	if (file)
		fclose(file);
	return r;
}
