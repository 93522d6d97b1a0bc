// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blscfg, with which GRUBs make their menu of the files in loader/entries, and uki, which does so with
 * unified kernel images.
 *
 * There are two of the first. Fedora's, RHEL's and their kin's (commands/blscfg.c of rhboot/grub2) takes
 * one word: "default", "non-default", "(device)/folder", a file, or the name of an entry. GRUB 2.14's
 * (commands/blsuki.c) takes options. Without either it is taken for the first, which has more variables
 * and another folder where the first is not there.
 *
 * They take more liberties than the Boot Loader Specification: a file's lines are turned into the
 * commands of a menu entry, and the order is of the files' names alone, the highest first.
 */
#include "format/grub.h"
#include "format/grub_order.h"
#include "format/grub_snippet.h"
#include "grub/option.h"
#include "place/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a command asks for. */
struct request {
	bool is_fedoras, is_uki;
	const char *path;  /* where to look, as the script has it; NULL: where it is usual */
	const char *entry; /* this one; NULL: none but those below */
	bool has_fallback; /* nothing in @path: where it is usual */
	bool has_default, has_others;
};

static struct grub_reader *reader_of(const struct grub *g)
{
	return grub_host(g)->context;
}

/* By number, name or title, in the list of all files; GRUB 2.14 has its names with ".conf". */
static bool is_default(const struct grub *g, const struct grub_snippet *snippet, size_t index)
{
	const char *name = grub_get(g, "default");
	char *end;
	long number;

	if (!name || !*name)
		return false;
	if (!strcmp(name, snippet->id) || !strcmp(name, snippet->name) ||
	    (snippet->title && !strcmp(name, snippet->title)))
		return true;
	number = strtol(name, &end, 0);
	return end != name && !*end && number >= 0 && (size_t)number == index;
}

static bool is_wanted(const struct grub *g, const struct request *request,
		      const struct grub_snippet *snippet, size_t index)
{
	const char *name = request->is_fedoras ? snippet->id : snippet->name;

	if (request->entry && !strcmp(request->entry, name))
		return true;
	return is_default(g, snippet, index) ? request->has_default : request->has_others;
}

/* Fedora's blscfg shows each once, however often it is called. */
static bool was_shown(struct grub_reader *reader, const struct fsroot *root, const char *path)
{
	for (const struct grub_shown *shown = reader->shown; shown; shown = shown->next)
		if (shown->root == root && !strcmp(shown->path, path))
			return true;
	return false;
}

static int set_shown(struct grub_reader *reader, const struct fsroot *root, const char *path)
{
	struct grub_shown *shown = arena_alloc(reader->list->arena, sizeof(*shown));

	if (!shown)
		return -ENOMEM;
	*shown = (struct grub_shown){ .next = reader->shown, .root = root, .path = path };
	reader->shown = shown;
	return 0;
}

/* GRUB_FALSE where the menu is full. */
static int add_item(struct grub *g, const struct request *request, const struct fsroot *root,
		    const struct grub_snippet *snippet)
{
	const char *text = "";
	struct grub_item *item;
	int r;

	if (snippet->kernel && !request->is_uki)
		text = grub_snippet_commands(g, snippet, request->is_fedoras);
	r = text ? grub_menu_add(g, root, snippet->path, text, &item) : -ENOMEM;
	if (r)
		return r;
	item->id = snippet->id;
	item->title = snippet->title ?: snippet->kernel ?: snippet->id;
	item->version = snippet->version;
	item->is_unrestricted = snippet->is_unrestricted;
	item->image = request->is_uki ? snippet->path : NULL;
	/* GRUB passes over a file without "linux". */
	item->is_unseen = !snippet->kernel && !request->is_uki;
	return 0;
}

static int compare_packages(const void *a, const void *b)
{
	const struct grub_snippet *left = a, *right = b;

	return -grub_order_packages(left->id, right->id);
}

static int compare_files(const void *a, const void *b)
{
	const struct grub_snippet *left = a, *right = b;

	return -grub_order_files(left->name, right->name);
}

static int read_one(struct grub *g, const struct request *request,
		    const struct entry_source *source, const char *folder, const char *name,
		    struct grub_snippet *ret_snippet)
{
	struct grub_snippet *snippet = ret_snippet;
	size_t tail = request->is_uki ? 0 : strlen(".conf");

	*snippet = (struct grub_snippet){ .name = name };
	snippet->path = fsroot_tidy(grub_arena(g), folder);
	snippet->path =
		snippet->path ? arena_printf(grub_arena(g), "%s/%s", snippet->path, name) : NULL;
	snippet->path = snippet->path ? fsroot_tidy(grub_arena(g), snippet->path) : NULL;
	snippet->id = arena_strndup(grub_arena(g), name, strlen(name) - tail);
	if (!snippet->path || !snippet->id)
		return -ENOMEM;
	return request->is_uki ? 0 : grub_snippet_read(g, source, snippet);
}

static int add_all(struct grub *g, const struct grub_node *node, const struct request *request,
		   const struct fsroot *root, struct grub_snippet *snippets, size_t count)
{
	struct grub_reader *reader = reader_of(g);
	int r = 0;

	qsort(snippets, count, sizeof(*snippets),
	      request->is_fedoras ? compare_packages : compare_files);
	for (size_t i = 0; !r && i < count; i++) {
		const struct grub_snippet *snippet = &snippets[i];

		if (!is_wanted(g, request, snippet, i) ||
		    (request->is_fedoras && was_shown(reader, root, snippet->path)))
			continue;
		r = grub_step(g, node) ?: add_item(g, request, root, snippet);
		r = r ?: set_shown(reader, root, snippet->path);
	}
	return r;
}

