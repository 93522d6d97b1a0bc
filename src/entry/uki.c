// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Type 2 entries: unified kernel images in EFI/Linux (Boot Loader Specification, "Type #2 EFI
 * Unified Kernel Images"; Unified Kernel Image Specification).
 */
#include "entry/uki.h"
#include "base/error.h"
#include "entry/counter.h"
#include "entry/formats.h"
#include "entry/osrel.h"
#include "entry/pe.h"
#include "entry/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX     (64 * 1024)
#define PROFILES_MAX 16

struct uki {
	const struct fsroot *root;
	const char *path;
	int fd;
	struct pe pe;
};

/* 0, or a negative errno: nothing is open then. */
static int uki_open(const struct fsroot *root, const char *path, struct uki *uki)
{
	uint64_t bytes = 0;
	int code;

	uki->root = root;
	uki->path = path;
	uki->fd = fsroot_open_file(root, path, &bytes);
	if (uki->fd < 0)
		return uki->fd;
	code = pe_read(uki->fd, 0, bytes, &uki->pe);
	if (code)
		close(uki->fd);
	return code;
}

/* Where the section ".profile" of @profile is; the number of sections where there is no such. */
static size_t profile_start(const struct pe *pe, unsigned int profile)
{
	size_t i = 0;

	for (; i < pe->section_count; i++)
		if (!strcmp(pe->sections[i].name, ".profile") && profile-- == 0)
			break;
	return i;
}

static unsigned int profile_count(const struct pe *pe)
{
	unsigned int count = 0;

	while (count < PROFILES_MAX && profile_start(pe, count) < pe->section_count)
		count++;
	return count;
}

static const struct pe_section *find_between(const struct pe *pe, size_t start, size_t end,
					     const char *name)
{
	for (size_t i = start; i < end; i++)
		if (!strcmp(pe->sections[i].name, name) && pe->sections[i].length)
			return &pe->sections[i];
	return NULL;
}

/* A profile's own section, or that of the base, which lies before all profiles. */
static const struct pe_section *find(const struct pe *pe, unsigned int profile, const char *name)
{
	const struct pe_section *own =
		find_between(pe, profile_start(pe, profile), profile_start(pe, profile + 1), name);

	return own ?: find_between(pe, 0, profile_start(pe, 0), name);
}

/* The contents up to the first NUL, without blanks around them; NULL: no such section, or -- see
 * @ret_code -- it cannot be had. */
static char *read_text(struct entry_list *list, const struct uki *uki, unsigned int profile,
		       const char *name, int *ret_code)
{
	const struct pe_section *section = find(&uki->pe, profile, name);
	char *text;
	ssize_t n;

	if (!section)
		return NULL;
	if (section->length > TEXT_MAX) {
		*ret_code = -EFBIG;
		return NULL;
	}
	text = arena_alloc(list->arena, section->length + 1);
	n = text ? pread(uki->fd, text, section->length, (off_t)section->offset) : 0;
	if (!text || n < 0) {
		*ret_code = text ? -errno : -ENOMEM;
		return NULL;
	}
	text += strspn(text, " \t\r\n");
	for (size_t length = strlen(text); length && strchr(" \t\r\n", text[length - 1]); length--)
		text[length - 1] = '\0';
	return text;
}

static struct entry_file section_file(const struct uki *uki, const struct pe_section *section)
{
	return (struct entry_file){
		.root = uki->root,
		.path = uki->path,
		.offset = section->offset,
		.length = section->length,
	};
}

/* Microcode comes first: the kernel looks for it at the start (Linux: Documentation/arch/x86/microcode.rst). */
static int take_initrds(struct entry_list *list, struct entry *entry, const struct uki *uki,
			unsigned int profile)
{
	static const char *const names[] = { ".ucode", ".initrd" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct pe_section *section = find(&uki->pe, profile, names[i]);

		if (!section)
			continue;
		if (entry_add_initrd(list, entry, uki->root, uki->path))
			return -ENOMEM;
		entry->initrds[entry->initrd_count - 1] = section_file(uki, section);
	}
	return 0;
}

