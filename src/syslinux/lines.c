// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of a syslinux configuration, and what each means to whose file it is; see internal.h. */
#include "place/lines.h"
#include "place/place.h"
#include "syslinux/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_BYTES_MAX (256 * 1024)

/* The line that is being taken. */
struct at {
	struct syslinux *s;
	const char *path;
	struct lines lines;
	unsigned int depth;
	bool in_help; /* between TEXT HELP and ENDTEXT */
};

static int set(struct at *at, const char **field, const char *text)
{
	*field = arena_strdup(at->s->all->list->arena, text);
	return *field ? 0 : -ENOMEM;
}

static int problem(const struct at *at, const char *what, const char *word)
{
	const struct syslinux_all *all = at->s->all;

	return entry_list_problem(all->list, all->source, at->path, at->lines.number, "%s%s", what,
				  word);
}

static bool is_flag_set(const char *value)
{
	return strtol(value, NULL, 10) != 0;
}

static bool is_u_boot(const struct at *at)
{
	return at->s->all->program == SYSLINUX_U_BOOT;
}

/*
 * Directives outside of labels.
 */

/* The name is the whole line: "LABEL Store OS Safe Mode". */
static int take_label(struct at *at, char *value)
{
	struct syslinux *s = at->s;
	int r = syslinux_end_label(s);

	if (r)
		return r;
	if (!*value)
		return problem(at, "LABEL without a name", "");
	s->label.path = at->path;
	s->label.line = at->lines.number;
	return set(at, &s->label.name, value);
}

/* "vesamenu.c32 more.cfg": a menu, of that file. */
static int take_interface(struct at *at, char *value)
{
	const char *program = lines_word(&value);

	at->s->ui_files = NULL;
	if (!program || !syslinux_is_menu(program) || !*value || !strcmp(value, "~"))
		return 0;
	return set(at, &at->s->ui_files, value);
}

/*
 * "DEFAULT vesamenu.c32" is how a menu was asked for before there was UI. The last DEFAULT counts, also
 * where it takes such a menu back.
 */
static int take_default(struct at *at, char *value)
{
	struct syslinux *s = at->s;
	size_t length = strcspn(value, " \t");
	bool is_menu = length > 4 && !strncasecmp(value + length - 4, ".c32", 4) && !is_u_boot(at);

	if (!*value)
		return 0;
	if (!s->has_ui && !is_u_boot(at)) {
		s->has_menu = is_menu;
		s->ui_files = NULL;
	}
	if (!is_menu)
		return set(at, &s->default_name, value);
	s->default_name = NULL;
	return s->has_ui ? 0 : take_interface(at, value);
}

/* For U-Boot, the same as DEFAULT. */
static int take_ontimeout(struct at *at, char *value)
{
	if (!*value)
		return 0;
	return set(at, is_u_boot(at) ? &at->s->default_name : &at->s->ontimeout_name, value);
}

/* Tenths of a second; what is not a whole second is rounded up. */
static int take_tenths(struct at *at, const char *directive, const char *value, int *ret_seconds)
{
	unsigned long tenths;
	char *end;

	errno = 0;
	tenths = strtoul(value, &end, 10);
	if (errno || end == value || *value == '-' || tenths / 10 > ENTRY_TIMEOUT_MAX)
		return entry_list_problem(
			at->s->all->list, at->s->all->source, at->path, at->lines.number,
			"%s: no number of tenths of a second: %s", directive, value);
	*ret_seconds = (int)((tenths + 9) / 10);
	return 0;
}

/* menu.txt: a TIMEOUT in a submenu is that submenu's. */
static int take_timeout(struct at *at, char *value)
{
	int seconds = at->s->timeout;
	int r = take_tenths(at, "TIMEOUT", value, &seconds);

	if (!at->s->menu)
		at->s->timeout = seconds;
	return r;
}

static int take_total_timeout(struct at *at, char *value)
{
	return take_tenths(at, "TOTALTIMEOUT", value, &at->s->total_timeout);
}

/* U-Boot passes it over. */
static int take_ui(struct at *at, char *value)
{
	if (is_u_boot(at))
		return 0;
	at->s->has_ui = at->s->has_menu = true;
	return take_interface(at, value);
}

static int take_prompt(struct at *at, char *value)
{
	at->s->has_prompt = is_flag_set(value);
	return 0;
}

static int take_implicit(struct at *at, char *value)
{
	at->s->is_implicit_forbidden = !is_flag_set(value);
	return 0;
}

static int menu_begin(struct at *at, char *value);
static int menu_end(struct at *at, char *value);

