// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * syslinux, extlinux, isolinux, and U-Boot, which reads the same files (syslinux.cfg(5), doc/menu.txt).
 */
#include "entry/syslinux.h"
#include "entry/formats.h"
#include "entry/lines.h"
#include "entry/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_BYTES_MAX (256 * 1024)
#define DEPTH_MAX      16 /* of INCLUDE, as syslinux has it */
#define FILES_MAX      64 /* in all: files may include each other */

/* The line that is being taken. */
struct at {
	const char *path;
	struct lines lines;
	unsigned int depth;
	bool in_help; /* between TEXT HELP and ENDTEXT */
};

struct reader {
	struct syslinux s;
	unsigned int files;
};

static int read_file(struct reader *reader, const char *path, unsigned int depth);

static const char *keep(struct syslinux *s, const char *text)
{
	return arena_strdup(s->list->arena, text);
}

static int set(struct syslinux *s, const char **field, const char *text)
{
	*field = keep(s, text);
	return *field ? 0 : -ENOMEM;
}

static int problem(struct reader *reader, const struct at *at, const char *what, const char *word)
{
	return entry_list_problem(reader->s.list, reader->s.source, at->path, at->lines.number,
				  "%s%s", what, word);
}

static bool is_flag_set(const char *value)
{
	return strtol(value, NULL, 10) != 0;
}

/*
 * Directives outside of labels.
 */

static int take_label(struct reader *reader, struct at *at, char *value)
{
	struct syslinux *s = &reader->s;
	int r = syslinux_end_label(s);
	char *name = lines_word(&value);

	if (r)
		return r;
	if (!name)
		return problem(reader, at, "LABEL without a name", "");
	s->label.path = at->path;
	s->label.line = at->lines.number;
	return set(s, &s->label.name, name);
}

/* A label, or something typed at the prompt; words behind it would be added to its command line. */
static int take_choice(struct reader *reader, struct at *at, const char **field, char *value)
{
	char *name = lines_word(&value);

	if (!name)
		return 0;
	if (*value && problem(reader, at, "more than a label: not taken along: ", value))
		return -ENOMEM;
	return set(&reader->s, field, name);
}

/* "DEFAULT vesamenu.c32" is how a menu was asked for before there was UI. */
static int take_default(struct reader *reader, struct at *at, char *value)
{
	size_t length = strcspn(value, " \t");

	if (length > 4 && !strncasecmp(value + length - 4, ".c32", 4)) {
		reader->s.has_menu = true;
		return 0;
	}
	return take_choice(reader, at, &reader->s.default_name, value);
}

static int take_ontimeout(struct reader *reader, struct at *at, char *value)
{
	return take_choice(reader, at, &reader->s.ontimeout_name, value);
}

/* Tenths of a second; what is not a whole second is rounded up. 0 waits for ever. */
static int take_timeout(struct reader *reader, struct at *at, char *value)
{
	unsigned long tenths;
	char *end;

	errno = 0;
	tenths = strtoul(value, &end, 10);
	if (errno || end == value || *value == '-' || tenths / 10 > ENTRY_TIMEOUT_MAX)
		return problem(reader, at, "TIMEOUT: no number of tenths of a second: ", value);
	reader->s.timeout = tenths ? (int)((tenths + 9) / 10) : ENTRY_TIMEOUT_FOREVER;
	return 0;
}

static int take_ui(struct reader *reader, struct at *at, char *value)
{
	reader->s.has_menu = true;
	return 0;
}

static int take_prompt(struct reader *reader, struct at *at, char *value)
{
	reader->s.has_menu |= is_flag_set(value);
	return 0;
}

static int take_include(struct reader *reader, struct at *at, char *value)
{
	struct syslinux *s = &reader->s;
	const char *name = lines_word(&value), *path;

	if (!name)
		return problem(reader, at, "INCLUDE without a file", "");
	if (at->depth == DEPTH_MAX || reader->files == FILES_MAX)
		return problem(reader, at, "not included, since that goes too far: ", name);
	path = *name == '/' ? entry_place_path(s->list, s->source->root, s->place, name)
			    : arena_printf(s->list->arena, "%s/%s", s->folder, name);
	if (!path)
		return -ENOMEM;
	/* Told where it is asked for: a file that is not there has no line that could be mended. */
	if (fsroot_exists(s->source->root, path) == -ENOENT)
		return problem(reader, at, "to be included, and not there: ", name);
	return read_file(reader, path, at->depth + 1);
}

/*
 * Directives of a label.
 */

static int take_linux(struct reader *reader, struct at *at, char *value)
{
	reader->s.label.may_be_program = false;
	return set(&reader->s, &reader->s.label.kernel, value);
}