static int take_names(struct entry_list *list, struct entry *entry, const struct uki *uki,
		      unsigned int profile)
{
	int code = 0;
	const char *text = read_text(list, uki, profile, ".osrel", &code);
	const char *about = read_text(list, uki, profile, ".profile", &code);
	const char *profile_title = about ? osrel_get(list->arena, about, "TITLE") : NULL;
	struct osrel osrel = { .title = NULL };

	if (text)
		osrel = osrel_parse(list->arena, text);
	if (!entry->title && osrel.title && profile_title)
		entry->title = arena_printf(list->arena, "%s (%s)", osrel.title, profile_title);
	entry->title = entry->title ?: osrel.title;
	entry->version = entry->version ?: osrel.version;
	entry->sort_key = entry->sort_key ?: osrel.sort_key;
	return code == -ENOMEM ? code : 0;
}

/* A line of a type 1 entry takes the place of the image's own, as it does for systemd's stub where
 * Secure Boot is off. */
static int take_options(struct entry_list *list, struct entry *entry, const struct uki *uki,
			unsigned int profile)
{
	int code = 0;
	char *text = entry->options ? NULL : read_text(list, uki, profile, ".cmdline", &code);

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

static int take_sections(struct entry_list *list, struct entry *entry, const struct uki *uki,
			 unsigned int profile)
{
	const struct pe_section *kernel = find(&uki->pe, profile, ".linux");
	const struct pe_section *tree = find(&uki->pe, profile, ".dtb");

	if (!kernel)
		return entry_grey(list, entry,
				  "%s is no unified kernel image: it has no section .linux",
				  uki->path);
	entry->kernel = section_file(uki, kernel);
	if (tree)
		entry->devicetree = section_file(uki, tree);
	entry->architecture = entry->architecture ?: uki->pe.machine;
	if (take_initrds(list, entry, uki, profile) || take_names(list, entry, uki, profile))
		return -ENOMEM;
	return take_options(list, entry, uki, profile);
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

int uki_take(struct entry_list *list, const struct entry_source *source, struct entry *entry,
	     const char *path, unsigned int profile)
{
	struct uki uki;
	int code = uki_open(source->root, path, &uki);

	if (code == -ENOMEM)
		return code;
	if (code)
		return entry_grey(list, entry, "%s: %s", path, open_words(code));
	if (profile && profile >= profile_count(&uki.pe))
		code = entry_grey(list, entry, "%s has no profile %u", path, profile);
	else
		code = take_sections(list, entry, &uki, profile);
	close(uki.fd);
	return code;
}

/*
 * The folder EFI/Linux.
 */

static int add_profile(struct entry_list *list, const struct entry_source *source,
		       const struct uki *uki, const char *name, unsigned int profile)
{
	struct entry *entry = entry_list_add(list, source, ENTRY_UKI, uki->path, 0);

	if (!entry || counter_take(list, entry, name))
		return -ENOMEM;
	/* As systemd-boot names them: the first has the file's own name. */
	if (profile)
		entry->id = arena_printf(list->arena, "%s@%u", entry->id, profile);
	if (!entry->id)
		return -ENOMEM;
	return take_sections(list, entry, uki, profile);
}

/* What systemd's stub would add from there is measured and verified by it, and not added here. */
static int check_addons(struct entry_list *list, const struct entry_source *source,
			const struct uki *uki)
{
	const char *folder = arena_printf(list->arena, "%s.extra.d", uki->path);

	if (!folder)
		return -ENOMEM;
	if (!fsroot_is_folder(uki->root, folder))
		return 0;
	return entry_list_problem(list, source, folder, 0,
				  "addons of a unified kernel image are not applied");
}

static int add_image(struct entry_list *list, const struct entry_source *source,
		     const struct uki *uki, const char *name)
{
	unsigned int count = profile_count(&uki->pe);
	int r;

	if (!find(&uki->pe, 0, ".linux"))
		return entry_list_problem(list, source, uki->path, 0,
					  "no unified kernel image: it has no section .linux");
	r = add_profile(list, source, uki, name, 0);
	for (unsigned int i = 1; !r && i < count; i++)
		r = add_profile(list, source, uki, name, i);
	return r ?: check_addons(list, source, uki);
}

static int read_file(const struct entry_source *source, struct entry_list *list, const char *folder,
		     const char *name)
{
	const char *path = arena_printf(list->arena, "%s/%s", folder, name);
	struct uki uki;
	int code;

	if (!path)
		return -ENOMEM;
	code = uki_open(source->root, path, &uki);
	if (code == -ENOMEM)
		return code;
	if (code)
		return entry_list_problem(list, source, path, 0, "%s", open_words(code));
	code = add_image(list, source, &uki, name);
	close(uki.fd);
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
			r = read_file(source, list, folder, names[k]);
	}
	return r;
}
