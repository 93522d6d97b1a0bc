// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Type 2 entries: unified kernel images in EFI/Linux (Boot Loader Specification, "Type #2 EFI
 * Unified Kernel Images"; Unified Kernel Image Specification).
 */
#include "format/uki.h"
#include "base/error.h"
#include "entry/counter.h"
#include "entry/osrel.h"
#include "entry/own_image.h"
#include "format/formats.h"
#include "format/uki_addons.h"
#include "format/uki_image.h"
#include "place/place.h"

#include <errno.h>
#include <string.h>

/* Microcode comes first: the kernel looks for it at the start (Linux: Documentation/arch/x86/microcode.rst). */
static int take_initrds(struct entry_list *list, struct entry *entry, const struct uki_image *image,
			unsigned int profile)
{
	static const char *const names[] = { ".ucode", ".initrd" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct pe_section *section = uki_image_find(image, profile, names[i]);

		if (!section)
			continue;
		if (entry_add_initrd(list, entry, image->root, image->path))
			return -ENOMEM;
		entry->initrds[entry->initrd_count - 1] = uki_image_file(image, section);
	}
	return 0;
}

static int take_names(struct entry_list *list, struct entry *entry, const struct uki_image *image,
		      unsigned int profile)
{
	int code = 0;
	const char *text = uki_image_text(list, image, profile, ".osrel", &code);
	const char *about = uki_image_text(list, image, profile, ".profile", &code);
	const char *profile_title = about ? osrel_get(list->arena, about, "TITLE") : NULL;
	struct osrel osrel = { .title = NULL };

	if (text)
		osrel = osrel_parse(list->arena, text);
	entry->is_own = text && own_image_osrel(list->arena, text);
	if (!entry->title && osrel.title && profile_title)
		entry->title = arena_printf(list->arena, "%s (%s)", osrel.title, profile_title);
	entry->title = entry->title ?: osrel.title;
	entry->version = entry->version ?: osrel.version;
	entry->sort_key = entry->sort_key ?: osrel.sort_key;
	return code == -ENOMEM ? code : 0;
}

/* A line of a type 1 entry takes the place of the image's own, as it does for systemd's stub where
 * Secure Boot is off. */
