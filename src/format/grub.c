// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB 2: which file is its configuration, and what GRUB's own program would have set before it runs
 * it (GRUB manual, "Special environment variables"; normal/main.c for feature_...).
 */
#include "format/grub.h"
#include "format/formats.h"
#include "place/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VENDORS_MAX 64

/*
 * What is set before.
 */

static const char *const features[] = {
	"feature_200_final",
	"feature_all_video_module",
	"feature_chainloader_bpb",
	"feature_default_font_path",
	"feature_menuentry_id",
	"feature_menuentry_options",
	"feature_nativedisk_cmd",
	"feature_ntldr",
	"feature_platform_search_hint",
	"feature_timeout_style",
};

/* GRUB's name for what `uname -m` tells; on a PC's BIOS it is a 32 bit program. */
static const char *cpu_of(const char *machine, const char *platform)
{
	static const struct {
		const char *machine, *cpu;
	} names[] = {
		{ "aarch64", "arm64" },		  { "ppc64", "powerpc" },
		{ "ppc64le", "powerpc" },	  { "riscv64", "riscv64" },
		{ "loongarch64", "loongarch64" }, { "armv7l", "arm" },
	};

	for (size_t i = 0; machine && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i].machine, machine))
			return names[i].cpu;
	return machine && !strcmp(machine, "x86_64") && !strcmp(platform, "efi") ? "x86_64"
										 : "i386";
}

static int preset_paths(struct grub *g, const struct fsroot *script_root, const char *folder)
{
	const char *root = grub_volume_name(g, script_root);
	const char *prefix = root ? arena_printf(grub_arena(g), "(%s)%s", root, folder) : NULL;

	if (!prefix)
		return -ENOMEM;
	return grub_preset(g, "root", root) ?: grub_preset(g, "prefix", prefix);
}

static int preset(struct grub *g, const char *folder)
{
	const struct grub_host *host = grub_host(g);
	const char *platform = host->firmware ?: "pc";
	int r = preset_paths(g, host->root, folder);

	r = r ?: grub_preset(g, "grub_platform", platform);
	r = r ?: grub_preset(g, "grub_cpu", cpu_of(host->machine, platform));
	/* As the module btrfs of SUSE's GRUB does: what an entry sets, the file it leads to sees. */
	r = r ?: grub_preset(g, "btrfs_relative_path", "") ?: grub_preset(g, "btrfs_subvol", "");
	for (size_t i = 0; !r && i < sizeof(features) / sizeof(features[0]); i++)
		r = grub_preset(g, features[i], "y");
	return r;
}

/*
 * What it says when it was run.
 */

static int timeout_of(const char *text)
{
	char *end;
	long seconds = text ? strtol(text, &end, 0) : -1;

	if (!text || end == text || seconds < 0 || seconds > ENTRY_TIMEOUT_MAX)
		return ENTRY_TIMEOUT_FOREVER;
	return (int)seconds;
}

static bool can_boot(const struct entry *entry)
{
	return entry && !entry->greyed && fsroot_is_file(entry->kernel.root, entry->kernel.path);
}

/* $fallback: a list of what is tried where the default cannot be booted. */
static struct entry *find_fallback(const struct grub *g, const struct grub_menu *menu)
{
	const char *names = grub_env_get(menu->env, "fallback") ?: "";
	struct entry *entry = NULL;

	while (*names && !can_boot(entry)) {
		size_t length = strcspn(names, " ");
		const char *name = arena_strndup(grub_arena(g), names, length);

		entry = name && length ? grub_entries_find(menu, name) : entry;
		names += length + (names[length] == ' ');
	}
	return can_boot(entry) ? entry : NULL;
}

/* For a person: what of the script at @path chose; NULL: no memory. */
static const char *describe_choice(struct entry_list *list, const struct grub_menu *menu,
				   bool is_fallback, const char *path)
{
	const char *name = grub_env_get(menu->env, is_fallback ? "fallback" : "default");

	if (menu->at_once)
		return arena_printf(list->arena, "%s boots it without a menu", path);
	if (!name)
		return arena_printf(list->arena, "no default is set: the first of %s", path);
	return arena_printf(list->arena, "%s=%s of %s", is_fallback ? "fallback" : "default", name,
			    path);
}

static void take_timeout(const struct grub_menu *menu, struct entry_settings *settings)
{
	const char *style = grub_env_get(menu->env, "timeout_style") ?: "menu";

	settings->timeout = menu->at_once ? 0 : timeout_of(grub_env_get(menu->env, "timeout"));
	settings->is_menu_hidden = settings->timeout == 0 ||
				   (settings->timeout > 0 &&
				    (!strcmp(style, "hidden") || !strcmp(style, "countdown")));
}

/*
 * Where the script says nothing of a default GRUB takes the first; is that one missing, the first that
 * can be booted does, and none is the default.
 */