static int take_kernel(struct reader *reader, struct at *at, char *value)
{
	reader->s.label.may_be_program = true;
	return set(&reader->s, &reader->s.label.kernel, value);
}

static int take_program(struct reader *reader, struct at *at, char *value)
{
	struct syslinux *s = &reader->s;

	s->label.not_a_kernel =
		arena_printf(s->list->arena, "%s is a program for syslinux, not a kernel", value);
	return s->label.not_a_kernel ? 0 : -ENOMEM;
}

static int take_localboot(struct reader *reader, struct at *at, char *value)
{
	reader->s.label.not_a_kernel = "it goes on through firmware (LOCALBOOT), without a kernel";
	return 0;
}

static int take_config(struct reader *reader, struct at *at, char *value)
{
	reader->s.label.not_a_kernel = "it leads to another configuration file (CONFIG)";
	return 0;
}

/* A hyphen stands for nothing, where a label is not to have what all have. */
static int take_append(struct reader *reader, struct at *at, char *value)
{
	struct syslinux *s = &reader->s;
	const char **field = s->label.name ? &s->label.append : &s->append;

	return set(s, field, strcmp(value, "-") ? value : "");
}

static int take_initrd(struct reader *reader, struct at *at, char *value)
{
	return set(&reader->s, &reader->s.label.initrd, value);
}

static int take_devicetree(struct reader *reader, struct at *at, char *value)
{
	return set(&reader->s, &reader->s.label.devicetree, value);
}

static int take_overlays(struct reader *reader, struct at *at, char *value)
{
	reader->s.label.needs_overlays = *value != '\0';
	return 0;
}

static int take_text(struct reader *reader, struct at *at, char *value)
{
	at->in_help = !strncasecmp(value, "HELP", 4);
	return 0;
}

/*
 * MENU ...
 */

static int menu_title(struct reader *reader, struct at *at, char *value)
{
	struct syslinux *s = &reader->s;

	/* The whole menu's title is nobody's. */
	return s->menu_count ? set(s, &s->menus[s->menu_count - 1], value) : 0;
}

/* "^" marks the letter that chooses the entry. */
static int menu_label(struct reader *reader, struct at *at, char *value)
{
	char *to = value;

	for (const char *from = value; *from; from++)
		if (*from != '^')
			*to++ = *from;
	*to = '\0';
	/* Before any LABEL it is how the submenu is called in the menu it is in. */
	if (!reader->s.label.name)
		return menu_title(reader, at, value);
	return set(&reader->s, &reader->s.label.title, value);
}

static int menu_default(struct reader *reader, struct at *at, char *value)
{
	reader->s.menu_default_name = reader->s.label.name ?: reader->s.menu_default_name;
	return 0;
}

/* Not shown, or shown and not to be chosen. */
static int menu_hide(struct reader *reader, struct at *at, char *value)
{
	reader->s.label.is_hidden = true;
	return 0;
}

static int menu_hidden(struct reader *reader, struct at *at, char *value)
{
	reader->s.list->settings[ENTRY_SYSLINUX].is_menu_hidden = true;
	return 0;
}

static int menu_begin(struct reader *reader, struct at *at, char *value)
{
	struct syslinux *s = &reader->s;
	int r = syslinux_end_label(s);

	if (r)
		return r;
	if (s->menu_count == SYSLINUX_MENUS_MAX)
		return problem(reader, at, "MENU BEGIN: too many menus in each other", "");
	return set(s, &s->menus[s->menu_count++], value);
}

static int menu_end(struct reader *reader, struct at *at, char *value)
{
	struct syslinux *s = &reader->s;
	int r = syslinux_end_label(s);

	s->menu_count -= s->menu_count > 0;
	return r;
}

typedef int (*take_fn)(struct reader *reader, struct at *at, char *value);

struct directive {
	const char *name;
	take_fn take;
};

/* All others are about how it looks, or for PXE (IPAPPEND), and are passed over. */
static const struct directive menu_directives[] = {
	{ "LABEL", menu_label }, { "TITLE", menu_title },  { "DEFAULT", menu_default },
	{ "HIDE", menu_hide },	 { "DISABLE", menu_hide }, { "HIDDEN", menu_hidden },
	{ "BEGIN", menu_begin }, { "END", menu_end },	   { "INCLUDE", take_include },
	{ NULL, NULL },
};

static take_fn find(const struct directive *directives, const char *name)
{
	for (; directives->name; directives++)
		if (!strcasecmp(directives->name, name))
			return directives->take;
	return NULL;
}

