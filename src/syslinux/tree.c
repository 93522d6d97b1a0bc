// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Device trees of a label, and which one of a folder is this board's.
 *
 * U-Boot knows: its environment has the file's name in $fdtfile, and nobody else can read that. But the
 * tree that this kernel was started with names the board, and so does each of the folder's.
 */
#include "entry/board.h"
#include "place/lines.h"
#include "syslinux/internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Kernels have 1,500 for arm64, each vendor's in a folder: $fdtfile is "vendor/board.dtb". "FDTDIR /" is
 * seen in the wild, and nobody waits for a look through all of a system.
 */
#define FILES_MAX  8000	 /* trees */
#define NAMES_MAX  50000 /* of whatever is in the folders */
#define DEPTH_MAX  2	 /* folders in each other */
#define SUFFIX	   ".dtb"
#define PATH_BYTES 4096

struct match {
	char path[PATH_BYTES]; /* of the first */
	struct stat st;
	size_t count;
};

struct search {
	const struct syslinux *s;
	const struct fsroot *root;
	size_t files, names;
	bool is_cut;
	/* Of the same `compatible`; and of these, of the same `model`. */
	struct match same, exact;
};

/* A folder often has another name for itself, "current" or "dtb": the same file is one. */
static void note(struct match *match, const char *path, const struct stat *st)
{
	if (match->count && match->st.st_dev == st->st_dev && match->st.st_ino == st->st_ino)
		return;
	if (!match->count++) {
		strcpy(match->path, path);
		match->st = *st;
	}
}

static void look_at_file(struct search *search, const char *path)
{
	int fd = fsroot_open_file(search->root, path, NULL);
	bool is_model;
	struct stat st;

	search->files++;
	if (fd < 0)
		return;
	if (entry_board_fits(search->s->all->list->board, fd, &is_model) && !fstat(fd, &st)) {
		note(&search->same, path, &st);
		if (is_model)
			note(&search->exact, path, &st);
	}
	close(fd);
}

static bool has_suffix(const char *name)
{
	size_t length = strlen(name), tail = strlen(SUFFIX);

	return length > tail && !strcmp(name + length - tail, SUFFIX);
}

/* What cannot be a folder is not asked of the disk: it is one look for each of a thousand. */
static bool may_be_folder(const struct dirent *item)
{
	return item->d_type == DT_DIR || item->d_type == DT_LNK || item->d_type == DT_UNKNOWN;
}

/* Below @folder, depth first. */
static void look_through(struct search *search, const char *folder, unsigned int depth)
{
	DIR *dir = fsroot_opendir(search->root, folder);
	const struct dirent *item;
	char path[PATH_BYTES];

	while (dir && !search->is_cut && (item = readdir(dir))) {
		if (item->d_name[0] == '.' || (size_t)snprintf(path, sizeof(path), "%s/%s", folder,
							       item->d_name) >= sizeof(path))
			continue;
		if (search->files == FILES_MAX || ++search->names > NAMES_MAX)
			search->is_cut = true;
		else if (has_suffix(item->d_name))
			look_at_file(search, path);
		else if (depth < DEPTH_MAX && may_be_folder(item) &&
			 fsroot_is_folder(search->root, path))
			look_through(search, path, depth + 1);
	}
	if (dir)
		closedir(dir);
}

/* @folder: as in the file. */
static int decide(const struct search *search, const char *folder, const char **ret_path,
		  const char **ret_problem)
{
	const struct entry_list *list = search->s->all->list;
	const struct match *match = search->same.count == 1 ? &search->same : &search->exact;
	const char *board = list->board->compatible;

	if (search->is_cut)
		*ret_problem = arena_printf(list->arena,
					    "%s has more than %d trees or %d files, and is not "
					    "looked through",
					    folder, FILES_MAX, NAMES_MAX);
	else if (match->count == 1)
		*ret_path = arena_strdup(list->arena, match->path);
	else if (search->same.count)
		*ret_problem = arena_printf(list->arena,
					    "%s has several trees for this board (%s), such as %s",
					    folder, board, search->same.path);
	else
		*ret_problem = arena_printf(list->arena, "%s has no tree for this board (%s)",
					    folder, board);
	return *ret_path || *ret_problem ? 0 : -ENOMEM;
}