static int take_settings(const struct grub *g, struct entry_list *list, const char *path)
{
	struct entry_settings *settings = &list->settings[ENTRY_GRUB];
	const struct grub_menu *menu = grub_menu(g);
	const char *name = grub_env_get(menu->env, "default") ?: "";
	struct entry *entry = grub_entries_default(menu, name);
	struct entry *fallback = can_boot(entry) ? NULL : find_fallback(g, menu);

	/* Of several configurations the first that has a menu. */
	if (!menu->first || settings->default_rule)
		return 0;
	if (entry && !can_boot(entry) && !*name && !entry->leads_away)
		entry = NULL;
	entry = fallback ?: entry;
	settings->default_id = entry ? entry->id : NULL;
	settings->default_rule = describe_choice(list, menu, fallback != NULL, path);
	take_timeout(menu, settings);
	return settings->default_rule ? 0 : -ENOMEM;
}

/* Before it shows a menu, GRUB does something else. */
static int take_leave(const struct grub *g, struct entry_list *list, const char *path)
{
	struct entry_settings *settings = &list->settings[ENTRY_GRUB];
	const char *left = grub_menu(g)->left;

	if (!left || settings->default_rule)
		return 0;
	settings->default_away = arena_strdup(list->arena, left);
	settings->default_rule = path;
	return settings->default_away ? 0 : -ENOMEM;
}

static int run(struct grub *g, struct grub_reader *reader, const char *folder, const char *path)
{
	int r = preset(g, folder) ?: grub_run_script(g, reader->source->root, path);

	r = r ?: grub_entries_add(reader, grub_menu(g));
	r = r ?: take_leave(g, reader->list, path);
	return r ?: take_settings(g, reader->list, path);
}

static int read_config(const struct entry_source *source, struct entry_list *list,
		       const char *place, const char *folder)
{
	struct grub_reader reader = { .source = source, .list = list, .place = place };
	struct grub_host host = grub_reader_host(&reader);
	char *origin = fsroot_origin(source->root);
	const char *path = arena_printf(list->arena, "%s/grub.cfg", folder);
	struct grub *g = grub_new(&host);
	int r;

	list->settings[ENTRY_GRUB].is_configured = true;
	host.subvolume = origin && strcmp(origin, "/") != 0 ? origin : NULL;
	r = path && g ? run(g, &reader, folder, path) : -ENOMEM;
	grub_free(g);
	free(origin);
	return r;
}

/*
 * Where it is.
 */

/* 1: there was one. */
static int read_folder(const struct entry_source *source, struct entry_list *list,
		       const char *place, const char *folder)
{
	const char *path = arena_printf(list->arena, "%s/grub.cfg", folder);

	if (!path)
		return -ENOMEM;
	if (!fsroot_is_file(source->root, path))
		return 0;
	return read_config(source, list, place, folder) ?: 1;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The folders of @folder, with its path, that are called @name in any case; NULL: all. */
static int list_folders(struct entry_list *list, const struct fsroot *root, const char *folder,
			const char *name, const char **names, size_t *count)
{
	DIR *dir = fsroot_opendir(root, folder);
	const struct dirent *item;
	int r = 0;

	while (dir && !r && *count < VENDORS_MAX && (item = readdir(dir))) {
		if (item->d_name[0] == '.' || (name && strcasecmp(item->d_name, name) != 0))
			continue;
		names[*count] = arena_printf(list->arena, "%s/%s", folder, item->d_name);
		r = names[*count] ? 0 : -ENOMEM;
		(*count)++;
	}
	if (dir)
		closedir(dir);
	return r;
}

/* The folders below @place/EFI, sorted; on FAT, and its copies, that may be "efi". */
static int list_vendors(struct entry_list *list, const struct fsroot *root, const char *place,
			const char **names, size_t *count)
{
	const char *tops[VENDORS_MAX];
	size_t top_count = 0;
	int r = list_folders(list, root, place, "EFI", tops, &top_count);

	for (size_t i = 0; !r && i < top_count; i++)
		r = list_folders(list, root, tops[i], NULL, names, count);
	if (!r && *count)
		qsort(names, *count, sizeof(*names), compare_names);
	return r;
}

/* An EFI system partition has one for each system, which often only leads to another file system. */
static int read_vendors(const struct entry_source *source, struct entry_list *list,
			const char *place)
{
	const char *names[VENDORS_MAX];
	size_t count = 0;
	int r = list_vendors(list, source->root, place, names, &count);

	for (size_t i = 0; r >= 0 && i < count; i++)
		r = read_folder(source, list, place, names[i]);
	return r < 0 ? r : 0;
}

static int read_place(const struct entry_source *source, struct entry_list *list, const char *place)
{
	static const char *const names[] = { "grub", "grub2" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *folder = arena_printf(list->arena, "%s/%s", place, names[i]);
		int r = folder ? read_folder(source, list, place, folder) : -ENOMEM;

		if (r)
			return r;
	}
	return 0;
}

int grub_read(const struct entry_source *source, struct entry_list *list)
{
	int r = 0;

	for (size_t i = 0; !r && entry_places[i]; i++)
		r = read_place(source, list, entry_places[i]);
	for (size_t i = 0; !r && entry_places[i]; i++)
		r = read_vendors(source, list, entry_places[i]);
	return r < 0 ? r : 0;
}