static int include(struct at *at, const char *name)
{
	struct syslinux *s = at->s;
	const char *path;

	if (at->depth == SYSLINUX_DEPTH_MAX || s->all->files == SYSLINUX_FILES_MAX)
		return problem(at, "not included, since that goes too far: ", name);
	path = syslinux_path(s, name);
	if (!path)
		return -ENOMEM;
	/* Told where it is asked for: a file that is not there has no line that could be mended. */
	if (fsroot_exists(s->all->source->root, path) == -ENOENT)
		return problem(at, "to be included, and not there: ", name);
	return syslinux_read_file(s, path, at->depth + 1);
}

/* "INCLUDE FILE TAG" is a submenu of that name (menu.txt); U-Boot's FILE is the whole line. */
static int take_include(struct at *at, char *value)
{
	const char *name = is_u_boot(at) && *value ? value : lines_word(&value);
	int r;

	if (!name)
		return problem(at, "INCLUDE without a file", "");
	if (is_u_boot(at) || !*value)
		return include(at, name);
	r = menu_begin(at, value) ?: include(at, name);
	return r ?: menu_end(at, value);
}

/*
 * Directives of a label.
 */

static int take_start(struct at *at, enum syslinux_kind kind, const char *value)
{
	at->s->label.kind = kind;
	return set(at, &at->s->label.kernel, value);
}

static int take_linux(struct at *at, char *value)
{
	return take_start(at, SYSLINUX_LINUX, value);
}

static int take_kernel(struct at *at, char *value)
{
	return take_start(at, is_u_boot(at) ? SYSLINUX_LINUX : SYSLINUX_KERNEL, value);
}

static int take_com32(struct at *at, char *value)
{
	return take_start(at, SYSLINUX_COM32, value);
}

static int take_program(struct at *at, char *value)
{
	return take_start(at, SYSLINUX_PROGRAM, value);
}

static int take_localboot(struct at *at, char *value)
{
	return take_start(at, SYSLINUX_LOCALBOOT, value);
}

static int take_config(struct at *at, char *value)
{
	return take_start(at, SYSLINUX_CONFIG, value);
}

/* A hyphen stands for nothing, where a label is not to have what all have. U-Boot has none for all. */
static int take_append(struct at *at, char *value)
{
	struct syslinux *s = at->s;
	const char **field = s->label.name ? &s->label.append : &s->append;

	if (is_u_boot(at) && !s->label.name)
		return 0;
	return set(at, field, strcmp(value, "-") ? value : "");
}

/* The last of several counts, and for U-Boot the first. */
static int take_initrd(struct at *at, char *value)
{
	struct syslinux_label *label = &at->s->label;

	return is_u_boot(at) && label->initrd ? 0 : set(at, &label->initrd, value);
}

static int take_devicetree(struct at *at, char *value)
{
	struct syslinux_label *label = &at->s->label;

	return is_u_boot(at) && label->devicetree ? 0 : set(at, &label->devicetree, value);
}

static int take_overlays(struct at *at, char *value)
{
	struct syslinux_label *label = &at->s->label;

	return !*value || label->overlays ? 0 : set(at, &label->overlays, value);
}

static int take_tree_folder(struct at *at, char *value)
{
	struct syslinux_label *label = &at->s->label;

	return !*value || label->tree_folder ? 0 : set(at, &label->tree_folder, value);
}

static int take_text(struct at *at, char *value)
{
	at->in_help = !strncasecmp(value, "HELP", 4);
	return 0;
}

/*
 * MENU ...
 */

static int menu_title(struct at *at, char *value)
{
	struct syslinux *s = at->s;

	/* The whole menu's title is nobody's. */
	return s->menu ? set(at, &s->menus[s->menu].title, value) : 0;
}

/* "^" marks the letter that chooses the entry. */
static int menu_label(struct at *at, char *value)
{
	char *to = value;

	for (const char *from = value; *from; from++)
		if (*from != '^' || is_u_boot(at))
			*to++ = *from;
	*to = '\0';
	/* Before any LABEL it is how the submenu is called in the menu it is in. */
	if (!at->s->label.name)
		return menu_title(at, value);
	return set(at, &at->s->label.title, value);
}

/* U-Boot: where nothing else was said so far. */
static int menu_default(struct at *at, char *value)
{
	struct syslinux *s = at->s;

	s->label.is_menu_default = true;
	if (is_u_boot(at) && s->label.name && !s->default_name)
		s->default_name = s->label.name;
	return 0;
}

static int menu_hide(struct at *at, char *value)
{
	at->s->label.is_hidden = true;
	return 0;
}

/* Shown, and not to be chosen. */
static int menu_disable(struct at *at, char *value)
{
	at->s->label.is_hidden = at->s->label.is_disabled = true;
	return 0;
}

