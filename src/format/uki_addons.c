// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addons of unified kernel images; see uki_addons.h.
 *
 * An image without the "console=" or the "root=" that an administrator put into an addon is another
 * system, so what an addon adds is added; what kexit cannot add greys the entry. Credentials and
 * extension images the stub packs into an initrd: a system boots without them, and they are told.
 */
#include "format/uki_addons.h"
#include "base/error.h"
#include "place/place.h"

#include <errno.h>
#include <string.h>

#define ADDONS_MAX 32 /* in one folder */

struct reader {
	struct entry_list *list;
	const struct entry_source *source;
	const struct uki_image *image;
	struct uki_addons addons;
};

static int problem(const struct reader *reader, const char *path, const char *reason)
{
	return entry_list_problem(reader->list, reader->source, path, 0, "%s", reason);
}

/* One that is made for another kernel says so, and the stub passes it over. */
static bool is_for(struct reader *reader, const struct uki_image *addon, int *ret_code)
{
	const struct uki_image *image = reader->image;
	const char *wanted = uki_image_text(reader->list, addon, 0, ".uname", ret_code);
	const char *uname = uki_image_text(reader->list, image, 0, ".uname", ret_code);

	if (wanted && uname && strcmp(wanted, uname) != 0)
		return false;
	return !addon->pe.machine || !image->pe.machine ||
	       !strcmp(addon->pe.machine, image->pe.machine);
}

static int take_options(struct reader *reader, const struct uki_image *addon)
{
	struct arena *arena = reader->list->arena;
	const char *before = reader->addons.options;
	int code = 0;
	char *text = uki_image_text(reader->list, addon, 0, ".cmdline", &code);

	if (code == -ENOMEM)
		return code;
	if (code) {
		reader->addons.greyed = arena_printf(arena,
						     "the command line of its addon %s cannot be "
						     "read: %s",
						     addon->path, errno_text(code));
		return reader->addons.greyed ? 0 : -ENOMEM;
	}
	if (!text)
		return 0;
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	reader->addons.options = arena_printf(arena, "%s%s%s", before, *before ? " " : "", text);
	return reader->addons.options ? 0 : -ENOMEM;
}

static int take_file(struct reader *reader, const struct uki_image *addon, const char *name,
		     struct entry_file **files, size_t *count, size_t *capacity)
{
	const struct pe_section *section = uki_image_find(addon, 0, name);

	if (!section)
		return 0;
	if (arena_grow(reader->list->arena, files, capacity, *count + 1, sizeof(**files)))
		return -ENOMEM;
	(*files)[(*count)++] = uki_image_file(addon, section);
	return 0;
}

static int take_sections(struct reader *reader, const struct uki_image *addon)
{
	struct uki_addons *addons = &reader->addons;
	int r = take_options(reader, addon);

	r = r
		    ?: take_file(reader, addon, ".ucode", &addons->microcode,
				 &addons->microcode_count, &addons->microcode_capacity);
	r = r
		    ?: take_file(reader, addon, ".initrd", &addons->initrds, &addons->initrd_count,
				 &addons->initrd_capacity);
	if (r || addons->greyed || !uki_image_find(addon, 0, ".dtb"))
		return r;
	addons->greyed = arena_printf(reader->list->arena,
				      "its addon %s changes the device tree, and kexit does not",
				      addon->path);
	return addons->greyed ? 0 : -ENOMEM;
}

static int take_addon(struct reader *reader, const struct uki_image *addon)
{
	int code = 0;
	bool fits = is_for(reader, addon, &code);

	if (code == -ENOMEM || !fits)
		return code == -ENOMEM ? code : 0;
	if (uki_image_find(addon, 0, ".linux"))
		return problem(reader, addon->path, "a kernel image, and no addon: left out");
	/* Firmware would refuse it. That it is signed is all that is looked at here. */
	if (reader->list->is_locked_down && !addon->pe.is_signed)
		return problem(reader, addon->path,
			       "an addon that is not signed: left out, since this kernel is locked "
			       "down");
	return take_sections(reader, addon);
}

static int read_addon(struct reader *reader, const char *folder, const char *name)
{
	struct arena *arena = reader->list->arena;
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	struct uki_image addon;
	int code = path ? uki_image_open(reader->source->root, path, &addon) : -ENOMEM;

	if (code == -ENOMEM)
		return code;
	if (code)
		return problem(reader, path, "no EFI program that could be an addon: left out");
	code = take_addon(reader, &addon);
	uki_image_close(&addon);
	return code;
}

static int read_folder(struct reader *reader, const char *folder)
{
	char **names;
	size_t count;
	int r = entry_place_list(reader->list, reader->source, folder, ".addon.efi", &names,
				 &count);

	for (size_t i = 0; !r && i < count && i < ADDONS_MAX; i++)
		r = read_addon(reader, folder, names[i]);
	if (!r && count > ADDONS_MAX)
		r = problem(reader, folder, "too many addons: those behind the 32nd are left out");
	return r;
}

/* Credentials, and images of sysext and confext. */
static int tell_companions(struct reader *reader, const char *folder)
{
	static const char *const suffixes[] = { ".cred", ".raw" };
	char **names;
	size_t count, all = 0;
	int r = 0;

	for (size_t i = 0; !r && i < 2; i++) {
		r = entry_place_list(reader->list, reader->source, folder, suffixes[i], &names,
				     &count);
		all += r ? 0 : count;
	}
	if (r || !all)
		return r;
	return problem(reader, folder,
		       "credentials and extension images are not handed to the system: only "
		       "systemd's stub does that");
}

int uki_addons_read(struct entry_list *list, const struct entry_source *source,
		    const struct uki_image *image, const char *place, const char *name,
		    struct uki_addons *ret_addons)
{
	struct reader reader = {
		.list = list,
		.source = source,
		.image = image,
		.addons = { .options = "" },
	};
	const char *slash = strrchr(image->path, '/');
	const char *own = arena_printf(list->arena, "%.*s/%s.extra.d", (int)(slash - image->path),
				       image->path, name);
	const char *all = arena_printf(list->arena, "%s/loader/addons", place);
	int r = own && all ? read_folder(&reader, all) : -ENOMEM;

	r = r ?: read_folder(&reader, own);
	r = r ?: tell_companions(&reader, own);
	*ret_addons = reader.addons;
	return r;
}

int uki_addons_apply(struct entry_list *list, struct entry *entry, const struct uki_addons *addons)
{
	size_t count = addons->microcode_count;
	int r = entry_add_options(list, entry, addons->options);

	for (size_t i = 0; !r && i < count + addons->initrd_count; i++) {
		const struct entry_file *file =
			i < count ? &addons->microcode[i] : &addons->initrds[i - count];
		size_t at = entry->initrd_count;

		r = entry_add_initrd(list, entry, file->root, file->path);
		if (r || at == entry->initrd_count)
			break;
		/* The kernel takes the first microcode that fits. */
		if (i < count) {
			memmove(&entry->initrds[i + 1], &entry->initrds[i],
				(at - i) * sizeof(*entry->initrds));
			at = i;
		}
		entry->initrds[at] = *file;
	}
	if (!r && addons->greyed)
		r = entry_grey(list, entry, "%s", addons->greyed);
	return r;
}
