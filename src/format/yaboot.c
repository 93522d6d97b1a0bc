// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * yaboot.conf, of PowerPC machines (yaboot.conf(5)), and lilo.conf and silo.conf, which look the same:
 * "image=FILE" begins an entry, and what stands before the first is for all that say nothing else.
 */
#include "format/formats.h"
#include "place/pairs.h"
#include "place/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_BYTES_MAX (256 * 1024)
#define ENTRIES_MAX    500

enum key {
	KEY_LABEL,
	KEY_INITRD,
	KEY_ROOT,
	KEY_APPEND,
	KEY_LITERAL,
	KEY_RAMDISK,
	KEY_INITRD_SIZE,
	KEY_DEVICE,
	KEY_PARTITION,
	KEY_READ_ONLY,
	KEY_READ_WRITE,
	KEYS,
};

static const char *const key_names[KEYS] = {
	[KEY_LABEL] = "label",
	[KEY_INITRD] = "initrd",
	[KEY_ROOT] = "root",
	[KEY_APPEND] = "append",
	[KEY_LITERAL] = "literal",
	[KEY_RAMDISK] = "ramdisk",
	[KEY_INITRD_SIZE] = "initrd-size",
	[KEY_DEVICE] = "device",
	[KEY_PARTITION] = "partition",
	[KEY_READ_ONLY] = "read-only",
	[KEY_READ_WRITE] = "read-write",
};

struct yaboot {
	const struct entry_source *source;
	struct entry_list *list;
	const char *place, *path;
	struct lines lines;
	const char *all[KEYS], *own[KEYS];
	const char *image, *other; /* of the entry that is being read; both NULL: none */
	unsigned int line;
	const char *default_label;
	size_t count;
};

static const char *get(const struct yaboot *y, enum key key)
{
	return y->own[key] ?: key == KEY_LABEL ? y->own[key] : y->all[key];
}

/* "hd:" or "/pci@f4000000/ata-6@d/disk@0:", as Open Firmware calls a disk, and not Linux. */
static bool is_of_firmware(const char *device)
{
	return strchr(device, ':') || strchr(device, '@') ||
	       (*device == '/' && strncmp(device, "/dev/", 5) != 0);
}

/*
 * What Open Firmware's names mean is not known here. yaboot.conf lies on the root file system, where the
 * kernels should be, too (yaboot.conf(5), "partition"): if @path is there, it is that.
 */
static int set_firmware_file(struct yaboot *y, struct entry *entry, const char *device,
			     const char *path, struct entry_file *file)
{
	struct entry_file found = { .root = y->source->root };

	found.path = entry_place_path(y->list, found.root, y->place, path);
	if (!found.path)
		return -ENOMEM;
	if (!fsroot_is_file(found.root, found.path))
		return entry_grey(y->list, entry,
				  "%s of %s, which is a name of Open Firmware's and not known "
				  "here, is not on this file system",
				  path, device);
	*file = found;
	return 0;
}

/* "/dev/sda1" with partition 2 is "/dev/sda2", as for petitboot (create_yaboot_devpath_resource()). */
static const char *add_device(const struct yaboot *y, const char *device, const char *path)
{
	const char *partition = get(y, KEY_PARTITION);
	size_t length = strlen(device);

	while (partition && length && device[length - 1] >= '0' && device[length - 1] <= '9')
		length--;
	return arena_printf(y->list->arena, "%.*s%s:%s", (int)length, device, partition ?: "",
			    path);
}

static int set_file(struct yaboot *y, struct entry *entry, const char *name,
		    struct entry_file *file)
{
	const char *device = get(y, KEY_DEVICE), *colon = strchr(name, ':');
	const char *comma = colon ? strchr(colon, ',') : NULL;

	/* "hd:3,/vmlinux" has all of it. */
	if (comma)
		return set_firmware_file(
			y, entry, arena_strndup(y->list->arena, name, (size_t)(comma - name)) ?: "",
			comma + 1, file);
	if (!colon && device && is_of_firmware(device))
		return set_firmware_file(y, entry, device, name, file);
	if (!colon && device && *device)
		name = add_device(y, device, name);
	if (!name)
		return -ENOMEM;
	return entry_place_device_path(y->list, y->source, y->place, entry, name, file);
}

static int add_option(struct yaboot *y, struct entry *entry, const char *name, const char *value)
{
	const char *option = value ? arena_printf(y->list->arena, "%s%s", name, value) : "";

	return option ? entry_add_options(y->list, entry, option) : -ENOMEM;
}

/* As yaboot puts the command line together (make_params()); "literal" is all of it. */
static int add_options(struct yaboot *y, struct entry *entry)
{
	bool is_writable = get(y, KEY_READ_WRITE);

	if (get(y, KEY_LITERAL))
		return add_option(y, entry, "", get(y, KEY_LITERAL));
	return add_option(y, entry, "root=", get(y, KEY_ROOT))
		       ?: add_option(y, entry, is_writable ? "rw" : "ro",
				     is_writable || get(y, KEY_READ_ONLY) ? "" : NULL)
		       ?: add_option(y, entry, "ramdisk=", get(y, KEY_RAMDISK))
		       ?: add_option(y, entry, "ramdisk_size=", get(y, KEY_INITRD_SIZE))
		       ?: add_option(y, entry, "", get(y, KEY_APPEND));
}