/* The files of the folder @text, as the script has it; how many there were. */
static int read_folder(struct grub *g, const struct grub_node *node, const struct request *request,
		       const char *text, size_t *ret_count)
{
	struct entry_source source = *reader_of(g)->source;
	struct grub_snippet *snippets;
	const char *path, *reason;
	char **names;
	size_t count;
	int r = grub_path(g, text, &source.root, &path, &reason);

	*ret_count = 0;
	if (r)
		return r == -ENOENT ? grub_fault(g, node, reason) : r;
	r = entry_place_list(reader_of(g)->list, &source, path, request->is_uki ? ".efi" : ".conf",
			     &names, &count);
	if (r || !count)
		return r;
	snippets = arena_alloc(grub_arena(g), count * sizeof(*snippets));
	if (!snippets)
		return -ENOMEM;
	for (size_t i = 0; !r && i < count; i++)
		r = grub_step(g, node)
			    ?: read_one(g, request, &source, path, names[i], &snippets[i]);
	*ret_count = count;
	return r ?: add_all(g, node, request, source.root, snippets, count);
}

static int read_file(struct grub *g, const struct grub_node *node, const struct request *request)
{
	struct entry_source source = *reader_of(g)->source;
	struct grub_snippet snippet;
	const char *path, *reason, *slash, *folder;
	int r = grub_path(g, request->path, &source.root, &path, &reason);

	if (r)
		return r == -ENOENT ? grub_fault(g, node, reason) : r;
	if (!fsroot_is_file(source.root, path))
		return GRUB_FILE_NOT_FOUND;
	slash = strrchr(path, '/');
	folder = arena_strndup(grub_arena(g), path, (size_t)(slash - path));
	r = folder ? read_one(g, request, &source, folder, slash + 1, &snippet) : -ENOMEM;
	return r ?: add_all(g, node, request, source.root, &snippet, 1);
}

static bool is_file(const struct request *request)
{
	const char *suffix = request->is_uki ? ".efi" : ".conf";
	size_t length = request->path ? strlen(request->path) : 0;

	return length > strlen(suffix) && !strcmp(request->path + length - strlen(suffix), suffix);
}

static int run(struct grub *g, const struct grub_node *node, const struct request *request)
{
	const char *usual = request->is_uki ? "/EFI/Linux" : "/loader/entries";
	const char *path = request->path;
	size_t count = 0;
	int r;

	if (is_file(request))
		return read_file(g, node, request);
	if (!path && request->is_fedoras)
		path = grub_get(g, "blsdir");
	r = read_folder(g, node, request, path ?: usual, &count);
	if (!r && !count && request->has_fallback && path)
		r = read_folder(g, node, request, usual, &count);
	if (!r && !count && request->is_fedoras && !request->path)
		r = read_folder(g, node, request, "/boot/loader/entries", &count);
	return r;
}

/* Of GRUB 2.14; @request->is_fedoras and ->is_uki are set. 0, or a status. */
static int take_options(struct request *request, int argc, char **argv)
{
	enum { PATH, FALLBACK, DEFAULT, OTHERS, ENTRY };
	struct grub_option options[] = {
		[PATH] = { .name = "path", .letter = 'p', .kind = GRUB_OPTION_VALUE },
		[FALLBACK] = { .name = "enable-fallback", .letter = 'f' },
		[DEFAULT] = { .name = "show-default", .letter = 'd' },
		[OTHERS] = { .name = "show-non-default", .letter = 'n' },
		[ENTRY] = { .name = "entry", .letter = 'e', .kind = GRUB_OPTION_VALUE },
		{ .name = NULL },
	};
	struct grub_options all = { .options = options };
	bool has_all;
	int r = grub_options_take(&all, argc, argv, &argc);

	has_all = !options[DEFAULT].is_set && !options[OTHERS].is_set && !options[ENTRY].is_set;
	request->path = options[PATH].value;
	if (request->path && !strchr("/(", *request->path) && !is_file(request))
		request->path = NULL;
	request->has_fallback = options[FALLBACK].is_set;
	request->has_default = options[DEFAULT].is_set || has_all;
	request->has_others = options[OTHERS].is_set || has_all;
	request->entry = options[ENTRY].value;
	return r;
}

/* Of Fedora: one word, or none. */
static void take_word(struct request *request, int argc, const char *word)
{
	request->has_default = argc != 2 || strcmp(word, "non-default") != 0;
	request->has_others = argc != 2 || strcmp(word, "default") != 0;
	if (argc != 2 || !request->has_default || !request->has_others)
		return;
	if (*word == '(') {
		request->path = word;
		return;
	}
	request->entry = word;
	request->has_default = request->has_others = false;
}

int grub_blscfg(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct request request = { .is_fedoras = argc < 2 || *argv[1] != '-' };
	int r = 0;

	if (request.is_fedoras)
		take_word(&request, argc, argv[1]);
	else
		r = take_options(&request, argc, argv);
	if (r)
		return r == -ENOEXEC ? 0 : r;
	return run(g, node, &request);
}

/* GRUB looks on the file system that it was started from; where that is, is not known to a script. */
int grub_uki(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct request request = { .is_uki = true };
	int r = take_options(&request, argc, argv);

	if (r)
		return r == -ENOEXEC ? 0 : r;
	return run(g, node, &request);
}
