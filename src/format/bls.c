// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Type 1 entries: loader/entries/NAME.conf, a kernel each (Boot Loader Specification, "Type #1
 * Boot Loader Specification Entries").
 */
#include "entry/counter.h"
#include "entry/linux_image.h"
#include "format/formats.h"
#include "format/loader_conf.h"
#include "format/uki.h"
#include "place/lines.h"
#include "place/place.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ENTRY_BYTES_MAX (64 * 1024)

/* One file while it is read. */
struct bls {
	const struct entry_source *source;
	struct entry_list *list;
	const char *place;
	struct entry *entry;
	const char *uki;
	unsigned int profile; /* of that unified kernel image */
};

static int take_text(struct bls *bls, const char **field, const char *value)
{
	*field = arena_strdup(bls->list->arena, value);
	return *field ? 0 : -ENOMEM;
}

/* systemd-boot takes either slash for a separator (xstr8_to_path()). NULL: memory is short. */
static const char *path_of(struct bls *bls, const char *value)
{
	char *copy = arena_strdup(bls->list->arena, value);

	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if (*c == '\\')
			*c = '/';
	return entry_place_path(bls->list, bls->source->root, bls->place, copy);
}

static int take_file(struct bls *bls, struct entry_file *file, const char *value)
{
	const char *path = path_of(bls, value);

	*file = (struct entry_file){ .root = bls->source->root, .path = path };
	return path ? 0 : -ENOMEM;
}

static int take_title(struct bls *bls, char *value)
{
	return take_text(bls, &bls->entry->title, value);
}

static int take_version(struct bls *bls, char *value)
{
	return take_text(bls, &bls->entry->version, value);
}

static int take_machine_id(struct bls *bls, char *value)
{
	return take_text(bls, &bls->entry->machine_id, value);
}

static int take_sort_key(struct bls *bls, char *value)
{
	return take_text(bls, &bls->entry->sort_key, value);
}

static int take_linux(struct bls *bls, char *value)
{
	return take_file(bls, &bls->entry->kernel, value);
}

static int add_initrd(struct bls *bls, const char *name)
{
	const char *path = path_of(bls, name);

	return path ? entry_add_initrd(bls->list, bls->entry, bls->source->root, path) : -ENOMEM;
}

/* The specification has one a line; several are what Fedora's scripts write. A name with blanks, as
 * quotes around it allow, is there as a whole. */
static int take_initrd(struct bls *bls, char *value)
{
	const char *whole = path_of(bls, value);
	char *word;
	int r = whole ? 0 : -ENOMEM;

	if (!r && fsroot_is_file(bls->source->root, whole))
		return add_initrd(bls, value);
	while (!r && (word = lines_word(&value)))
		r = add_initrd(bls, word);
	return r;
}

static bool has_initrd(const struct bls *bls, const char *path)
{
	for (size_t i = 0; i < bls->entry->initrd_count; i++)
		if (!strcmp(bls->entry->initrds[i].path, path))
			return true;
	return false;
}

/*
 * "initrd=\FILE" of the command line is for the kernel's EFI stub, which is not there after kexec
 * (Linux: drivers/firmware/efi/libstub): the file becomes an initrd, behind those of the lines
 * "initrd", and the word goes.
 */
static int take_initrd_word(struct bls *bls, const char *name)
{
	const char *path = path_of(bls, name);

	if (!path)
		return -ENOMEM;
	return *name && !has_initrd(bls, path) ? add_initrd(bls, name) : 0;
}

static int take_initrd_words(struct bls *bls)
{
	struct entry *entry = bls->entry;
	char *at = entry->options ? arena_strdup(bls->list->arena, entry->options) : NULL, *word;
	int r = at || !entry->options ? 0 : -ENOMEM;

	if (!at || !strstr(at, "initrd="))
		return r;
	entry->options = NULL;
	entry->options_length = entry->options_capacity = 0;
	while (!r && (word = lines_word(&at))) {
		if (!strncmp(word, "initrd=", 7))
			r = take_initrd_word(bls, word + 7);
		else
			r = entry_add_options(bls->list, entry, word);
	}
	return r;
}

