// SPDX-License-Identifier: GPL-2.0-or-later
/* Words to files; see edited.h. */
#include "boot/edited.h"

#include "ui/editor.h"
#include "ui/files.h"

#include <errno.h>
#include <string.h>

struct work {
	const struct entry *before;
	const char *mounts;
	edited_open *open;
	struct arena *arena;
	struct error *e;
};

/* The one of @files that says @word, or NULL. */
static const struct entry_file *find(const struct work *w, const struct entry_file *files,
				     size_t count, const char *path, const char *volume)
{
	for (size_t i = 0; i < count; i++) {
		char text[EDITOR_MAX + 1], *at = text, *own_volume;
		const char *own;

		files_text(w->before, &files[i], 1, w->mounts, text, sizeof(text));
		own = files_next(&at, &own_volume);
		if (own && !strcmp(own, path) && !strcmp(own_volume ?: "", volume ?: ""))
			return &files[i];
	}
	return NULL;
}

static int take_word(const struct work *w, const struct entry_file *files, size_t count,
		     const char *path, const char *volume, struct entry_file *ret)
{
	const struct entry_file *same = find(w, files, count, path, volume);
	struct entry_file file = { .root = w->before->kernel.root };
	struct fsroot *root;
	int r;

	if (same) {
		*ret = *same;
		return 0;
	}
	if (volume) {
		r = w->open(volume, &root);
		if (r < 0)
			return error_set(w->e, r, "(%s)%s: there is no file system (%s): %s",
					 volume, path, volume, errno_text(r));
		file.root = root;
	}
	file.path = arena_printf(w->arena, "%s%s", *path == '/' ? "" : "/", path);
	if (!file.path)
		return error_set(w->e, -ENOMEM, "%s: no memory", path);
	*ret = file;
	return 0;
}

/* All words of @text; at most ENTRY_INITRDS_MAX. */
static int take_words(const struct work *w, const struct entry_file *files, size_t count,
		      const char *text, struct entry_file *ret_files, size_t *ret_count)
{
	char *at = arena_strdup(w->arena, text), *path, *volume;
	size_t taken = 0;
	int r = at ? 0 : error_set(w->e, -ENOMEM, "no memory for edited files");

	while (!r && (path = files_next(&at, &volume))) {
		if (taken == ENTRY_INITRDS_MAX)
			return error_set(w->e, -E2BIG, "more than %d initrds", ENTRY_INITRDS_MAX);
		r = take_word(w, files, count, path, volume, &ret_files[taken++]);
	}
	if (!r)
		*ret_count = taken;
	return r;
}

static int apply_initrds(const struct work *w, struct entry *entry, const char *initrds)
{
	struct entry_file *files = arena_alloc(w->arena, ENTRY_INITRDS_MAX * sizeof(*files));
	size_t count = 0;
	int r;

	if (!files)
		return error_set(w->e, -ENOMEM, "no memory for edited files");
	r = take_words(w, w->before->initrds, w->before->initrd_count, initrds, files, &count);
	if (r)
		return r;
	entry->initrds = files;
	entry->initrd_count = entry->initrd_capacity = count;
	return 0;
}

static int apply_kernel(const struct work *w, struct entry *entry, const char *kernel)
{
	struct entry_file files[ENTRY_INITRDS_MAX];
	size_t count = 0;
	int r = take_words(w, &w->before->kernel, 1, kernel, files, &count);

	if (r)
		return r;
	if (count != 1)
		return error_set(w->e, -EINVAL,
				 "'%s' names %zu kernels, and one is wanted: a blank in a path has "
				 "a backslash before it",
				 kernel, count);
	entry->kernel = files[0];
	return 0;
}

int edited_apply(struct entry *entry, const char *kernel, const char *initrds, const char *mounts,
		 edited_open *open, struct arena *arena, struct error *e)
{
	const struct entry before = *entry;
	const struct work w = { &before, mounts, open, arena, e };
	int r = kernel ? apply_kernel(&w, entry, kernel) : 0;

	if (!r && initrds)
		r = apply_initrds(&w, entry, initrds);
	return r;
}
