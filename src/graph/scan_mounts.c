// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words for what uses a disk: mountinfo, swaps, the members of btrfs file systems; and the
 * file systems that need the network.
 *
 * Words only: whether a disk is in use is O_EXCL's answer. A mount in a namespace that cannot be
 * seen, an external journal, a ZFS pool have no words and are in use all the same.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mount {
	char *dev;   /* "8:1"; "0:45" for a file system without a device of its own */
	char *point; /* unescaped */
	char *type;
	char *source;
	char *options; /* of the superblock */
};

/* mountinfo and swaps write blanks as "\040" (proc(5)). In place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' &&
		    at[3] >= '0' && at[3] <= '7') {
			*to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

/* "36 35 8:1 / /mnt rw,noatime master:1 - ext4 /dev/sda1 rw": proc(5). False for anything else. */
static bool mount_parse(char *line, struct mount *ret)
{
	char *rest = strstr(line, " - "), *save;

	if (!rest)
		return false;
	*rest = '\0';
	rest += 3;
	if (!strtok_r(line, " ", &save) || !strtok_r(NULL, " ", &save))
		return false;
	ret->dev = strtok_r(NULL, " ", &save);
	if (!ret->dev || !strtok_r(NULL, " ", &save))
		return false;
	ret->point = strtok_r(NULL, " ", &save);
	ret->type = strtok_r(rest, " ", &save);
	ret->source = strtok_r(NULL, " ", &save);
	ret->options = strtok_r(NULL, "", &save);
	if (!ret->point || !ret->type || !ret->source)
		return false;
	if (!ret->options)
		ret->options = ret->source + strlen(ret->source);
	unescape(ret->point);
	unescape(ret->source);
	return true;
}

/* "/dev/sda1" or "/dev/mapper/vg-root"; other links below /dev are not followed. */
static struct disk *disk_by_node(const struct scanner *s, const char *node, size_t length)
{
	struct disk *disk = map_get_n(s->by_alias, node, length);

	if (disk || length < 5 || strncmp(node, "/dev/", 5) != 0)
		return disk;
	return map_get_n(s->graph->by_disk, node + 5, length - 5);
}

/* The root is what a person looks for; else the first mount stays. */
static int set_mount_words(struct scanner *s, struct disk *disk, const struct mount *mount)
{
	if (disk->words && strcmp(mount->point, "/") != 0)
		return 0;
	disk->use = USE_MOUNT;
	disk->words = arena_printf(s->graph->arena, "%s on %s", mount->type, mount->point);
	return disk->words ? 0 : -ENOMEM;
}

/* btrfs names one member, bcachefs all of them, with colons between. */
static int read_anonymous(struct scanner *s, const struct mount *mount)
{
	const char *at = mount->source;
	int code = 0;

	while (*at && !code) {
		size_t length = strcspn(at, ":");
		struct disk *disk = disk_by_node(s, at, length);

		if (disk)
			code = set_mount_words(s, disk, mount);
		at += length + (at[length] == ':');
	}
	return code;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at++)
		if ((at == list || at[-1] == ',') && (at[length] == ',' || !at[length]))
			return true;
	return false;
}

static bool is_network_type(const struct mount *mount)
{
	static const char *const types[] = {
		"nfs",	"nfs4",	 "cifs",      "smb3",	    "ceph",	      "afs",	"lustre",
		"coda", "pvfs2", "fuse.ceph", "fuse.sshfs", "fuse.glusterfs", "beegfs", "ncpfs",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i], mount->type))
			return true;
	return !strcmp(mount->type, "9p") && !has_word(mount->options, "trans=virtio");
}

static int read_network_mount(struct scanner *s, const struct mount *mount)
{
	char words[SCAN_PATH];

	if (has_word(mount->options, "proto=rdma") || has_word(mount->options, "rdma"))
		s->net_uses_rdma = true;
	snprintf(words, sizeof(words), "%s on %s", mount->type, mount->point);
	return net_user_add(s, words);
}

bool is_shared_folder(const struct device *device)
{
	return device->driver &&
	       (!strcmp(device->driver, "virtiofs") || !strcmp(device->driver, "9pnet_virtio"));
}

/* A folder of the host: its transport is a virtio device, of which there is rarely more than one. */
static int read_shared_folder(struct scanner *s, const struct mount *mount)
{
	const char *driver = strcmp(mount->type, "9p") != 0 ? "virtiofs" : "9pnet_virtio";
	char words[SCAN_PATH];

	snprintf(words, sizeof(words), "%s on %s", mount->type, mount->point);
	for (size_t i = 0; i < s->graph->device_count; i++) {
		struct device *device = s->graph->devices[i];

		if (!device->driver || strcmp(device->driver, driver) != 0)
			continue;
		if (graph_add_use(s->graph, device, USE_MOUNT, words))
			return -ENOMEM;
	}
	return 0;
}

