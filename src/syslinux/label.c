// SPDX-License-Identifier: GPL-2.0-or-later
/* From a LABEL of syslinux to a boot entry, or to where else it leads; see internal.h. */
#include "place/lines.h"
#include "place/place.h"
#include "syslinux/internal.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

const char *syslinux_path(const struct syslinux *s, const char *path)
{
	struct entry_list *list = s->all->list;
	const char *below = *path == '/' || *path == '\\'
				    ? arena_strdup(list->arena, path)
				    : arena_printf(list->arena, "%s/%s", s->folder, path);
	char *copy = below ? arena_strdup(list->arena, below) : NULL;

	if (!copy)
		return NULL;
	/* Both are separators for syslinux's FAT driver (core/fs/fat.c). */
	for (char *c = copy; s->all->program == SYSLINUX_SYSLINUX && *c; c++)
		if (*c == '\\')
			*c = '/';
	if (*path == '/' || *path == '\\')
		return entry_place_path(list, s->all->source->root, s->all->place, copy);
	return entry_path(list, copy);
}

static int set_file(const struct syslinux *s, struct entry_file *file, const char *path)
{
	*file = (struct entry_file){ .root = s->all->source->root, .path = syslinux_path(s, path) };
	return file->path ? 0 : -ENOMEM;
}

int syslinux_add_initrds(const struct syslinux *s, struct entry *entry, const char *names)
{
	struct entry_list *list = s->all->list;
	const char *end = s->all->program == SYSLINUX_U_BOOT ? "" : ",";

	while (*names) {
		size_t length = strcspn(names, end);
		char *name = arena_strndup(list->arena, names, length);
		const char *path = name && *name ? syslinux_path(s, name) : name;

		if (!path)
			return -ENOMEM;
		if (*path && entry_add_initrd(list, entry, s->all->source->root, path))
			return -ENOMEM;
		names += length + (names[length] != '\0');
	}
	return 0;
}

int syslinux_add_words(const struct syslinux *s, struct entry *entry, const char *words,
		       const char **ret_initrd)
{
	char *at = arena_strdup(s->all->list->arena, words), *word;

	if (!at)
		return -ENOMEM;
	while ((word = lines_word(&at))) {
		if (!strncmp(word, "initrd=", 7))
			*ret_initrd = word + 7;
		else if (entry_add_options(s->all->list, entry, word))
			return -ENOMEM;
	}
	return 0;
}

/* "${name}" or "$(name)" at @text: its length, else 0 (U-Boot: cli_simple_process_macros()). */
static size_t variable_length(const char *text)
{
	const char *end = NULL;

	if (text[0] == '$' && (text[1] == '{' || text[1] == '('))
		end = strchr(text, text[1] == '{' ? '}' : ')');
	return end ? (size_t)(end - text) + 1 : 0;
}

/* U-Boot fills in its environment, which nobody here can know: an unset variable is empty for it. */
static int drop_variables(const struct syslinux *s, char *text)
{
	const struct syslinux_label *label = &s->label;
	char *to = text;
	int r = 0;

	for (const char *from = text; *from;) {
		size_t length = variable_length(from);

		if (length && !r)
			r = entry_list_problem(
				s->all->list, s->all->source, label->path, label->line,
				"%.*s of label '%s' is from U-Boot's environment, which is gone "
				"by now: left out",
				(int)length, from, label->name);
		from += length;
		if (!length)
			*to++ = *from++;
	}
	*to = '\0';
	return r;
}

/* The command line: what stands behind the kernel's name, then APPEND. A line INITRD counts before
 * an "initrd=" of either. */
