// SPDX-License-Identifier: GPL-2.0-or-later
/* Probing and mounting one disk, in a child; see volume_work.h. */
#include "boot/volume_work.h"

#include "base/error.h"
#include "boot/modules.h"
#include "boot/volumes.h"
#include "offer/carry.h"
#include "storage/mount.h"
#include "storage/probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The inode number of a subvolume's root (Linux: BTRFS_FIRST_FREE_OBJECTID, btrfs_tree.h). */
#define SUBVOLUME_INODE 256

static int give(json_t *json, FILE *answer)
{
	int r = json && json_dumpf(json, answer, JSON_COMPACT) == 0 ? 0 : -ENOMEM;

	json_decref(json);
	return r;
}

/* The whole disk first: its partitions are read-only with it. */
static int make_read_only(const struct sys *sys, const struct disk_facts *disk, struct error *e)
{
	int r = sys_set_read_only(sys, disk->whole);

	if (r == 0 && strcmp(disk->whole, disk->name) != 0)
		r = sys_set_read_only(sys, disk->name);
	/* An empty drive has nothing that could be written to, nor read. */
	if (r < 0)
		error_set(e, r, "%s: cannot be made read-only, and is not read: %s", disk->name,
			  errno_text(r));
	return r;
}

static int look(const struct sys *sys, const struct disk_facts *disk, struct probe_result *result,
		bool *ret_waits, struct error *e)
{
	const struct storage_type *type;
	int r = make_read_only(sys, disk, e);

	/* A drive without a disc or a card is no trouble: what comes later is told by an event. */
	if (r == -ENOMEDIUM) {
		*e = (struct error)ERROR_NONE;
		return 0;
	}
	/* What the kernel found a partition table on is read by its partitions. */
	if (r < 0 || disk->has_partitions || disk->is_held)
		return r;
	r = probe_disk(disk->name, result);
	if (r == -ENOMEDIUM)
		return 0;
	if (r == -EBADMSG)
		return error_set(e, r,
				 "%s: carries the marks of two kinds of contents: 'wipefs' in the "
				 "installed system shows them",
				 disk->name);
	if (r < 0)
		return error_set(e, r, "%s: cannot be read: %s", disk->name, errno_text(r));
	type = storage_type_find(result->type);
	if (type->kind == STORAGE_OTHER && type->reason)
		return error_set(e, -EMEDIUMTYPE, "%s: %s: %s", disk->name, type->name,
				 type->reason);
	if (type->kind != STORAGE_BTRFS)
		return 0;
	modules_load("fs-btrfs");
	*ret_waits = sys_btrfs_ready(sys, disk->name) == 1;
	return 0;
}

int volume_probe(const struct sys *sys, const struct disk_facts *disk, FILE *answer)
{
	struct probe_result result = { .type = "" };
	struct error e = ERROR_NONE;
	char part_uuid[64] = "";
	bool waits = false;

	look(sys, disk, &result, &waits, &e);
	if (*result.type && disk->partition)
		probe_part_uuid(disk->name, part_uuid, sizeof(part_uuid));
	return give(json_pack("{s:s, s:o, s:o, s:s, s:b, s:o}", "type", result.type, "uuid",
			      carry_text(result.uuid), "label", carry_text(result.label),
			      "part_uuid", part_uuid, "is_waiting", waits, "reason",
			      carry_text(e.text)),
		    answer);
}

static json_t *carry_folder(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/", folder);
	return carry_texts(path, name);
}

/* Adds the subvolumes that lie directly in @folder: "@", "@rootfs", "root". */
static void add_subvolumes(const char *folder, json_t *folders)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISDIR(st.st_mode) || st.st_ino != SUBVOLUME_INODE)
			continue;
		json_array_append_new(folders, carry_folder(folder, entry->d_name));
	}
	if (dir)
		closedir(dir);
}

/* What of its file system the mount on @target shows: "/@/.snapshots/1/snapshot". In mountinfo's
 * fourth word (proc(5)). The caller frees it; NULL: not found. */
static char *mounted_path(const struct sysroot *root, const char *target)
{
	char *text, *line, *save, *found = NULL;

	if (sysroot_read_all(root, "/proc/self/mountinfo", &text) < 0)
		return NULL;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char path[PATH_MAX], point[PATH_MAX];

		if (sscanf(line, "%*s %*s %*s %4095s %4095s", path, point) == 2 &&
		    !strcmp(point, target)) {
			free(found);
			found = strdup(path);
		}
	}
	free(text);
	return found;
}

/* The subvolume that a mount without options would show comes before its sisters: it is the system
 * that is in use, where a distribution keeps snapshots of older ones. */
static void add_default_subvolume(const struct sys *sys, const struct mount_source *source,
				  const char *name, const struct storage_type *type,
				  const char *folder, json_t *folders)
{
	struct error e = ERROR_NONE;
	char target[sizeof(VOLUMES_DIR) + DISK_NAME_SIZE + 16];
	char *path;

	snprintf(target, sizeof(target), "%s/%s.default", VOLUMES_DIR, name);
	if (storage_mount(sys, source, type, NULL, target, &e) < 0)
		return;
	path = mounted_path(sys->root, target);
	if (path && strcmp(path, "/") != 0)
		json_array_append_new(folders, carry_texts(folder, path));
	free(path);
	sys_unmount(sys, target);
}

static bool is_mounted(const struct sysroot *root, const char *folder)
{
	char *path = mounted_path(root, folder);
	bool found = path != NULL;

	free(path);
	return found;
}

static void mount_it(const struct sys *sys, const char *const names[], size_t count,
		     const struct storage_type *type, json_t *folders, struct error *note,
		     struct error *e)
{
	const char *more = type->kind == STORAGE_BTRFS ? "subvolid=5" : NULL;
	char folder[sizeof(VOLUMES_DIR) + DISK_NAME_SIZE], module[64];
	struct mount_source source = { .options = NULL };

	snprintf(folder, sizeof(folder), "%s/%s", VOLUMES_DIR, names[0]);
	snprintf(module, sizeof(module), "fs-%s", type->filesystem);
	/* Where it is neither there nor built in, the mount says so. */
	modules_load(module);
	if (!is_mounted(sys->root, folder) &&
	    storage_mount_recent(sys, names, count, type, more, folder, modules_load, &source, note,
				 e) < 0)
		return;
	json_array_append_new(folders, carry_text(folder));
	if (type->kind != STORAGE_BTRFS)
		return;
	if (source.options)
		add_default_subvolume(sys, &source, names[0], type, folder, folders);
	add_subvolumes(folder, folders);
}

void volume_unmount(const struct sys *sys, const char *name)
{
	char folder[sizeof(VOLUMES_DIR) + DISK_NAME_SIZE];

	snprintf(folder, sizeof(folder), "%s/%s", VOLUMES_DIR, name);
	if (is_mounted(sys->root, folder))
		sys_detach(sys, folder);
}

int volume_mount(const struct sys *sys, const char *const names[], size_t count, const char *type,
		 FILE *answer)
{
	struct error note = ERROR_NONE, e = ERROR_NONE;
	json_t *folders = json_array();

	mount_it(sys, names, count, storage_type_find(type), folders, &note, &e);
	return give(json_pack("{s:o, s:o, s:o}", "folders", folders, "note", carry_text(note.text),
			      "reason", carry_text(e.text)),
		    answer);
}