static int choose(const struct syslinux *s, const char *folder, const char **ret_path,
		  const char **ret_problem)
{
	struct entry_list *list = s->all->list;
	const char *path = syslinux_path(s, folder);
	struct search *search = arena_alloc(list->arena, sizeof(*search));

	*ret_path = *ret_problem = NULL;
	if (!path || !search)
		return -ENOMEM;
	if (!list->board)
		return 0;
	if (list->is_locked_down) {
		*ret_problem = "this kernel is locked down, and loads none";
		return 0;
	}
	*search = (struct search){ .s = s, .root = s->all->source->root };
	look_through(search, path, 0);
	return decide(search, folder, ret_path, ret_problem);
}

/*
 * The tree below @folder that is this machine's. NULL in *@ret_path: none can be told, and
 * *@ret_problem says why, or is NULL where this machine has none.
 */
static int find_tree(const struct syslinux *s, const char *folder, const char **ret_path,
		     const char **ret_problem)
{
	struct syslinux_all *all = s->all;
	int r;

	if (!all->tree_folder || strcmp(all->tree_folder, folder) != 0) {
		r = choose(s, folder, &all->tree, &all->tree_problem);
		if (r)
			return r;
		all->tree_folder = folder;
	}
	*ret_path = all->tree;
	*ret_problem = all->tree_problem;
	return 0;
}

/*
 * What a label says of them.
 */

static int set_tree(const struct syslinux *s, struct entry *entry, const char *path)
{
	entry->devicetree =
		(struct entry_file){ .root = s->all->source->root, .path = syslinux_path(s, path) };
	return entry->devicetree.path ? 0 : -ENOMEM;
}

/* U-Boot goes on without what it cannot load (boot/pxe_utils.c, label_boot_fdtoverlay()). */
static int add_overlays(const struct syslinux *s, struct entry *entry)
{
	const struct entry_source *source = s->all->source;
	struct entry_list *list = s->all->list;
	char *at = arena_strdup(list->arena, s->label.overlays), *word;
	int r = at ? 0 : -ENOMEM;

	while (!r && (word = lines_word(&at))) {
		const char *path = syslinux_path(s, word);

		if (!path)
			return -ENOMEM;
		if (fsroot_is_file(source->root, path))
			r = entry_add_overlay(list, entry, source->root, path);
		else
			r = entry_list_problem(
				list, source, s->label.path, s->label.line,
				"the overlay %s of label '%s' is not there: left out, "
				"as U-Boot does",
				path, s->label.name);
	}
	return r;
}

/* FDTDIR means $fdtfile of U-Boot's environment below it, which names the tree of this board. */
static int choose_tree(const struct syslinux *s, struct entry *entry)
{
	const struct syslinux_label *label = &s->label;
	const char *path, *problem;
	int r = find_tree(s, label->tree_folder, &path, &problem);

	if (r)
		return r;
	if (path)
		return set_tree(s, entry, path);
	if (label->overlays)
		return entry_grey(s->all->list, entry,
				  "it needs device tree overlays, and the tree that they change is "
				  "not known: %s",
				  problem ?: "this machine has none");
	return problem ? entry_list_problem(s->all->list, s->all->source, label->path, label->line,
					    "FDTDIR of label '%s': %s: the running kernel's device "
					    "tree is used",
					    label->name, problem)
		       : 0;
}

/*
 * U-Boot takes FDT before FDTDIR, and overlays where one of the two names a tree, and else not
 * (label_boot()); no other program knows any.
 */
int syslinux_add_trees(const struct syslinux *s, struct entry *entry)
{
	const struct syslinux_label *label = &s->label;
	bool is_u_boot = s->all->program == SYSLINUX_U_BOOT;
	int r = 0;

	if (label->devicetree)
		r = set_tree(s, entry, label->devicetree);
	else if (label->tree_folder && is_u_boot)
		r = choose_tree(s, entry);
	if (!r && label->overlays && !is_u_boot)
		r = entry_grey(s->all->list, entry,
			       "it needs device tree overlays, and kexit applies none");
	if (!r && label->overlays && is_u_boot && entry->devicetree.root)
		r = add_overlays(s, entry);
	return r;
}