static int take_append(const struct syslinux *s, struct entry *entry, const char *arguments)
{
	const struct syslinux_label *label = &s->label;
	const char *initrd = NULL;
	char *append = arena_strdup(s->all->list->arena, label->append ?: s->append ?: "");
	int r = append ? 0 : -ENOMEM;

	if (!r && s->all->program == SYSLINUX_U_BOOT)
		r = drop_variables(s, append);
	r = r ?: syslinux_add_words(s, entry, arguments, &initrd);
	r = r ?: syslinux_add_words(s, entry, append, &initrd);
	initrd = label->initrd ?: initrd;
	return r ?: initrd ? syslinux_add_initrds(s, entry, initrd) : 0;
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcasecmp(text + length - tail, end);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool syslinux_is_menu(const char *program)
{
	const char *name = base_name(program);

	return !strcasecmp(name, "menu.c32") || !strcasecmp(name, "vesamenu.c32");
}

bool syslinux_is_program(const struct syslinux *s, const char *kernel)
{
	static const char *const always[] = { ".c32", ".com", ".cbt", ".0", NULL };
	static const char *const isolinux[] = { ".bin", ".img", NULL };
	static const char *const syslinux[] = { ".bss", ".bs", NULL };
	enum syslinux_program program = s->all->program;
	const char *const *own = program == SYSLINUX_ISOLINUX ? isolinux : syslinux;
	bool is_one = false;

	if (program == SYSLINUX_U_BOOT)
		return false;
	for (size_t i = 0; !is_one && always[i]; i++)
		is_one = ends_in(kernel, always[i]);
	for (size_t i = 0; !is_one && own[i] && program != SYSLINUX_EXTLINUX; i++)
		is_one = ends_in(kernel, own[i]);
	return is_one;
}

static int grey_program(const struct syslinux *s, struct entry *entry, const char *kernel)
{
	if (s->label.kind == SYSLINUX_LOCALBOOT)
		return entry_lead_away(s->all->list, entry,
				       "it goes on through firmware (LOCALBOOT), without a kernel");
	return entry_lead_away(s->all->list, entry, "%s is a program for syslinux, not a kernel",
			       kernel);
}

static int take_kernel(const struct syslinux *s, struct entry *entry, const char *kernel)
{
	const char *part = s->all->program == SYSLINUX_U_BOOT ? strchr(kernel, '#') : NULL;

	if (!strcasecmp(base_name(kernel), "memdisk"))
		return entry_lead_away(s->all->list, entry,
				       "memdisk needs a BIOS, which is gone by now");
	/* pxe_utils.c, parse_label_kernel(): "FILE#CONFIGURATION". */
	if (part)
		return entry_grey(s->all->list, entry,
				  "%.*s is a FIT image, of which %s is wanted: kexit takes none "
				  "apart",
				  (int)(part - kernel), kernel, part);
	return set_file(s, &entry->kernel, kernel);
}

size_t syslinux_depth(const struct syslinux *s)
{
	size_t depth = 0;

	for (size_t i = s->menu; s->menus[i].parent != SYSLINUX_NONE; i = s->menus[i].parent)
		depth++;
	return depth;
}

int syslinux_titles(const struct syslinux *s, const char *more, const char *const **ret_titles,
		    size_t *ret_count)
{
	size_t depth = syslinux_depth(s), count = s->outer_count + depth + (more != NULL);
	const char **titles = arena_alloc(s->all->list->arena, (count + 1) * sizeof(*titles));

	if (!titles)
		return -ENOMEM;
	for (size_t i = 0; i < s->outer_count; i++)
		titles[i] = s->outer[i];
	for (size_t i = s->menu; s->menus[i].parent != SYSLINUX_NONE; i = s->menus[i].parent)
		titles[s->outer_count + --depth] = s->menus[i].title;
	if (more)
		titles[count - 1] = more;
	*ret_titles = titles;
	*ret_count = count;
	return 0;
}

int syslinux_add_entry(struct syslinux *s, const char *kernel, const char *arguments,
		       bool is_kernel, struct entry **ret_entry)
{
	const struct syslinux_label *label = &s->label;
	struct entry_list *list = s->all->list;
	struct entry *entry;
	int r;

	entry = entry_list_add(list, s->all->source, ENTRY_SYSLINUX, label->path, label->line);
	if (!entry)
		return -ENOMEM;
	entry->id = label->name;
	entry->title = label->title;
	entry->is_hidden = label->is_hidden;
	r = syslinux_titles(s, NULL, &entry->menus, &entry->menu_count)
		    ?: take_append(s, entry, arguments);
	if (!r)
		r = is_kernel ? take_kernel(s, entry, kernel) : grey_program(s, entry, kernel);
	r = r ?: syslinux_add_trees(s, entry);
	*ret_entry = entry;
	return r;
}

/*
 * Modules of syslinux that lead to another label or configuration.
 */

/* The word behind @option. */
static const char *word_behind(const struct syslinux *s, const char *words, const char *option)
{
	char *at = arena_strdup(s->all->list->arena, words), *word;
	bool is_next = false;

	while (at && (word = lines_word(&at))) {
		if (is_next)
			return word;
		is_next = !strcmp(word, option);
	}
	return NULL;
}

/*
 * "ifcpu64.c32 FOR64 -- FOR32": the first where the processor can. "ifcpu.c32 64 -- FOR64 -- FOR32"
 * has what it asks for in front.
 */
static const char *for_this_processor(const struct syslinux *s, const char *words, bool has_test)
{
	const char *machine = s->all->list->machine;
	char *at = arena_strdup(s->all->list->arena, words), *word;
	unsigned int wanted = has_test + (machine && !strcmp(machine, "i686")), part = 0;
	const char *last = NULL;

	while (at && (word = lines_word(&at))) {
		if (!strcmp(word, "--"))
			part++;
		else if (part >= has_test && part <= wanted)
			last = part == wanted || !last ? word : last;
		if (last && part == wanted)
			break;
	}
	return last;
}

static int set_config(struct syslinux *s, struct syslinux_known *known, const char *config,
		      const char *folder)
{
	known->config = config;
	known->folder = folder;
	return config && folder ? 0 : -ENOMEM;
}

static int add_missing(struct syslinux *s, struct syslinux_known *known, const char *config)
{
	int r = syslinux_add_entry(s, "", "", false, &known->entry);

	known->entry->greyed = NULL;
	return r
		       ?: entry_lead_away(s->all->list, known->entry,
					  "it leads to the configuration %s, which is not there",
					  config);
}

/* What @words say: a configuration, and another folder for its paths. */
static int take_config(struct syslinux *s, struct syslinux_known *known, const char *words)
{
	char *at = arena_strdup(s->all->list->arena, words);
	const char *config = at ? lines_word(&at) : NULL, *folder = config ? lines_word(&at) : NULL;

	if (!config)
		return at ? 0 : -ENOMEM;
	config = syslinux_path(s, config);
	if (config && !fsroot_is_file(s->all->source->root, config))
		return add_missing(s, known, config);
	return set_config(s, known, config, folder ? syslinux_path(s, folder) : s->folder);
}

/* 1: it is such a module, and *@known says where it leads. */
static int take_module(struct syslinux *s, struct syslinux_known *known, const char *program,
		       const char *words)
{
	const char *name = base_name(program);

	if (syslinux_is_menu(program)) {
		known->is_menu = true;
		if (!words[strspn(words, " \t")] || !strcmp(words, "~"))
			return 1;
		return set_config(s, known, arena_strdup(s->all->list->arena, words), s->folder)
			       ?: 1;
	}
	if (!strcasecmp(name, "whichsys.c32"))
		known->target = word_behind(
			s, words, s->all->program == SYSLINUX_ISOLINUX ? "-iso-" : "-sys-");
	else if (!strcasecmp(name, "ifcpu64.c32"))
		known->target = for_this_processor(s, words, false);
	else if (!strcasecmp(name, "ifcpu.c32"))
		known->target = for_this_processor(s, words, true);
	return known->target != NULL;
}

/*
 * The end of a label.
 */

static int remember(struct syslinux *s, const struct syslinux_known *known)
{
	struct syslinux_menu *menu = &s->menus[s->menu];

	if (arena_grow(s->all->list->arena, &s->known, &s->known_capacity, s->known_count + 1,
		       sizeof(*s->known)))
		return -ENOMEM;
	if (known->is_selectable && menu->first == SYSLINUX_NONE)
		menu->first = s->known_count;
	if (known->is_selectable && s->label.is_menu_default)
		menu->chosen = s->known_count;
	s->known[s->known_count++] = *known;
	return 0;
}

/* "linux.c32 FILE OPTIONS" is the kernel loader as a module of its own. */
static bool is_linux_module(const char *program)
{
	return !strcasecmp(base_name(program), "linux.c32");
}

static int take_program(struct syslinux *s, struct syslinux_known *known, char *program,
			char *arguments)
{
	struct arena *arena = s->all->list->arena;
	struct syslinux_label *label = &s->label;
	const char *append = label->append ?: s->append ?: "";
	char *words =
		arena_printf(arena, "%s%s%s", arguments, *arguments && *append ? " " : "", append);
	int r = words ? 0 : -ENOMEM;

	if (!r)
		r = take_module(s, known, program, words);
	if (r)
		return r < 0 ? r : 0;
	if (is_linux_module(program) && (program = lines_word(&words))) {
		label->append = words;
		return syslinux_add_entry(s, program, "", true, &known->entry);
	}
	return syslinux_add_entry(s, program ?: "linux.c32", arguments, false, &known->entry);
}

static bool is_program_kind(const struct syslinux *s, const char *kernel)
{
	switch (s->label.kind) {
	case SYSLINUX_LINUX:
		return false;
	case SYSLINUX_KERNEL:
		return syslinux_is_program(s, kernel);
	default:
		return true;
	}
}

static int take_label(struct syslinux *s, struct syslinux_known *known)
{
	const struct syslinux_label *label = &s->label;
	struct arena *arena = s->all->list->arena;
	char *arguments = arena_strdup(arena, label->kernel ?: label->name), *kernel = arguments;

	if (!arguments)
		return -ENOMEM;
	if (label->kind == SYSLINUX_CONFIG) {
		const char *words = arena_printf(arena, "%s %s", arguments, label->append ?: "");

		return words ? take_config(s, known, words) : -ENOMEM;
	}
	/* U-Boot's file is the whole line; a LOCALBOOT's number is not even looked at. */
	if (s->all->program != SYSLINUX_U_BOOT && label->kind != SYSLINUX_LOCALBOOT)
		kernel = lines_word(&arguments);
	else
		arguments += strlen(arguments);
	if (is_program_kind(s, kernel ?: ""))
		return take_program(s, known, kernel ?: arguments, arguments);
	return syslinux_add_entry(s, kernel ?: "", arguments, true, &known->entry);
}

/*
 * Without KERNEL a label is the name of its kernel, for syslinux; what is no such file is a heading,
 * or a way back to another menu. U-Boot passes it over.
 */
static bool is_entry(const struct syslinux *s)
{
	const struct syslinux_label *label = &s->label;
	const char *path;

	if (!label->name || label->kernel || label->kind != SYSLINUX_KERNEL)
		return label->name != NULL;
	if (s->all->program == SYSLINUX_U_BOOT)
		return false;
	path = syslinux_path(s, label->name);
	return path && fsroot_is_file(s->all->source->root, path);
}

static int add_label(struct syslinux *s)
{
	const struct syslinux_label *label = &s->label;
	struct syslinux_known known = {
		.name = label->name,
		.title = label->title ?: label->name,
		.menu = s->menu,
		.is_selectable = !label->is_hidden && !label->is_disabled,
	};

	return take_label(s, &known) ?: remember(s, &known);
}

int syslinux_end_label(struct syslinux *s)
{
	const struct syslinux_label *label = &s->label;
	struct syslinux_all *all = s->all;
	int r = 0;

	if (is_entry(s)) {
		if (all->entry_count < SYSLINUX_ENTRIES_MAX)
			r = add_label(s);
		else if (all->entry_count == SYSLINUX_ENTRIES_MAX)
			r = entry_list_problem(
				all->list, all->source, label->path, label->line,
				"more than %d labels: this and later ones are left out",
				SYSLINUX_ENTRIES_MAX);
		all->entry_count++;
	}
	s->label = (struct syslinux_label){ .name = NULL };
	return r;
}