static int read_mount(struct scanner *s, const struct mount *mount)
{
	struct disk *disk = map_get(s->by_dev, mount->dev);

	if (disk)
		return set_mount_words(s, disk, mount);
	if (is_network_type(mount))
		return read_network_mount(s, mount);
	if (!strcmp(mount->type, "9p") || !strcmp(mount->type, "virtiofs"))
		return read_shared_folder(s, mount);
	return mount->source[0] == '/' ? read_anonymous(s, mount) : 0;
}

static int read_mountinfo(struct scanner *s, const char *path)
{
	char *text, *line, *save;
	int code = sysroot_read_all(s->root, path, &text);

	if (code)
		return code == -ENOMEM ? code : 0;
	for (line = strtok_r(text, "\n", &save); line && !code;
	     line = strtok_r(NULL, "\n", &save)) {
		struct mount mount;

		if (mount_parse(line, &mount))
			code = read_mount(s, &mount);
	}
	free(text);
	return code;
}

/* "/dev/sda2  partition  1048572 0 -2". A swap file's file system is mounted, which says enough. */
static int read_swap(struct scanner *s, char *line)
{
	char *save, *node = strtok_r(line, " \t", &save), *type = strtok_r(NULL, " \t", &save);
	struct disk *disk;

	if (!node || !type || strcmp(type, "partition") != 0)
		return 0;
	unescape(node);
	disk = disk_by_node(s, node, strlen(node));
	if (!disk || disk->words)
		return 0;
	disk->use = USE_SWAP;
	disk->words = "swap";
	return 0;
}

static int read_swaps(struct scanner *s)
{
	char *text, *line, *save;
	int code = sysroot_read_all(s->root, "/proc/swaps", &text);

	if (code)
		return code == -ENOMEM ? code : 0;
	for (line = strtok_r(text, "\n", &save); line && !code; line = strtok_r(NULL, "\n", &save))
		code = read_swap(s, line);
	free(text);
	return code;
}

/* The disks of the folder @path go to the first @size of @members. Returns how many it has. */
static size_t list_members(struct scanner *s, const char *path, struct disk *members[], size_t size)
{
	DIR *dir = sysroot_opendir(s->root, path);
	struct dirent *entry;
	size_t count = 0;

	while (dir && (entry = readdir(dir))) {
		struct disk *disk = map_get(s->graph->by_disk, entry->d_name);

		if (!disk)
			continue;
		if (count < size)
			members[count] = disk;
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

/* mountinfo names one member; the others have the words of that one. */
static int read_btrfs_members(struct scanner *s, const char *path)
{
	size_t count = list_members(s, path, NULL, 0);
	struct disk **members = calloc(count + 1, sizeof(struct disk *));
	const char *words = "btrfs (mount not seen)";

	if (!members)
		return -ENOMEM;
	/* One may have been added in between; it is busy all the same. */
	if (list_members(s, path, members, count) < count)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (members[i]->words)
			words = members[i]->words;
	for (size_t i = 0; i < count; i++) {
		members[i]->words = words;
		members[i]->use = USE_MOUNT;
		members[i]->is_member = count > 1;
	}
	free(members);
	return 0;
}

static int read_btrfs(struct scanner *s)
{
	DIR *dir = sysroot_opendir(s->root, "/sys/fs/btrfs");
	char path[SCAN_PATH];
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return 0;
	while (!code && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/fs/btrfs/%s/devices", entry->d_name);
		code = read_btrfs_members(s, path);
	}
	closedir(dir);
	return code;
}

/* kexit may run in a mount namespace of its own (a container, a unit with PrivateMounts=). */
static bool is_own_namespace(const struct scanner *s)
{
	char own[64], first[64];

	return sysroot_readlink(s->root, "/proc/self/ns/mnt", own, sizeof(own)) < 0 ||
	       sysroot_readlink(s->root, "/proc/1/ns/mnt", first, sizeof(first)) < 0 ||
	       !strcmp(own, first);
}

int scan_mounts(struct scanner *s)
{
	int code = read_mountinfo(s, "/proc/self/mountinfo");

	if (!code && !is_own_namespace(s))
		code = read_mountinfo(s, "/proc/1/mountinfo");
	if (!code)
		code = read_swaps(s);
	return code ? code : read_btrfs(s);
}