static int take_options(struct bls *bls, char *value)
{
	return entry_add_options(bls->list, bls->entry, value);
}

static int take_devicetree(struct bls *bls, char *value)
{
	return take_file(bls, &bls->entry->devicetree, value);
}

static int take_overlay(struct bls *bls, char *value)
{
	return entry_grey(bls->list, bls->entry,
			  "it needs a device tree overlay (%s), and kexit applies none", value);
}

/* EFI's words for architectures (UEFI 2.10, 3.5.1.1, the names of removable media's boot files). */
static int take_architecture(struct bls *bls, char *value)
{
	static const struct {
		const char *efi, *machine;
	} names[] = {
		{ "x64", "x86_64" },
		{ "ia32", "i686" },
		{ "aa64", "aarch64" },
		{ "arm", "armv7l" },
		{ "riscv64", "riscv64" },
		{ "riscv32", "riscv32" },
		{ "loongarch64", "loongarch64" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(value, names[i].efi))
			return take_text(bls, &bls->entry->architecture, names[i].machine);
	return take_text(bls, &bls->entry->architecture, value);
}

static int take_efi(struct bls *bls, char *value)
{
	const char *path = path_of(bls, value);

	if (!path)
		return -ENOMEM;
	/* How an image was named before there was a key for it. */
	if (uki_is_one(bls->source->root, path)) {
		bls->uki = path;
		return 0;
	}
	/* A kernel is an EFI program, too. */
	if (linux_image_is_one(bls->source->root, path))
		return take_file(bls, &bls->entry->kernel, value);
	return entry_lead_away(bls->list, bls->entry,
			       "it starts the EFI program %s, which only firmware can", value);
}

static int take_uki(struct bls *bls, char *value)
{
	bls->uki = path_of(bls, value);
	return bls->uki ? 0 : -ENOMEM;
}

static int take_uki_url(struct bls *bls, char *value)
{
	return entry_grey(bls->list, bls->entry,
			  "its kernel lies on the network (%s), which kexit does not read", value);
}

static int take_profile(struct bls *bls, char *value)
{
	bls->profile = (unsigned int)strtoul(value, NULL, 10);
	return 0;
}

/* Others are ignored, as the specification asks. */
static const struct {
	const char *key;
	int (*take)(struct bls *bls, char *value);
} keys[] = {
	{ "title", take_title },
	{ "version", take_version },
	{ "machine-id", take_machine_id },
	{ "sort-key", take_sort_key },
	{ "linux", take_linux },
	{ "initrd", take_initrd },
	{ "options", take_options },
	{ "devicetree", take_devicetree },
	{ "devicetree-overlay", take_overlay },
	{ "architecture", take_architecture },
	{ "efi", take_efi },
	{ "uki", take_uki },
	{ "uki-url", take_uki_url },
	{ "profile", take_profile },
};

static int take_line(struct bls *bls, const struct lines *lines, const char *key, char *value)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(key, keys[i].key) != 0)
			continue;
		if (*value)
			return keys[i].take(bls, lines_unquote(value));
		/* An installer without a command line of its own writes "options" alone. */
		if (!strcmp(key, "options"))
			return 0;
		return entry_list_problem(bls->list, bls->source, bls->entry->path, lines->number,
					  "%s without a value", key);
	}
	return 0;
}

/* "$kernelopts", "${tuned_params}": from @text on; NULL where there is none. */
static const char *find_variable(const char *text)
{
	for (; text && (text = strchr(text, '$')); text++)
		if (text[1] == '{' || text[1] == '_' || isalpha((unsigned char)text[1]))
			return text;
	return NULL;
}