static int add_files(struct yaboot *y, struct entry *entry)
{
	struct entry_file initrd = { .root = NULL };
	int r;

	if (y->other)
		return entry_lead_away(y->list, entry,
				       "it starts another boot loader, on %s, which only firmware "
				       "can",
				       y->other);
	r = set_file(y, entry, y->image, &entry->kernel);
	if (!r && get(y, KEY_INITRD))
		r = set_file(y, entry, get(y, KEY_INITRD), &initrd);
	if (!r && initrd.root)
		r = entry_add_initrd(y->list, entry, initrd.root, initrd.path);
	return r;
}

/* Without a label it is called as its file. */
static const char *label_of(const struct yaboot *y)
{
	const char *path = y->image ?: y->other, *slash = strrchr(path, '/');

	return get(y, KEY_LABEL) ?: slash ? slash + 1 : path;
}

static int end_entry(struct yaboot *y)
{
	struct entry_settings *settings = &y->list->settings[ENTRY_YABOOT];
	struct entry *entry;
	int r = 0;

	if ((!y->image && !y->other) || y->count == ENTRIES_MAX)
		return 0;
	y->count++;
	entry = entry_list_add(y->list, y->source, ENTRY_YABOOT, y->path, y->line);
	if (!entry)
		return -ENOMEM;
	entry->id = get(y, KEY_LABEL) ?: label_of(y);
	r = add_options(y, entry) ?: add_files(y, entry);
	/* Without "default" the first is. */
	if (!settings->default_entry &&
	    (!y->default_label || !strcasecmp(y->default_label, entry->id)))
		settings->default_entry = entry;
	y->image = y->other = NULL;
	memset(y->own, 0, sizeof(y->own));
	return r;
}

static int begin(struct yaboot *y, const char **field, const char *value)
{
	int r = end_entry(y);

	y->line = y->lines.number;
	*field = arena_strdup(y->list->arena, value);
	return r ?: *field ? 0 : -ENOMEM;
}

/* "image[64bit] = install", on SUSE's media: a name stands for a pair of files. */
static int begin_suse(struct yaboot *y, const char *bits, const char *value)
{
	struct arena *arena = y->list->arena;
	int r = begin(y, &y->image, value);

	if (r || *value == '/')
		return r;
	y->own[KEY_LABEL] = y->image;
	y->image = arena_printf(arena, "/suseboot/vmlinux%s", bits);
	y->own[KEY_INITRD] = arena_printf(arena, "/suseboot/initrd%s", bits);
	return y->image && y->own[KEY_INITRD] ? 0 : -ENOMEM;
}

/* Tenths of a second. */
static int take_timeout(struct yaboot *y, const char *value)
{
	unsigned long tenths = strtoul(value, NULL, 10);

	if (*value >= '0' && *value <= '9' && tenths / 10 <= ENTRY_TIMEOUT_MAX)
		y->list->settings[ENTRY_YABOOT].timeout = (int)((tenths + 9) / 10);
	return 0;
}

static int take_default(struct yaboot *y, const char *value)
{
	if (!*value)
		return 0;
	y->default_label = arena_strdup(y->list->arena, value);
	return y->default_label ? 0 : -ENOMEM;
}

static int take_key(struct yaboot *y, const char *key, const char *value)
{
	const char **values = y->image || y->other ? y->own : y->all;

	for (size_t i = 0; i < KEYS; i++) {
		if (strcasecmp(key, key_names[i]) != 0)
			continue;
		values[i] = arena_strdup(y->list->arena, value);
		return values[i] ? 0 : -ENOMEM;
	}
	return 0;
}

static int take_pair(struct yaboot *y, const char *key, const char *value)
{
	/* A flag stands alone: "read-only". */
	if (!*key)
		return take_key(y, value, "");
	if (!strcasecmp(key, "image"))
		return begin(y, &y->image, value);
	if (!strcasecmp(key, "other"))
		return begin(y, &y->other, value);
	if (!strcasecmp(key, "image[32bit]"))
		return begin_suse(y, "32", value);
	if (!strcasecmp(key, "image[64bit]"))
		return begin_suse(y, "64", value);
	if (!strcasecmp(key, "timeout"))
		return take_timeout(y, value);
	if (!strcasecmp(key, "default"))
		return take_default(y, value);
	return take_key(y, key, value);
}

int yaboot_read(const struct entry_source *source, struct entry_list *list)
{
	static const char *const paths[] = { "/yaboot.conf",	     "/yaboot.cnf",
					     "/etc/yaboot.conf",     "/etc/yaboot.cnf",
					     "/suseboot/yaboot.cnf", "/etc/lilo.conf",
					     "/etc/silo.conf",	     NULL };
	struct entry_settings *settings = &list->settings[ENTRY_YABOOT];
	struct yaboot y = { .source = source, .list = list };
	char *text, *key, *value;
	int r = entry_place_first(list, source, paths, &y.place, &y.path);

	if (r || !y.path)
		return r;
	settings->is_configured = true;
	settings->default_rule = arena_printf(list->arena, "default of %s", y.path);
	if (!settings->default_rule)
		return -ENOMEM;
	r = entry_place_read(list, source, y.path, FILE_BYTES_MAX, &text);
	if (r || !text)
		return r;
	y.lines = lines_of(text);
	while (!r && pairs_next(&y.lines, &key, &value))
		r = take_pair(&y, key, value);
	r = r ?: end_entry(&y);
	free(text);
	return r;
}
