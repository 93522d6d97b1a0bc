// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * syslinux, extlinux, isolinux, and U-Boot, which reads the same files: where they are, whose they
 * are, and which leads to which; see internal.h.
 */
#include "syslinux/syslinux.h"
#include "place/lines.h"
#include "place/place.h"
#include "syslinux/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Configurations.
 */

static void start(struct syslinux *s, struct syslinux_all *all, const char *path,
		  const char *folder)
{
	*s = (struct syslinux){
		.all = all,
		.path = path,
		.folder = folder,
		.timeout = ENTRY_TIMEOUT_UNSET,
		.total_timeout = ENTRY_TIMEOUT_UNSET,
		.menu_count = 1,
		.menus[0] = { .parent = SYSLINUX_NONE,
			      .first = SYSLINUX_NONE,
			      .chosen = SYSLINUX_NONE },
	};
}

/* True where it was read before: what leads there leads back. */
static bool is_known(struct syslinux_all *all, const char *path)
{
	for (size_t i = 0; i < all->config_count; i++)
		if (!strcmp(all->configs[i], path))
			return true;
	return false;
}

/* Reads @path into @s, unless it was read before or that goes too far. 1: it did. */
static int read_main(struct syslinux *s, const char *path)
{
	struct syslinux_all *all = s->all;

	if (is_known(all, path) || all->config_count == SYSLINUX_FILES_MAX ||
	    all->files >= SYSLINUX_FILES_MAX || all->depth >= SYSLINUX_DEPTH_MAX)
		return 0;
	all->configs[all->config_count++] = path;
	if (fsroot_exists(all->source->root, path) == -ENOENT)
		return entry_list_problem(all->list, all->source, s->path, 0,
					  "it leads to the configuration %s, which is not there",
					  path);
	return syslinux_read_file(s, path, 1) ?: 1;
}

/* Each word of @config where it is a menu's, else all of it. 1: at least one was read. */
static int read_mains(struct syslinux *s, const char *config, bool is_menu)
{
	char *words = arena_strdup(s->all->list->arena, config), *word;
	int r = words ? 0 : -ENOMEM, any = 0;

	if (!is_menu)
		return r ?: read_main(s, config);
	while (r >= 0 && (word = lines_word(&words))) {
		const char *path = syslinux_path(s, word);

		r = path ? read_main(s, path) : -ENOMEM;
		any |= r > 0;
	}
	return r < 0 ? r : any;
}

int syslinux_read_other(struct syslinux *s, const char *config, const char *folder, bool is_menu,
			const char *title, struct syslinux_choice *ret_choice)
{
	/* It is large: these may be in each other. */
	struct syslinux *other = calloc(1, sizeof(*other));
	int r = other ? 0 : -ENOMEM;

	if (r)
		return r;
	start(other, s->all, is_menu ? s->path : config, folder);
	other->has_menu = is_menu;
	r = syslinux_titles(s, title, &other->outer, &other->outer_count);
	s->all->depth++;
	r = r ?: read_mains(other, config, is_menu);
	if (r > 0)
		r = syslinux_end_label(other) ?: syslinux_choose(other, ret_choice) ?: 1;
	s->all->depth--;
	free(other);
	return r;
}

/*
 * Where they are.
 */

static int take_choice(struct entry_list *list, const struct syslinux_choice *choice)
{
	struct entry_settings *settings = &list->settings[ENTRY_SYSLINUX];

	settings->default_entry = choice->entry;
	settings->default_away = choice->away;
	settings->default_rule = choice->rule;
	settings->timeout = choice->timeout;
	settings->is_menu_hidden = choice->is_menu_hidden;
	return 0;
}

static int read_config(struct syslinux_all *all, const char *folder, const char *path)
{
	struct entry_settings *settings = &all->list->settings[ENTRY_SYSLINUX];
	struct syslinux_choice choice = { .timeout = ENTRY_TIMEOUT_UNSET };
	struct syslinux *s = calloc(1, sizeof(*s));
	bool is_first = !settings->is_configured;
	int r = s ? 0 : -ENOMEM;

	if (r)
		return r;
	settings->is_configured = true;
	start(s, all, path, folder);
	r = read_main(s, path);
	if (r > 0)
		r = syslinux_end_label(s) ?: syslinux_choose(s, &choice);
	if (!r && is_first)
		r = take_choice(all->list, &choice);
	free(s);
	return r;
}

static bool is_in(const struct syslinux_all *all, const char *folder, const char *name)
{
	const char *path = arena_printf(all->list->arena, "%s/%s", folder, name);

	return path && fsroot_is_file(all->source->root, path);
}

/*
 * extlinux is installed as a file beside its configuration, and needs a BIOS; U-Boot looks for
 * extlinux/extlinux.conf below / and /boot (include/config_distro_bootcmd.h).
 */
static enum syslinux_program program_of(const struct syslinux_all *all, const char *folder,
					const char *name)
{
	size_t length = strlen(folder);

	if (!strcmp(name, "syslinux.cfg"))
		return SYSLINUX_SYSLINUX;
	if (!strcmp(name, "isolinux.cfg"))
		return SYSLINUX_ISOLINUX;
	if (length < 9 || strcmp(folder + length - 9, "/extlinux") != 0 ||
	    is_in(all, folder, "ldlinux.sys") || is_in(all, folder, "extlinux.sys"))
		return SYSLINUX_EXTLINUX;
	return SYSLINUX_U_BOOT;
}

/* 1: there was one. */
static int read_folder(const struct entry_source *source, struct entry_list *list,
		       const char *place, const char *folder)
{
	static const char *const names[] = { "extlinux.conf", "syslinux.cfg", "isolinux.cfg" };
	struct syslinux_all all = { .source = source, .list = list, .place = place };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = arena_printf(list->arena, "%s/%s", folder, names[i]);

		if (!path)
			return -ENOMEM;
		if (!fsroot_is_file(source->root, path))
			continue;
		all.program = program_of(&all, folder, names[i]);
		return read_config(&all, folder, path) ?: 1;
	}
	return 0;
}

/* The first that is there, and only that: as these boot loaders look for it, and in their order. */
int syslinux_read(const struct entry_source *source, struct entry_list *list)
{
	static const char *const folders[] = { "/extlinux",    "/syslinux", "/EFI/syslinux",
					       "/EFI/BOOT",    "/isolinux", "/x86_64/loader",
					       "/i386/loader", "" };

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
