// SPDX-License-Identifier: GPL-2.0-or-later
/* A file tree in memory; see tree.h. */
#include "mkboot/tree.h"

#include "base/arena.h"
#include "base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct tree {
	struct arena *arena;
	struct map *paths;
	struct tree_entry **entries;
	size_t count, capacity;
};

const char *part_name(enum part part)
{
	static const char *const names[PART_COUNT] = {
		[PART_SYSTEM] = "system",
		[PART_PROGRAMS] = "programs",
		[PART_LIBRARIES] = "libraries",
		[PART_MODULES] = "modules",
	};

	return names[part];
}

struct tree *tree_new(void)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->arena = arena_new();
	tree->paths = map_new();
	if (tree->arena && tree->paths)
		return tree;
	tree_free(tree);
	return NULL;
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	for (size_t i = 0; i < tree->count; i++)
		buffer_done(&tree->entries[i]->contents);
	map_free(tree->paths);
	arena_free(tree->arena);
	free(tree);
}

bool tree_has(const struct tree *tree, const char *path)
{
	return map_get(tree->paths, path) != NULL;
}

static int add_entry(struct tree *tree, const char *path, struct tree_entry **ret_entry)
{
	struct tree_entry *entry = arena_alloc(tree->arena, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	entry->path = arena_strdup(tree->arena, path);
	if (!entry->path ||
	    arena_grow(tree->arena, &tree->entries, &tree->capacity, tree->count + 1,
		       sizeof(struct tree_entry *)) ||
	    map_put(tree->paths, entry->path, entry))
		return -ENOMEM;
	tree->entries[tree->count++] = entry;
	*ret_entry = entry;
	return 0;
}

static int add_parents(struct tree *tree, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		char *folder = arena_strndup(tree->arena, path, (size_t)(slash - path));
		int r = folder ? tree_add_folder(tree, folder) : -ENOMEM;

		if (r && r != -EEXIST)
			return r;
	}
	return 0;
}

/* The one way in: a leading slash is dropped, and what is there stays. */
static int add(struct tree *tree, const char *path, mode_t mode, struct tree_entry **ret_entry)
{
	int r;

	path += strspn(path, "/");
	if (tree_has(tree, path))
		return -EEXIST;
	r = add_parents(tree, path);
	if (!r)
		r = add_entry(tree, path, ret_entry);
	if (!r)
		(*ret_entry)->mode = mode;
	return r;
}

int tree_add_folder(struct tree *tree, const char *path)
{
	struct tree_entry *entry;

	return add(tree, path, S_IFDIR | 0755, &entry);
}

int tree_add_link(struct tree *tree, const char *path, const char *target)
{
	struct tree_entry *entry;
	int r = add(tree, path, S_IFLNK | 0777, &entry);

	return r ?: buffer_add(&entry->contents, target, strlen(target));
}

int tree_add_character_device(struct tree *tree, const char *path, dev_t device)
{
	struct tree_entry *entry;
	int r = add(tree, path, S_IFCHR | 0600, &entry);

	if (!r)
		entry->device = device;
	return r;
}

int tree_add_file(struct tree *tree, enum part part, const char *path, bool is_program,
		  struct buffer *contents)
{
	struct tree_entry *entry;
	int r = add(tree, path, S_IFREG | (is_program ? 0755 : 0644), &entry);

	if (r)
		return r;
	entry->part = part;
	entry->contents = *contents;
	*contents = (struct buffer){ 0 };
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct tree_entry *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

const struct tree_entry *const *tree_entries(struct tree *tree, size_t *ret_count)
{
	if (tree->count)
		qsort(tree->entries, tree->count, sizeof(struct tree_entry *), compare);
	*ret_count = tree->count;
	return (const struct tree_entry *const *)tree->entries;
}
