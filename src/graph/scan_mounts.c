// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words for what uses a disk: mountinfo, swaps; and the file systems that need the network.
 * Those of every mount namespace: a container has mounts that nobody else sees.
 *
 * For a run, O_EXCL's answer is what counts: a ZFS pool, a namespace that no process is in, have no
 * words and are in use all the same.
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
	char *options;	 /* of the superblock */
	const char *who; /* has it in its namespace: "process 42 (sh)"; NULL: this one has */
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
	struct disk *disk = map_get_n(s->graph->by_alias, node, length);

	if (disk || length < 5 || strncmp(node, "/dev/", 5) != 0)
		return disk;
	return map_get_n(s->graph->by_disk, node + 5, length - 5);
}

/* "ext4 on /", "ext4 on /data in the mount namespace of process 42 (dockerd)". */
static const char *mount_words(struct scanner *s, const struct mount *mount)
{
	if (!mount->who)
		return arena_printf(s->graph->arena, "%s on %s", mount->type, mount->point);
	return arena_printf(s->graph->arena, "%s on %s in the mount namespace of %s", mount->type,
			    mount->point, mount->who);
}

/*
 * The root is what a person looks for, that of a container is not; else the first mount stays. A
 * mount tells more than who has its disk open besides.
 */
static int set_mount_words(struct scanner *s, struct disk *disk, const struct mount *mount)
{
	bool is_root = !mount->who && !strcmp(mount->point, "/");

	if (disk->words && disk->use != USE_OPEN && !is_root)
		return 0;
	disk->use = USE_MOUNT;
	disk->words = mount_words(s, mount);
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

/* A namespace begins as a copy of another: what is mounted in both is told once. */
static bool is_told(const struct scanner *s, const struct mount *mount)
{
	char words[SCAN_PATH];

	snprintf(words, sizeof(words), "%s on %s", mount->type, mount->point);
	for (size_t i = 0; i < s->graph->net_user_count; i++)
		if (!strcmp(s->graph->net_users[i], words))
			return true;
	return false;
}

static int read_network_mount(struct scanner *s, const struct mount *mount)
{
	const char *words;
	int code;

	if (has_word(mount->options, "proto=rdma") || has_word(mount->options, "rdma"))
		s->graph->net_uses_rdma = true;
	code = graph_add_string(s->graph, &s->remote_points, &s->remote_count, &s->remote_capacity,
				mount->point);
	if (code || (mount->who && is_told(s, mount)))
		return code;
	words = mount_words(s, mount);
	return words ? net_user_add(s, words) : -ENOMEM;
}

/* A folder of the host: its transport is a virtio device, of which there is rarely more than one. */
static int read_shared_folder(struct scanner *s, const struct mount *mount)
{
	const char *driver = strcmp(mount->type, "9p") != 0 ? "virtiofs" : "9pnet_virtio";
	const char *words = mount_words(s, mount);

	if (!words)
		return -ENOMEM;
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
	struct disk *disk = map_get(s->graph->by_number, mount->dev);

	if (disk)
		return set_mount_words(s, disk, mount);
	if (is_network_type(mount))
		return read_network_mount(s, mount);
	if (!strcmp(mount->type, "9p") || !strcmp(mount->type, "virtiofs"))
		return read_shared_folder(s, mount);
	return mount->source[0] == '/' ? read_anonymous(s, mount) : 0;
}

static int read_mountinfo(struct scanner *s, const char *path, const char *who)
{
	char *text, *line, *save;
	int code = sysroot_read_all(s->root, path, &text);

	if (code)
		return code == -ENOMEM ? code : 0;
	for (line = strtok_r(text, "\n", &save); line && !code;
	     line = strtok_r(NULL, "\n", &save)) {
		struct mount mount = { .who = who };

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

/* Of the namespace of this process. */
int scan_mounts(struct scanner *s)
{
	int code = read_mountinfo(s, "/proc/self/mountinfo", NULL);

	return code ? code : read_swaps(s);
}

int scan_mounts_of(struct scanner *s, const char *pid, const char *who)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.20s/mountinfo", pid);
	return read_mountinfo(s, path, who);
}