/*
 * GRUB's blscfg expands variables in these files, which the specification does not know. Where its
 * configuration is there, its reader lists the entry too, and this one gives way (order.c).
 */
static int check_variables(struct bls *bls)
{
	struct entry *entry = bls->entry;
	const char *found = find_variable(entry->options);

	if (!found)
		found = find_variable(entry->kernel.path);
	for (size_t i = 0; !found && i < entry->initrd_count; i++)
		found = find_variable(entry->initrds[i].path);
	if (!found)
		return 0;
	return entry_grey(bls->list, entry, "%.*s is for GRUB to fill in, and was not",
			  (int)strcspn(found, " /\""), found);
}

static int finish(struct bls *bls)
{
	struct entry *entry = bls->entry;

	if (take_initrd_words(bls))
		return -ENOMEM;

	if (bls->uki && !entry->kernel.root) {
		int r = uki_take(bls->list, bls->source, bls->place, entry, bls->uki, bls->profile);

		if (r)
			return r;
	}
	if (!entry->kernel.root && !entry->greyed)
		return entry_grey(bls->list, entry, "it names no kernel: no line 'linux ...'");
	return check_variables(bls);
}

static int read_text(struct bls *bls, const char *path, const char *name, char *text)
{
	struct lines lines = lines_of(text);
	char *key, *value;
	int r;

	bls->entry = entry_list_add(bls->list, bls->source, ENTRY_BLS, path, 0);
	r = bls->entry ? counter_take(bls->list, bls->entry, name) : -ENOMEM;
	while (!r && lines_next(&lines, &key, &value))
		r = take_line(bls, &lines, key, value);
	return r ?: finish(bls);
}

static int read_file(const struct entry_source *source, struct entry_list *list, const char *place,
		     const char *name)
{
	struct bls bls = { .source = source, .list = list, .place = place };
	const char *path = arena_printf(list->arena, "%s/loader/entries/%s", place, name);
	char *text;
	int r;

	if (!path)
		return -ENOMEM;
	r = entry_place_read(list, source, path, ENTRY_BYTES_MAX, &text);
	if (r || !text)
		return r;
	r = read_text(&bls, path, name, text);
	free(text);
	return r;
}

static int read_place(const struct entry_source *source, struct entry_list *list, const char *place)
{
	const char *folder = arena_printf(list->arena, "%s/loader/entries", place);
	char **names;
	size_t count;
	int r;

	if (!folder)
		return -ENOMEM;
	r = entry_place_list(list, source, folder, ".conf", &names, &count);
	for (size_t i = 0; !r && i < count; i++)
		r = read_file(source, list, place, names[i]);
	return r ?: loader_conf_read(list, source, place);
}

static bool find_sibling(const struct entry_source *source, const char *path,
			 const struct fsroot **ret_root)
{
	return source->find && source->find(source, ENTRY_VOLUME_SIBLING, path, ret_root) == 0;
}

/*
 * systemd-boot reads its own partition and the extended boot partition of the same disk, and its
 * loader.conf is for both. Where each has a list of its own, the one takes the other's settings.
 */
static int read_sibling(const struct entry_source *source, struct entry_list *list)
{
	struct entry_settings *settings = &list->settings[ENTRY_BLS];
	struct entry_source sibling = *source;

	if (settings->is_configured) {
		settings->has_sibling = settings->is_of_esp &&
					find_sibling(source, "/loader/entries", &sibling.root);
		return 0;
	}
	if (!fsroot_is_folder(source->root, "/loader/entries") ||
	    !find_sibling(source, "/loader/loader.conf", &sibling.root))
		return 0;
	return loader_conf_read(list, &sibling, "");
}

int bls_read(const struct entry_source *source, struct entry_list *list)
{
	int r = 0;

	for (size_t i = 0; !r && entry_places[i]; i++)
		r = read_place(source, list, entry_places[i]);
	return r ?: read_sibling(source, list);
}
