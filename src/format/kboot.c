// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kboot.conf, of the first boot loader that was a Linux (on the PlayStation 3), as petitboot reads it
 * (discover/kboot-parser.c): NAME='KERNEL initrd=FILE OPTIONS' is an entry.
 *
 * One whose first line is "#KBOOTCONFIG" is XeLL's, on the Xbox 360, which has comments behind ";",
 * settings of its own, a timeout in seconds, and boots the first entry where no default is said.
 */
#include "format/formats.h"
#include "place/pairs.h"
#include "place/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (256 * 1024)
#define ENTRIES_MAX    500

/* What an entry has, and what all have that say nothing else. */
struct files {
	const char *initrd, *root, *dtb;
};

enum program { KBOOT, XELL };

struct kboot {
	enum program program;
	const struct entry_source *source;
	struct entry_list *list;
	const char *place, *path;
	struct lines lines;
	struct files all;
	size_t count;
};

static const char **find_field(struct files *files, const char *key)
{
	if (!strcmp(key, "initrd"))
		return &files->initrd;
	if (!strcmp(key, "root"))
		return &files->root;
	return strcmp(key, "dtb") ? NULL : &files->dtb;
}

static int set_file(struct kboot *k, struct entry *entry, const char *name, struct entry_file *file)
{
	if (!name)
		return 0;
	return entry_place_device_path(k->list, k->source, k->place, entry, name, file);
}

/* "root=" comes first, whatever its place was. */
static int take_files(struct kboot *k, struct entry *entry, const struct files *files,
		      const char *options)
{
	struct entry_file initrd = { .root = NULL };
	int r = 0;

	if (files->root) {
		const char *root = arena_printf(k->list->arena, "root=%s", files->root);

		r = root ? entry_add_options(k->list, entry, root) : -ENOMEM;
	}
	r = r ?: entry_add_options(k->list, entry, options);
	r = r ?: set_file(k, entry, files->dtb, &entry->devicetree);
	r = r ?: set_file(k, entry, files->initrd, &initrd);
	if (!r && initrd.root)
		r = entry_add_initrd(k->list, entry, initrd.root, initrd.path);
	return r;
}

/* Takes a word for a file, or puts it behind the others. */
static int take_word(struct kboot *k, struct files *files, char *word, const char **options)
{
	char *equals = strchr(word, '=');
	const char **field = NULL;

	if (equals) {
		*equals = '\0';
		field = find_field(files, word);
		*equals = '=';
	}
	if (field) {
		*field = pairs_strip(equals + 1);
		return 0;
	}
	*options = arena_printf(k->list->arena, "%s%s%s", *options, **options ? " " : "",
				pairs_strip(word));
	return *options ? 0 : -ENOMEM;
}

static int take_words(struct kboot *k, struct entry *entry, char *words)
{
	struct files files = k->all;
	const char *options = "";
	char *word = lines_word(&words);
	int r = word ? set_file(k, entry, word, &entry->kernel) : 0;

	while (!r && word && (word = lines_word(&words)))
		r = take_word(k, &files, word, &options);
	return r ?: take_files(k, entry, &files, options);
}

static int add_entry(struct kboot *k, const char *key, const char *value)
{
	char *words = arena_strdup(k->list->arena, value);
	struct entry *entry;

	if (k->count == ENTRIES_MAX)
		return 0;
	k->count++;
	entry = entry_list_add(k->list, k->source, ENTRY_KBOOT, k->path, k->lines.number);
	if (!entry || !words)
		return -ENOMEM;
	entry->id = arena_strdup(k->list->arena, key);
	/* XeLL's, where it is asked for nothing else. */
	if (k->program == XELL && k->count == 1)
		k->list->settings[ENTRY_KBOOT].default_id =
			k->list->settings[ENTRY_KBOOT].default_id ?: entry->id;
	return entry->id ? take_words(k, entry, words) : -ENOMEM;
}

static bool is_passed_over(enum program program, const char *key)
{
	static const char *const keys[] = { "", "delay", "message", "timeout", "video", NULL };
	static const char *const of_xell[] = { "ip",	    "netmask", "gateway", "tftp_server",
					       "videomode", "speedup", NULL };
	bool is_one = program == XELL && *key == ';';

	for (size_t i = 0; !is_one && keys[i]; i++)
		is_one = !strcmp(key, keys[i]);
	for (size_t i = 0; !is_one && program == XELL && of_xell[i]; i++)
		is_one = !strcmp(key, of_xell[i]);
	return is_one;
}

static void take_timeout(struct kboot *k, const char *value)
{
	unsigned long seconds = strtoul(value, NULL, 10);

	if (*value >= '0' && *value <= '9' && seconds <= ENTRY_TIMEOUT_MAX)
		k->list->settings[ENTRY_KBOOT].timeout = (int)seconds;
}

static int take_pair(struct kboot *k, const char *key, const char *value)
{
	struct entry_settings *settings = &k->list->settings[ENTRY_KBOOT];
	const char **field = find_field(&k->all, key);

	if (k->program == XELL && !strcmp(key, "timeout"))
		take_timeout(k, value);
	if (!*value || is_passed_over(k->program, key))
		return 0;
	if (field) {
		*field = arena_strdup(k->list->arena, value);
		return *field ? 0 : -ENOMEM;
	}
	if (strcmp(key, "default") != 0)
		return add_entry(k, key, value);
	settings->default_id = arena_strdup(k->list->arena, value);
	settings->default_rule = arena_printf(k->list->arena, "default of %s", k->path);
	return settings->default_id && settings->default_rule ? 0 : -ENOMEM;
}

int kboot_read(const struct entry_source *source, struct entry_list *list)
{
	static const char *const paths[] = { "/kboot.conf", "/kboot.cnf", "/etc/kboot.conf",
					     "/etc/kboot.cnf", NULL };
	struct kboot k = { .source = source, .list = list };
	char *text, *key, *value;
	int r = entry_place_first(list, source, paths, &k.place, &k.path);

	if (r || !k.path)
		return r;
	list->settings[ENTRY_KBOOT].is_configured = true;
	r = entry_place_read(list, source, k.path, FILE_BYTES_MAX, &text);
	if (r || !text)
		return r;
	k.program = strncmp(text, "#KBOOTCONFIG", 12) ? KBOOT : XELL;
	k.lines = lines_of(text);
	while (!r && pairs_next(&k.lines, &key, &value))
		r = take_pair(&k, key, value);
	free(text);
	return r;
}
