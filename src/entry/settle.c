// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is done once all readers have reported: is each entry's kernel there and for this machine,
 * what is it called, and (order.c) which comes first.
 */
#include "base/error.h"
#include "base/map.h"
#include "entry/entry.h"
#include "entry/order.h"
#include "entry/own_image.h"
#include "entry/pe.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/*
 * Can it be booted?
 */

/* A kernel for one, started by the other. */
static bool machine_fits(const char *kernel, const char *machine)
{
	bool is_x86 = !strcmp(machine, "x86_64") || !strcmp(machine, "i686");

	return !strcmp(kernel, machine) || (is_x86 && !strcmp(kernel, "i686")) ||
	       (is_x86 && !strcmp(kernel, "x86_64"));
}

static int grey_file(struct entry_list *list, struct entry *entry, const struct entry_file *file,
		     const char *role, int code)
{
	switch (code) {
	case -ENOENT:
	case -ENOTDIR:
		return entry_grey(list, entry, "%s %s is not there", role, file->path);
	case -EXDEV:
		return entry_grey(list, entry, "%s %s is on another file system", role, file->path);
	case -EISDIR:
	case -EINVAL:
		return entry_grey(list, entry, "%s %s is not a regular file", role, file->path);
	default:
		return entry_grey(list, entry, "%s %s: %s", role, file->path, errno_text(code));
	}
}

/*
 * kexec_file_load(2), the only way under lockdown, wants a signature on the kernel itself; that of
 * the image around it counts for firmware alone. What is no EFI program (an ELF file, say) is left
 * for the kernel to judge.
 */
static int check_signature(struct entry_list *list, struct entry *entry, int fd, uint64_t bytes)
{
	struct entry_file *kernel = &entry->kernel;
	struct pe pe;

	if (!list->is_locked_down || pe_read(fd, kernel->offset, kernel->length ?: bytes, &pe) ||
	    pe.is_signed)
		return 0;
	return entry_grey(
		list, entry,
		"%s is not signed, and this kernel is locked down: it loads signed kernels only",
		kernel->length ? "the kernel within the image" : kernel->path);
}

static int check_file(struct entry_list *list, struct entry *entry, const struct entry_file *file,
		      const char *role)
{
	uint64_t bytes = 0;
	int fd, r = 0;

	if (!file->root || entry->greyed)
		return 0;
	fd = fsroot_open_file(file->root, file->path, &bytes);
	if (fd < 0)
		return grey_file(list, entry, file, role, fd);
	if (!bytes || file->offset > bytes || file->length > bytes - file->offset)
		r = entry_grey(list, entry, "%s %s is %s: was it written in full?", role,
			       file->path, bytes ? "too short" : "empty");
	else if (file == &entry->kernel)
		r = check_signature(list, entry, fd, bytes);
	close(fd);
	return r;
}

/* Can be booted by a person, and is no system to find running one morning. */
static bool is_memory_test(const struct entry *entry)
{
	const char *slash = entry->kernel.root ? strrchr(entry->kernel.path, '/') : NULL;

	return slash &&
	       (!strncasecmp(slash + 1, "memtest", 7) || !strncasecmp(slash + 1, "mt86", 4));
}

static int check(struct entry_list *list, struct entry *entry)
{
	int r = 0;

	entry->leads_away |= is_memory_test(entry);
	if (!entry->greyed && !entry->kernel.root)
		return entry_grey(list, entry, "it names no kernel");
	if (entry->architecture && list->machine &&
	    !machine_fits(entry->architecture, list->machine))
		r = entry_grey(list, entry, "it is for %s, and this machine is %s",
			       entry->architecture, list->machine);
	if (!r)
		r = check_file(list, entry, &entry->kernel, "the kernel");
	for (size_t i = 0; !r && i < entry->initrd_count; i++)
		r = check_file(list, entry, &entry->initrds[i], "the initrd");
	if (!r && entry->overlay_count && !list->applies_overlays)
		r = entry_grey(list, entry,
			       "it needs device tree overlays, and kexit applies none");
	return r ?: check_file(list, entry, &entry->devicetree, "the device tree");
}

/*
 * What is it called?
 */

/* A title of several lines would tear a menu, and an escape sequence the terminal. */
static int clean(struct entry_list *list, const char **text)
{
	char *copy = arena_strdup(list->arena, *text);

	if (!copy)
		return -ENOMEM;
	*text = copy;
	for (; *copy; copy++)
		if ((unsigned char)*copy < ' ' || *copy == 0x7f)
			*copy = ' ';
	return 0;
}

static int name(struct entry_list *list, struct entry *entry)
{
	if (!entry->id || !*entry->id)
		entry->id = entry->title;
	if (!entry->id || !*entry->id)
		entry->id = entry_format_name(entry->format);
	if (!entry->title || !*entry->title)
		entry->title = entry->id;
	return clean(list, &entry->id) || clean(list, &entry->title) ? -ENOMEM : 0;
}

/* The second entry of an id becomes "id#2". A default that names the id means the first. */
static int make_ids_unique(struct entry_list *list, struct map *seen)
{
	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = list->entries[i], *first = map_get(seen, entry->id);
		const char *id = entry->id;

		/* Somebody may really be called "a#2". */
		while (first && id && map_get(seen, id))
			id = arena_printf(list->arena, "%s#%u", entry->id, ++first->namesakes + 1);
		if (!id || map_put(seen, id, entry))
			return -ENOMEM;
		entry->id = id;
	}
	return 0;
}

static bool has_own_title(const struct entry *entry)
{
	return entry->format != ENTRY_BLS && entry->format != ENTRY_UKI;
}

/* Marks the entries of the specification that share their title with another. */
static int find_shared_titles(struct entry_list *list, struct map *seen)
{
	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = list->entries[i];
		struct entry *other = map_get(seen, entry->title);

		entry->has_shared_title = other && !has_own_title(entry);
		if (other && !has_own_title(other))
			other->has_shared_title = true;
		if (!other && map_put(seen, entry->title, entry))
			return -ENOMEM;
	}
	return 0;
}

/* As the specification asks ("title"): several kernels of one system are told apart by @by. */
static int tell_apart(struct entry_list *list, bool by_version)
{
	struct map *seen = map_new();
	int r = seen ? find_shared_titles(list, seen) : -ENOMEM;

	map_free(seen);
	for (size_t i = 0; !r && i < list->count; i++) {
		struct entry *entry = list->entries[i];
		const char *by = by_version ? entry->version : entry->id;

		if (!entry->has_shared_title || !by)
			continue;
		entry->title = arena_printf(list->arena, "%s (%s)", entry->title, by);
		if (!entry->title || clean(list, &entry->title))
			r = -ENOMEM;
	}
	return r;
}

static int make_names_unique(struct entry_list *list)
{
	struct map *seen = map_new();
	int r = seen ? make_ids_unique(list, seen) : -ENOMEM;

	map_free(seen);
	if (!r)
		r = tell_apart(list, true);
	return r ?: tell_apart(list, false);
}

int entry_list_settle(struct entry_list *list)
{
	int r = 0;

	for (size_t i = 0; !r && i < list->count; i++) {
		r = name(list, list->entries[i]);
		r = r ?: check(list, list->entries[i]);
	}
	r = r ?: own_image_leave_out(list);
	r = r ?: order_sort(list);
	if (r)
		return r;
	r = order_choose(list) ?: order_drop_twins(list);
	r = r ?: make_names_unique(list) ?: order_withhold(list);
	if (!r && list->preferred)
		list->preferred->is_default = true;
	return r;
}