static int menu_hidden(struct at *at, char *value)
{
	at->s->is_menu_hidden = true;
	return 0;
}

static int menu_start(struct at *at, char *value)
{
	at->s->start_menu = at->s->menu;
	return 0;
}

static int menu_begin(struct at *at, char *value)
{
	struct syslinux *s = at->s;
	int r = syslinux_end_label(s);

	if (r)
		return r;
	if (s->menu_count == SYSLINUX_MENUS_MAX || syslinux_depth(s) + 1 >= SYSLINUX_DEPTH_MAX)
		return problem(at, "MENU BEGIN: too many menus", "");
	s->menus[s->menu_count] = (struct syslinux_menu){
		.parent = s->menu,
		.first = SYSLINUX_NONE,
		.chosen = SYSLINUX_NONE,
	};
	s->menu = s->menu_count++;
	return set(at, &s->menus[s->menu].title, value);
}

static int menu_end(struct at *at, char *value)
{
	struct syslinux *s = at->s;
	int r = syslinux_end_label(s);

	if (s->menus[s->menu].parent != SYSLINUX_NONE)
		s->menu = s->menus[s->menu].parent;
	return r;
}

typedef int (*take_fn)(struct at *at, char *value);

struct directive {
	const char *name;
	take_fn take;
};

/* All others are about how it looks, or for PXE (IPAPPEND), and are passed over. */
static const struct directive menu_directives[] = {
	{ "LABEL", menu_label },     { "TITLE", menu_title },	  { "DEFAULT", menu_default },
	{ "HIDE", menu_hide },	     { "DISABLE", menu_disable }, { "DISABLED", menu_disable },
	{ "HIDDEN", menu_hidden },   { "BEGIN", menu_begin },	  { "END", menu_end },
	{ "INCLUDE", take_include }, { "START", menu_start },	  { NULL, NULL },
};

/* U-Boot has no submenus and hides nothing (parse_menu(), parse_label_menu()). */
static const struct directive u_boot_menu_directives[] = {
	{ "LABEL", menu_label },     { "TITLE", menu_title }, { "DEFAULT", menu_default },
	{ "INCLUDE", take_include }, { NULL, NULL },
};

static take_fn find(const struct directive *directives, const char *name)
{
	for (; directives->name; directives++)
		if (!strcasecmp(directives->name, name))
			return directives->take;
	return NULL;
}

static int take_menu(struct at *at, char *value)
{
	const char *name = lines_word(&value);
	take_fn take = NULL;

	if (name)
		take = find(is_u_boot(at) ? u_boot_menu_directives : menu_directives, name);
	if (is_u_boot(at) && !at->s->label.name)
		at->s->has_menu = true;
	return take ? take(at, value) : 0;
}

static const struct directive directives[] = {
	{ "LABEL", take_label },
	{ "DEFAULT", take_default },
	{ "ONTIMEOUT", take_ontimeout },
	{ "TIMEOUT", take_timeout },
	{ "TOTALTIMEOUT", take_total_timeout },
	{ "UI", take_ui },
	{ "PROMPT", take_prompt },
	{ "IMPLICIT", take_implicit },
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
	{ "FDTDIR", take_tree_folder },
	{ "DEVICETREEDIR", take_tree_folder },
	{ "FDTOVERLAYS", take_overlays },
	{ "DEVICETREE-OVERLAY", take_overlays },
	{ "LOCALBOOT", take_localboot },
	{ NULL, NULL },
};

static const struct directive program_directives[] = {
	{ "CONFIG", take_config },   { "COM32", take_com32 }, { "COMBOOT", take_program },
	{ "BOOT", take_program },    { "BSS", take_program }, { "PXE", take_program },
	{ "FDIMAGE", take_program }, { NULL, NULL },
};

static int take_line(struct at *at, const char *key, char *value)
{
	take_fn take = find(directives, key);

	if (at->in_help) {
		at->in_help = strcasecmp(key, "ENDTEXT") != 0;
		return 0;
	}
	if (!take && at->s->label.name)
		take = find(label_directives, key);
	if (!take && at->s->label.name && !is_u_boot(at))
		take = find(program_directives, key);
	return take ? take(at, value) : 0;
}

int syslinux_read_file(struct syslinux *s, const char *path, unsigned int depth)
{
	struct at at = { .s = s, .path = path, .depth = depth };
	char *text, *key, *value;
	int r;

	s->all->files++;
	r = entry_place_read(s->all->list, s->all->source, path, FILE_BYTES_MAX, &text);
	if (r || !text)
		return r;
	at.lines = lines_of(text);
	while (!r && lines_next(&at.lines, &key, &value))
		r = take_line(&at, key, value);
	free(text);
	return r;
}
