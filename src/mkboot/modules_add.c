// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Chosen modules into the tree. depmod(8) makes the indexes, in a temporary folder with these
 * modules alone: the system's own would offer what is not in the image, and weigh a megabyte.
 */
#include "mkboot/modules.h"

#include "mkboot/child.h"
#include "mkboot/modules_chosen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written by the kernel's build: depmod reads the first two, libkmod the rest. */
static const char *const given[] = { "modules.order", "modules.builtin",
				     "modules.builtin.modinfo" };

/* modules.dep and modules.alias beside their .bin are for busybox's modprobe. */
static const char *const made[] = {
	"modules.alias",       "modules.alias.bin", "modules.builtin.alias.bin",
	"modules.builtin.bin", "modules.dep",	    "modules.dep.bin",
	"modules.devname",     "modules.softdep",   "modules.symbols.bin",
};

struct stage {
	struct modules *modules;
	struct child_folder folder;
	const char *release; /* its lib/modules/RELEASE */
};

static int make_parents(const char *path)
{
	char *copy = strdup(path);
	int r = copy ? 0 : -ENOMEM;

	for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash && !r;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			r = -errno;
		*slash = '/';
	}
	free(copy);
	return r;
}

static int stage_file(struct stage *s, const char *name, const struct buffer *contents,
		      struct error *e)
{
	char *path = arena_printf(s->modules->arena, "%s/%s", s->release, name);
	int r = path ? make_parents(path) : -ENOMEM;

	if (r)
		return error_set(e, r, "%s: %s", s->folder.path, errno_text(r));
	return buffer_write(contents, path, e);
}

/* "kernel/a.ko.xz" -> "kernel/a.ko". */
static char *without_suffix(struct arena *arena, const char *path)
{
	const char *suffix = strstr(path, ".ko");

	return arena_strndup(arena, path, suffix ? (size_t)(suffix - path) + 3 : strlen(path));
}

static int add_module(struct stage *s, struct tree *tree, const char *path, struct error *e)
{
	struct modules *m = s->modules;
	char *from = arena_printf(m->arena, "%s/%s", m->kernel.modules, path);
	char *name = without_suffix(m->arena, path);
	char *to = arena_printf(m->arena, "usr/lib/modules/%s/%s", m->kernel.release, name);
	struct buffer contents = { 0 };
	int r;

	if (!from || !name || !to)
		return error_set(e, -ENOMEM, "%s: %s", path, errno_text(ENOMEM));
	r = buffer_read_unpacked(&contents, from, e);
	if (!r)
		r = stage_file(s, name, &contents, e);
	if (!r) {
		r = tree_add_file(tree, PART_MODULES, to, false, &contents);
		if (r)
			error_set(e, r, "%s: cannot be added: %s", to, errno_text(r));
	}
	buffer_done(&contents);
	return r;
}

static int stage_given(struct stage *s, struct error *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(given) / sizeof(given[0]); i++) {
		char *from = arena_printf(s->modules->arena, "%s/%s", s->modules->kernel.modules,
					  given[i]);
		struct buffer contents = { 0 };

		/* A kernel without loadable modules' lists is one without built-in ones' names. */
		if (from && access(from, F_OK))
			continue;
		r = from ? buffer_read(&contents, from, e) : -ENOMEM;
		if (!r)
			r = stage_file(s, given[i], &contents, e);
		buffer_done(&contents);
	}
	return r;
}

static int run_depmod(struct stage *s, struct error *e)
{
	const char *const argv[] = { "depmod", "-b", s->folder.path, s->modules->kernel.release,
				     NULL };

	return child_run(argv, "kmod", e);
}

static int add_index(struct stage *s, struct tree *tree, const char *name, struct error *e)
{
	struct arena *arena = s->modules->arena;
	char *from = arena_printf(arena, "%s/%s", s->release, name);
	char *to = arena_printf(arena, "usr/lib/modules/%s/%s", s->modules->kernel.release, name);
	struct buffer contents = { 0 };
	int r;

	if (!from || !to)
		return error_set(e, -ENOMEM, "%s: %s", name, errno_text(ENOMEM));
	/* Not every kmod writes all of them. */
	if (access(from, F_OK))
		return 0;
	r = buffer_read(&contents, from, e);
	if (!r && tree_add_file(tree, PART_MODULES, to, false, &contents))
		r = error_set(e, -ENOMEM, "%s: %s", to, errno_text(ENOMEM));
	buffer_done(&contents);
	return r;
}

static int add_all(struct stage *s, struct tree *tree, struct error *e)
{
	struct modules *m = s->modules;
	int r = stage_given(s, e);

	for (size_t i = 0; !r && i < m->count; i++)
		r = add_module(s, tree, m->paths[i], e);
	if (!r)
		r = run_depmod(s, e);
	for (size_t i = 0; !r && i < sizeof(made) / sizeof(made[0]); i++)
		r = add_index(s, tree, made[i], e);
	return r;
}

int modules_add(struct modules *m, struct tree *tree, struct error *e)
{
	struct stage s = { .modules = m };
	int r = child_folder_new(&s.folder, e);

	if (r)
		return r;
	s.release = arena_printf(m->arena, "%s/lib/modules/%s", s.folder.path, m->kernel.release);
	r = s.release ? add_all(&s, tree, e)
		      : error_set(e, -ENOMEM, "modules: %s", errno_text(ENOMEM));
	child_folder_done(&s.folder);
	return r;
}