static int take_menu(struct reader *reader, struct at *at, char *value)
{
	const char *name = lines_word(&value);
	take_fn take = name ? find(menu_directives, name) : NULL;

	return take ? take(reader, at, value) : 0;
}

static const struct directive directives[] = {
	{ "LABEL", take_label },
	{ "DEFAULT", take_default },
	{ "ONTIMEOUT", take_ontimeout },
	{ "TIMEOUT", take_timeout },
	{ "UI", take_ui },
	{ "PROMPT", take_prompt },
	{ "INCLUDE", take_include },
	{ "MENU", take_menu },
	{ "TEXT", take_text },
	{ "APPEND", take_append },
	{ NULL, NULL },
};

static const struct directive label_directives[] = {
	{ "LINUX", take_linux },
	{ "KERNEL", take_kernel },
	{ "INITRD", take_initrd },
	{ "FDT", take_devicetree },
	{ "DEVICETREE", take_devicetree },
	{ "FDTOVERLAYS", take_overlays },
	{ "DEVICETREE-OVERLAY", take_overlays },
	{ "LOCALBOOT", take_localboot },
	{ "CONFIG", take_config },
	{ "COM32", take_program },
	{ "COMBOOT", take_program },
	{ "BOOT", take_program },
	{ "BSS", take_program },
	{ "PXE", take_program },
	{ "FDIMAGE", take_program },
	{ NULL, NULL },
};

static int take_line(struct reader *reader, struct at *at, const char *key, char *value)
{
	take_fn take = find(directives, key);

	if (at->in_help) {
		at->in_help = strcasecmp(key, "ENDTEXT") != 0;
		return 0;
	}
	if (!take && reader->s.label.name)
		take = find(label_directives, key);
	return take ? take(reader, at, value) : 0;
}

static int read_file(struct reader *reader, const char *path, unsigned int depth)
{
	struct at at = { .path = path, .depth = depth };
	char *text, *key, *value;
	int r;

	reader->files++;
	r = entry_place_read(reader->s.list, reader->s.source, path, FILE_BYTES_MAX, &text);
	if (r || !text)
		return r;
	at.lines = lines_of(text);
	while (!r && lines_next(&at.lines, &key, &value))
		r = take_line(reader, &at, key, value);
	free(text);
	return r;
}

/* What boots when nobody types is what ONTIMEOUT says, and DEFAULT only where it says nothing. */
static void settle(const struct syslinux *s, struct entry_settings *settings)
{
	settings->default_id = s->ontimeout_name ?: s->menu_default_name ?: s->default_name;
	settings->timeout = s->timeout;
	if (s->timeout != ENTRY_TIMEOUT_UNSET)
		return;
	/* Without a menu and without a prompt it boots at once. */
	settings->timeout = s->has_menu ? ENTRY_TIMEOUT_FOREVER : 0;
	settings->is_menu_hidden |= !s->has_menu;
}

static int read_config(const struct entry_source *source, struct entry_list *list,
		       const char *place, const char *folder, const char *path)
{
	struct reader reader = {
		.s = { .source = source,
		       .list = list,
		       .place = place,
		       .folder = folder,
		       .timeout = ENTRY_TIMEOUT_UNSET },
	};
	struct entry_settings *settings = &list->settings[ENTRY_SYSLINUX];
	bool is_first = !settings->is_configured;
	int r;

	settings->is_configured = true;
	r = read_file(&reader, path, 1);
	if (!r)
		r = syslinux_end_label(&reader.s);
	if (!r && is_first)
		settle(&reader.s, settings);
	return r;
}

/* 1: there was one. */
static int read_folder(const struct entry_source *source, struct entry_list *list,
		       const char *place, const char *folder)
{
	static const char *const names[] = { "extlinux.conf", "syslinux.cfg", "isolinux.cfg" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = arena_printf(list->arena, "%s/%s", folder, names[i]);

		if (!path)
			return -ENOMEM;
		if (fsroot_is_file(source->root, path))
			return read_config(source, list, place, folder, path) ?: 1;
	}
	return 0;
}

/* The first that is there, and only that: as these boot loaders look for it, and in their order. */
int syslinux_read(const struct entry_source *source, struct entry_list *list)
{
	static const char *const folders[] = { "/extlinux", "/syslinux", "/EFI/syslinux",
					       "/isolinux", "" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		for (size_t k = 0; entry_places[k]; k++) {
			const char *folder =
				arena_printf(list->arena, "%s%s", entry_places[k], folders[i]);
			int r = folder ? read_folder(source, list, entry_places[k], folder)
				       : -ENOMEM;

			if (r)
				return r < 0 ? r : 0;
		}
	}
	return 0;
}
