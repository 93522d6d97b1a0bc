// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every process once: what it holds open, and the mount namespace it is in.
 *
 * A node is known by its number, since a container may call it anything. It is asked of whatever may
 * be one, by a call that waits for no server; files on network file systems are passed over.
 */
#include "base/error.h"
#include "graph/scanner.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* No device that kexit asks about is found there; they are most of what is open. */
static const char *const dull[] = {
	"/dev/console",	  "/dev/full",	  "/dev/fuse",	  "/dev/hugepages/", "/dev/kmsg",
	"/dev/kvm",	  "/dev/mqueue/", "/dev/net/tun", "/dev/null",	     "/dev/ptmx",
	"/dev/pts/",	  "/dev/random",  "/dev/shm/",	  "/dev/tty",	     "/dev/urandom",
	"/dev/vhost-net", "/dev/zero",	  "/memfd:",	  "/proc/",	     "/sys/",
	"/usr/",	  "/var/log/",
};

static bool is_dull(const char *path)
{
	for (size_t i = 0; i < sizeof(dull) / sizeof(dull[0]); i++)
		if (!strncmp(path, dull[i], strlen(dull[i])))
			return true;
	return false;
}

static bool is_remote(const struct scanner *s, const char *path)
{
	if (!strncmp(path, "/dev/", 5))
		return false;
	for (size_t i = 0; i < s->remote_count; i++) {
		size_t length = strlen(s->remote_points[i]);

		if (!strncmp(path, s->remote_points[i], length) &&
		    (path[length] == '/' || !path[length]))
			return true;
	}
	return false;
}

/* A VFIO device's own descriptor, and a performance counter's, do not tell which device. */
static int read_anonymous(struct scanner *s, const char *pid, const char *text, bool *ret_vfio)
{
	if (strstr(text, "[vfio-device]"))
		*ret_vfio = true;
	if (s->perf_holder || !strstr(text, "[perf_event]"))
		return 0;
	s->perf_holder = process_name(s, pid);
	return s->perf_holder ? 0 : -ENOMEM;
}

static int read_node(struct scanner *s, int folder, const struct node_holder *holder)
{
	bool is_block;
	dev_t number;

	if (is_resource(holder->node))
		return resource_held(s, holder);
	if (is_dull(holder->node) || is_remote(s, holder->node))
		return 0;
	if (sysroot_is_captured(s->root))
		return strncmp(holder->node, "/dev/", 5) != 0 ? 0 : node_held_by_name(s, holder);
	if (file_device_at(folder, holder->fd, &is_block, &number))
		return 0;
	return node_held(s, holder, is_block, number);
}

static int process_is_unseen(struct scanner *s, int code)
{
	s->unseen = arena_printf(s->graph->arena, "%s on /proc/*/fd", errno_name(-code));
	return s->unseen ? 1 : -ENOMEM;
}

/* 0, -ENOMEM, or 1 when it could not be looked at. A process that ended has none. */
static int read_descriptors(struct scanner *s, const char *pid, bool *ret_vfio)
{
	char path[64], node[SCAN_PATH];
	struct dirent *entry;
	int code = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = sysroot_opendir(s->root, path);
	if (!dir)
		return errno == ENOENT || errno == ESRCH ? 0 : process_is_unseen(s, errno);
	while (!code && (entry = readdir(dir))) {
		struct node_holder holder = { .pid = pid, .node = node, .fd = entry->d_name };
		ssize_t n = file_readlink_at(dirfd(dir), entry->d_name, node, sizeof(node));

		if (n == -EACCES || n == -EPERM)
			code = process_is_unseen(s, (int)-n);
		else if (n > 0 && node[0] == '/')
			code = read_node(s, dirfd(dir), &holder);
		else if (n > 0)
			code = read_anonymous(s, pid, node, ret_vfio);
	}
	closedir(dir);
	return code;
}

/* True once for each namespace but the own. */
static int meet_namespace(struct scanner *s, const char *pid, bool *ret_is_new)
{
	char path[64], text[64];
	const char *copy;

	*ret_is_new = false;
	snprintf(path, sizeof(path), "/proc/%.20s/ns/mnt", pid);
	if (sysroot_readlink(s->root, path, text, sizeof(text)) < 0 || map_get(s->namespaces, text))
		return 0;
	copy = arena_strdup(s->graph->arena, text);
	*ret_is_new = true;
	return copy ? map_put(s->namespaces, copy, s) : -ENOMEM;
}

static int read_mounts(struct scanner *s, const char *pid)
{
	const char *who;
	bool is_new;
	int code = meet_namespace(s, pid, &is_new);

	if (code || !is_new)
		return code;
	who = process_name(s, pid);
	return who ? scan_mounts_of(s, pid, who) : -ENOMEM;
}

static int read_process(struct scanner *s, const char *pid)
{
	size_t held = s->vfio_held;
	bool has_vfio = false;
	int code = read_mounts(s, pid);

	if (!code)
		code = read_descriptors(s, pid, &has_vfio);
	if (code > 0)
		code = 0;
	if (code || !has_vfio || s->vfio_held > held || process_is_own(s, pid))
		return code;
	s->vfio_holder = process_name(s, pid);
	return s->vfio_holder ? 0 : -ENOMEM;
}

/* Which counters it has is not told: those of the memory and the links between processors go away
 * under it, and their driver does not wait. */
static int use_counters(struct scanner *s)
{
	struct graph *graph = s->graph;
	char words[256];
	int code = 0;

	if (!s->perf_holder)
		return 0;
	snprintf(words, sizeof(words), "%s counts events (perf_event), perhaps on it",
		 s->perf_holder);
	for (size_t i = 0; i < graph->device_count && !code; i++) {
		struct device *device = graph->devices[i];

		if (device->driver && strstr(device->driver, "uncore"))
			code = graph_add_use(graph, device, USE_OPEN, words);
	}
	return code;
}

int scan_processes(struct scanner *s)
{
	DIR *dir = sysroot_opendir(s->root, "/proc");
	struct dirent *entry;
	bool is_new;
	int code = meet_namespace(s, "self", &is_new);

	if (!dir)
		s->unseen = "/proc is not there";
	while (dir && !code && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			code = read_process(s, entry->d_name);
	if (dir)
		closedir(dir);
	return code ? code : use_counters(s);
}
