// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "*" and "?" in paths, which GRUB expands once its module regexp is loaded. GRUB's order is that of the
 * folder on disk; ours is sorted, the same each time.
 */
#include "grub/interpreter.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define PATHS_MAX 500
#define NAMES_MAX 5000 /* looked at in one folder */

struct paths {
	char **items;
	size_t count, capacity;
};

static int add(struct grub *g, struct paths *paths, char *path)
{
	if (paths->count == PATHS_MAX)
		return -E2BIG;
	if (!path ||
	    arena_grow(g->arena, &paths->items, &paths->capacity, paths->count + 1, sizeof(char *)))
		return -ENOMEM;
	paths->items[paths->count++] = path;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds what of the folder @folder, as the script has it, matches @pattern. */
static int match_folder(struct grub *g, const char *folder, const char *pattern,
			struct paths *paths)
{
	const struct fsroot *root;
	const char *path, *reason;
	const struct dirent *item;
	unsigned int names = 0;
	size_t first = paths->count;
	DIR *dir;
	int r = grub_path(g, folder, &root, &path, &reason);

	g->steps += GRUB_FILE_STEPS;
	dir = r ? NULL : fsroot_opendir(root, path);
	if (!dir)
		return r == -ENOMEM ? r : 0;
	while (!r && names++ < NAMES_MAX && (item = readdir(dir))) {
		if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, "..") ||
		    fnmatch(pattern, item->d_name, FNM_NOESCAPE) != 0)
			continue;
		r = add(g, paths, arena_printf(g->arena, "%s%s", folder, item->d_name));
	}
	closedir(dir);
	g->steps += names / 10;
	if (paths->count > first)
		qsort(paths->items + first, paths->count - first, sizeof(char *), compare);
	return r;
}

/* Adds @path, as the script has it, if there is such a file or folder. */
static int add_existing(struct grub *g, struct paths *paths, char *path)
{
	const struct fsroot *root;
	const char *found, *reason;
	int r = path ? grub_path(g, path, &root, &found, &reason) : -ENOMEM;

	g->steps += GRUB_FILE_STEPS;
	if (r || fsroot_exists(root, found))
		return r == -ENOMEM ? r : 0;
	return add(g, paths, path);
}

/* Only these two; a bracket, which fnmatch(3) knows as well, stands for itself. */
static char *as_pattern(struct grub *g, const char *text, size_t length)
{
	char *pattern = arena_alloc(g->arena, 3 * length + 1), *to = pattern;

	for (; pattern && length; length--, text++) {
		if (*text == '[')
			to = stpcpy(to, "[[]");
		else
			*to++ = *text;
	}
	return pattern;
}

/* Each of @paths, one folder deeper: @text up to the next slash is a name or a pattern. */
static int descend(struct grub *g, struct paths *paths, const char *text, size_t length)
{
	bool is_pattern = strcspn(text, "*?") < length;
	char *pattern = as_pattern(g, text, length);
	struct paths deeper = { .count = 0 };
	int r = pattern ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < paths->count; i++) {
		char *folder = arena_printf(g->arena, "%s/", paths->items[i]);

		if (!folder)
			return -ENOMEM;
		if (is_pattern)
			r = match_folder(g, folder, pattern, &deeper);
		else
			r = add_existing(
				g, &deeper,
				arena_printf(g->arena, "%s%.*s", folder, (int)length, text));
	}
	*paths = deeper;
	return r;
}

int grub_glob(struct grub *g, const char *text, char ***ret_paths, size_t *ret_count)
{
	const char *path = *text == '(' ? text + strcspn(text, ")") + 1 : text;
	struct paths paths = { .count = 0 };
	int r;

	*ret_count = 0;
	if (!strchr(text, '/') || *path != '/' || strcspn(text, "*?") < (size_t)(path - text))
		return 0;
	r = add(g, &paths, arena_strndup(g->arena, text, (size_t)(path - text)));
	while (!r && *path) {
		size_t slashes = strspn(path, "/"), length = strcspn(path + slashes, "/");

		if (length)
			r = descend(g, &paths, path + slashes, length);
		path += slashes + length;
	}
	*ret_paths = paths.items;
	*ret_count = r ? 0 : paths.count;
	return r;
}
