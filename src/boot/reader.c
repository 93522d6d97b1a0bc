// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries of one file system, which may name others; see reader.h. */
#include "boot/reader.h"

#include "entry/board.h"
#include "entry/device_name.h"
#include "entry/efi_choice.h"
#include "entry/osrel.h"
#include "format/read.h"
#include "image/devicetree.h"
#include "offer/nearness.h"
#include "offer/offer.h"
#include "storage/probe.h"
#include "sys/lockdown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define OS_RELEASE_MAX 65536

struct reader {
	const struct sysroot *root;
	const struct reader_volume *volumes;
	size_t count, own;
	struct fsroot **roots; /* of each volume, opened when it is first meant */
	size_t *order;	       /* from near to far; see nearness.h */
	bool misses;
};

static int open_root(struct reader *reader, size_t i, const struct fsroot **ret_root)
{
	if (!reader->roots[i]) {
		int r = fsroot_open(reader->volumes[i].folders[0], &reader->roots[i]);

		if (r < 0)
			return r;
	}
	*ret_root = reader->roots[i];
	return 0;
}

static bool is_meant(const struct reader_volume *volume, enum entry_volume kind, const char *name)
{
	if (kind == ENTRY_VOLUME_UUID)
		return *volume->uuid && !strcasecmp(volume->uuid, name);
	if (kind == ENTRY_VOLUME_NAME)
		return !strcmp(volume->disk->name, name);
	return kind == ENTRY_VOLUME_LABEL && *volume->label && !strcmp(volume->label, name);
}

/* What is known of a volume's device, and where its texts are kept. */
struct whereabouts {
	struct device_facts facts;
	char scheme[16], mapped[128];
};

static void locate(const struct reader *reader, size_t i, struct whereabouts *at)
{
	const struct disk_facts *disk = reader->volumes[i].disk;

	at->facts = (struct device_facts){ .disk = disk->whole, .partition = disk->partition };
	if (disk->partition)
		probe_scheme(disk->name, at->scheme, sizeof(at->scheme));
	if (disk->partition && *at->scheme)
		at->facts.scheme = strcmp(at->scheme, "dos") ? at->scheme : "msdos";
	if (disk_mapped_name(reader->root, disk->name, at->mapped, sizeof(at->mapped)) == 0)
		at->facts.mapped = at->mapped;
}

static int find_device(struct reader *reader, const char *name, const struct fsroot **ret_root)
{
	struct whereabouts own, other;
	int r = 0;

	locate(reader, reader->own, &own);
	for (size_t i = 0; r == 0 && i < reader->count; i++) {
		locate(reader, i, &other);
		r = device_name_fits(name, &own.facts, &other.facts);
		if (r > 0)
			return open_root(reader, i, ret_root);
	}
	return r ?: -ENOENT;
}

static int find_file(struct reader *reader, const char *path, const struct fsroot **ret_root)
{
	for (size_t i = 0; i < reader->count; i++) {
		size_t at = reader->order[i];
		const struct fsroot *root;

		if (open_root(reader, at, &root) < 0 || fsroot_exists(root, path) != 0)
			continue;
		*ret_root = root;
		return 0;
	}
	return -ENOENT;
}

static int find_sibling(struct reader *reader, const char *path, const struct fsroot **ret_root)
{
	const struct disk_facts *own = reader->volumes[reader->own].disk;

	for (size_t i = 0; i < reader->count; i++) {
		const struct fsroot *root;

		if (i == reader->own || strcmp(reader->volumes[i].disk->whole, own->whole) != 0 ||
		    open_root(reader, i, &root) < 0 || fsroot_exists(root, path) != 0)
			continue;
		*ret_root = root;
		return 0;
	}
	return -ENOENT;
}

static int find(const struct entry_source *source, enum entry_volume kind, const char *name,
		const struct fsroot **ret_root)
{
	struct reader *reader = source->context;
	int r = -ENOENT;

	if (kind == ENTRY_VOLUME_DEVICE)
		r = find_device(reader, name, ret_root);
	if (kind == ENTRY_VOLUME_FILE)
		r = find_file(reader, name, ret_root);
	if (kind == ENTRY_VOLUME_SIBLING)
		r = find_sibling(reader, name, ret_root);
	for (size_t i = 0; r < 0 && i < reader->count; i++)
		if (is_meant(&reader->volumes[reader->order[i]], kind, name))
			r = open_root(reader, reader->order[i], ret_root);
	reader->misses |= r == -ENOENT;
	return r;
}

