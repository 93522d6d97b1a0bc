// SPDX-License-Identifier: GPL-2.0-or-later
/* loader/loader.conf; see loader_conf.h. */
#include "format/loader_conf.h"
#include "place/lines.h"
#include "place/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONF_BYTES_MAX (64 * 1024)

/* "5", "menu-force": always shown, no countdown; "menu-hidden", "menu-disabled", "0": boot at once. */
static bool take_timeout(struct entry_settings *settings, const char *value)
{
	bool is_hidden = !strcmp(value, "menu-hidden") || !strcmp(value, "menu-disabled");
	unsigned long seconds;
	char *end;

	settings->is_menu_hidden = is_hidden;
	if (is_hidden) {
		settings->timeout = 0;
		return true;
	}
	if (!strcmp(value, "menu-force")) {
		settings->timeout = ENTRY_TIMEOUT_FOREVER;
		return true;
	}
	errno = 0;
	seconds = strtoul(value, &end, 10);
	if (errno || end == value || *end || *value == '-' || seconds > ENTRY_TIMEOUT_MAX)
		return false;
	settings->timeout = (int)seconds;
	settings->is_menu_hidden = seconds == 0;
	return true;
}

/* "@saved" is what was booted last; every other "@..." is a word of systemd-boot's for its own menu. */
static int take_default(struct entry_list *list, struct entry_settings *settings, const char *path,
			const char *value)
{
	bool is_last = !strcmp(value, "@saved");

	settings->default_glob = is_last ? list->last_id : arena_strdup(list->arena, value);
	settings->default_rule = arena_printf(list->arena, "default %s of %s", value, path);
	return (is_last || settings->default_glob) && settings->default_rule ? 0 : -ENOMEM;
}

static int take_line(struct entry_list *list, const struct entry_source *source, const char *path,
		     unsigned int line, const char *key, const char *value)
{
	struct entry_settings *settings = &list->settings[ENTRY_BLS];

	if (!strcmp(key, "default") && *value)
		return take_default(list, settings, path, value);
	if (!strcmp(key, "timeout") && !take_timeout(settings, value))
		return entry_list_problem(
			list, source, path, line,
			"timeout %s: neither seconds nor menu-force or menu-hidden", value);
	return 0;
}

/*
 * systemd-boot reads the one of the partition that it lies on, the EFI system partition, and that rules
 * the entries of the extended boot partition (XBOOTLDR), too.
 */
static bool is_ruled(const struct entry_settings *settings, bool is_of_esp)
{
	return settings->is_configured && (settings->is_of_esp || !is_of_esp);
}

/* There lies a boot loader. An extended boot partition may have unified images in EFI/Linux. */
static int find_programs(struct entry_list *list, const struct entry_source *source,
			 const char *place, bool *ret_found)
{
	static const char *const folders[] = { "systemd", "BOOT", "Boot", "boot" };

	*ret_found = false;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *path = arena_printf(list->arena, "%s/EFI/%s", place, folders[i]);

		if (!path)
			return -ENOMEM;
		*ret_found |= fsroot_is_folder(source->root, path);
	}
	return 0;
}

int loader_conf_read(struct entry_list *list, const struct entry_source *source, const char *place)
{
	const char *path = arena_printf(list->arena, "%s/loader/loader.conf", place);
	struct entry_settings *settings = &list->settings[ENTRY_BLS];
	char *text, *key, *value;
	struct lines lines;
	bool is_of_esp;
	int r;

	if (!path || find_programs(list, source, place, &is_of_esp))
		return -ENOMEM;
	if (is_ruled(settings, is_of_esp) || !fsroot_is_file(source->root, path))
		return 0;
	*settings = (struct entry_settings){
		.is_configured = true,
		.is_of_esp = is_of_esp,
		.timeout = ENTRY_TIMEOUT_UNSET,
	};
	r = entry_place_read(list, source, path, CONF_BYTES_MAX, &text);
	if (r || !text)
		return r;
	lines = lines_of(text);
	while (!r && lines_next(&lines, &key, &value))
		r = take_line(list, source, path, lines.number, key, lines_unquote(value));
	free(text);
	return r;
}