static int take_options(struct entry_list *list, struct entry *entry, const struct uki_image *image,
			unsigned int profile)
{
	int code = 0;
	char *text =
		entry->options ? NULL : uki_image_text(list, image, profile, ".cmdline", &code);

	if (code == -ENOMEM)
		return code;
	if (code)
		return entry_grey(list, entry, "its command line cannot be read: %s",
				  errno_text(code));
	for (char *c = text; c && *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	return text ? entry_add_options(list, entry, text) : 0;
}

static int take_sections(struct entry_list *list, struct entry *entry,
			 const struct uki_image *image, unsigned int profile)
{
	const struct pe_section *kernel = uki_image_find(image, profile, ".linux");
	const struct pe_section *tree = uki_image_find(image, profile, ".dtb");

	if (!kernel)
		return entry_grey(list, entry,
				  "%s is no unified kernel image: it has no section .linux",
				  image->path);
	entry->kernel = uki_image_file(image, kernel);
	if (tree)
		entry->devicetree = uki_image_file(image, tree);
	entry->architecture = entry->architecture ?: image->pe.machine;
	if (take_initrds(list, entry, image, profile) || take_names(list, entry, image, profile))
		return -ENOMEM;
	return take_options(list, entry, image, profile);
}

static const char *open_words(int code)
{
	switch (code) {
	case -ENOEXEC:
		return "it is no EFI program";
	case -EBADMSG:
		return "it is damaged: its headers do not fit its size";
	case -EXDEV:
		return "it is a link that leads to another file system";
	default:
		return errno_text(code);
	}
}

bool uki_is_one(const struct fsroot *root, const char *path)
{
	struct uki_image image;
	bool is_one;

	if (uki_image_open(root, path, &image))
		return false;
	is_one = uki_image_find(&image, 0, ".linux") != NULL;
	uki_image_close(&image);
	return is_one;
}

static int take_addons(struct entry_list *list, const struct entry_source *source,
		       struct entry *entry, const struct uki_image *image, const char *place)
{
	const char *name = strrchr(image->path, '/') + 1;
	struct uki_addons addons;
	int r = uki_addons_read(list, source, image, place, name, &addons);

	return r ?: uki_addons_apply(list, entry, &addons);
}

int uki_take(struct entry_list *list, const struct entry_source *source, const char *place,
	     struct entry *entry, const char *path, unsigned int profile)
{
	struct uki_image image;
	int code = uki_image_open(source->root, path, &image);

	if (code == -ENOMEM)
		return code;
	if (code)
		return entry_grey(list, entry, "%s: %s", path, open_words(code));
	if (profile && profile >= uki_image_profiles(&image))
		code = entry_grey(list, entry, "%s has no profile %u", path, profile);
	else
		code = take_sections(list, entry, &image, profile)
			       ?: take_addons(list, source, entry, &image, place);
	uki_image_close(&image);
	return code;
}

/*
 * The folder EFI/Linux.
 */

static int add_profile(struct entry_list *list, const struct entry_source *source,
		       const struct uki_image *image, const char *name, unsigned int profile,
		       struct entry **ret_entry)
{
	struct entry *entry = entry_list_add(list, source, ENTRY_UKI, image->path, 0);

	if (!entry || counter_take(list, entry, name))
		return -ENOMEM;
	*ret_entry = entry;
	/* As systemd-boot names them: the first has the file's own name. */
	if (profile)
		entry->id = arena_printf(list->arena, "%s@%u", entry->id, profile);
	if (!entry->id)
		return -ENOMEM;
	return take_sections(list, entry, image, profile);
}

static int add_image(struct entry_list *list, const struct entry_source *source,
		     const struct uki_image *image, const char *place, const char *name)
{
	unsigned int count = uki_image_profiles(image);
	struct uki_addons addons;
	struct entry *entry;
	int r;

	if (!uki_image_find(image, 0, ".linux"))
		return entry_list_problem(list, source, image->path, 0,
					  "no unified kernel image: it has no section .linux");
	r = add_profile(list, source, image, name, 0, &entry);
	/* Its id is the name without the boot counter, which the folder of its addons has not. */
	r = r ?: uki_addons_read(list, source, image, place, entry->id, &addons);
	r = r ?: uki_addons_apply(list, entry, &addons);
	for (unsigned int i = 1; !r && i < count; i++)
		r = add_profile(list, source, image, name, i, &entry)
			    ?: uki_addons_apply(list, entry, &addons);
	return r;
}

static int read_file(const struct entry_source *source, struct entry_list *list, const char *place,
		     const char *name)
{
	const char *path = arena_printf(list->arena, "%s/EFI/Linux/%s", place, name);
	struct uki_image image;
	int code;

	if (!path)
		return -ENOMEM;
	code = uki_image_open(source->root, path, &image);
	if (code == -ENOMEM)
		return code;
	if (code)
		return entry_list_problem(list, source, path, 0, "%s", open_words(code));
	code = add_image(list, source, &image, place, name);
	uki_image_close(&image);
	return code;
}

int uki_read(const struct entry_source *source, struct entry_list *list)
{
	int r = 0;

	for (size_t i = 0; !r && entry_places[i]; i++) {
		const char *folder = arena_printf(list->arena, "%s/EFI/Linux", entry_places[i]);
		char **names;
		size_t count = 0;

		r = folder ? entry_place_list(list, source, folder, ".efi", &names, &count)
			   : -ENOMEM;
		for (size_t k = 0; !r && k < count; k++)
			r = read_file(source, list, entry_places[i], names[k]);
	}
	return r;
}