static const char *uuid_of(const struct entry_source *source, const struct fsroot *root)
{
	const struct reader *reader = source->context;
	const char *uuid = reader->volumes[reader->own].uuid;

	/* The subvolumes of our own have roots of their own. */
	for (size_t i = 0; i < reader->count; i++)
		if (reader->roots[i] == root)
			uuid = reader->volumes[i].uuid;
	return *uuid ? uuid : NULL;
}

static int ask_file(const struct entry_file *file, struct offer_file *ret)
{
	int fd = fsroot_open_file(file->root, file->path, NULL);
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	r = fstat(fd, &st) ? -errno : 0;
	close(fd);
	if (r == 0)
		*ret = (struct offer_file){ (uint64_t)st.st_size, st.st_dev, st.st_ino };
	return r;
}

static const char *read_system(struct entry_list *list, const struct fsroot *root)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	struct osrel osrel;
	char *text;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (fsroot_read(root, paths[i], OS_RELEASE_MAX, &text, NULL) < 0)
			continue;
		osrel = osrel_parse(list->arena, text);
		free(text);
		return osrel.title ?: "";
	}
	return NULL;
}

static const char *firmware_name(const struct sysroot *root)
{
	if (sysroot_exists(root, "/sys/firmware/efi"))
		return "efi";
	return sysroot_exists(root, "/proc/device-tree") ? "ieee1275" : "pc";
}

static int read_all(struct reader *reader, const struct sysroot *root, struct entry_list *list,
		    const char **ret_system)
{
	const struct reader_volume *own = &reader->volumes[reader->own];
	struct entry_source source = {
		.firmware = firmware_name(root),
		.find = find,
		.uuid = uuid_of,
		.context = reader,
	};
	int r = open_root(reader, reader->own, &source.root);

	*ret_system = NULL;
	if (r == 0)
		source.top = source.root;
	for (size_t i = 0; r == 0 && i < own->folder_count; i++) {
		struct fsroot *folder;

		/* It was a subvolume when it was mounted. What went since has nothing to read. */
		if (i && fsroot_open(own->folders[i], &folder) == 0)
			source.root = folder;
		else if (i)
			continue;
		*ret_system = *ret_system ?: read_system(list, source.root);
		r = entry_list_read(list, &source);
	}
	return r ?: entry_list_settle(list);
}

static int give(struct reader *reader, const struct sysroot *root, struct entry_list *list,
		FILE *answer)
{
	const char *system;
	int r = read_all(reader, root, list, &system);
	json_t *json;

	if (r < 0)
		return r;
	json = offer_encode(list, reader->volumes[reader->own].disk->name, system, reader->misses,
			    ask_file);
	r = json && json_dumpf(json, answer, JSON_COMPACT) == 0 ? 0 : -ENOMEM;
	json_decref(json);
	return r;
}

/* In the order in which they are asked; the caller frees it. NULL: no memory. */
static size_t *make_order(const struct reader_volume *volumes, size_t count, size_t own)
{
	const struct disk_facts **disks = calloc(count, sizeof(*disks));
	size_t *order = calloc(count, sizeof(*order));

	for (size_t i = 0; disks && i < count; i++)
		disks[i] = volumes[i].disk;
	if (disks && order) {
		nearness_order(disks, count, own, order);
	} else {
		free(order);
		order = NULL;
	}
	free(disks);
	return order;
}

/* The roots are closed by the end of the child. */
int reader_read(const struct sysroot *root, const struct reader_volume *volumes, size_t count,
		size_t own, FILE *answer)
{
	struct reader reader = {
		.root = root,
		.volumes = volumes,
		.count = count,
		.own = own,
		.roots = calloc(count, sizeof(struct fsroot *)),
		.order = make_order(volumes, count, own),
	};
	struct entry_list *list = entry_list_new();
	struct utsname uts;
	int r = -ENOMEM;

	if (list && reader.roots && reader.order) {
		uname(&uts);
		list->machine = uts.machine;
		list->is_locked_down = lockdown_read(root) >= LOCKDOWN_INTEGRITY;
		list->applies_overlays = devicetree_is_able();
		r = efi_choice_read(list, root) ?: entry_board_read(list, root);
		r = r ?: give(&reader, root, list, answer);
	}
	entry_list_free(list);
	free(reader.roots);
	free(reader.order);
	return r;
}
