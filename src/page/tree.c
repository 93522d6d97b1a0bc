// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device tree as sysfs has it, each device in the colour of what became of it. Sorted by path, a
 * device comes right behind what it sits on, so the tree is written in one pass and never built.
 */
#include "page/html.h"
#include "page/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

/* As paths sort with '/' below every other byte: a folder, all in it, then its neighbour. */
static int compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	if (*a == *b)
		return 0;
	if (!*a || !*b)
		return *a ? 1 : -1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int by_path(const void *a, const void *b)
{
	return compare_paths((*(struct device_facts *const *)a)->path,
			     (*(struct device_facts *const *)b)->path);
}

static bool is_within(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !strncmp(path, folder, length) && path[length] == '/';
}

/* What lies between the first @skip bytes of its path and the device: "0000:00:1c.0 / ", to which nothing
 * was done. */
static void write_way(FILE *out, const struct device_facts *device, size_t skip)
{
	const char *from = device->path + skip, *to = device->name;

	while (from < to && *from == '/')
		from++;
	if (from >= to)
		return;
	fputs("<span class=\"way\">", out);
	while (from < to) {
		size_t length = strcspn(from, "/");

		html_part(out, from, length);
		fputs(" / ", out);
		from += length + 1;
	}
	fputs("</span>", out);
}

static void write_node(FILE *out, const struct device_facts *device, size_t skip)
{
	fprintf(out, "<li><span class=\"node %s%s\" title=\"%s: ", became_class(device->became),
		device->is_critical ? " critical" : "", became_name(device->became));
	html_text(out, device->reason);
	fprintf(out, "\"><i>%s</i>", became_mark(device->became));
	write_way(out, device, skip);
	html_element(out, "b", "name", device->name);
	if (*device->driver)
		html_element(out, "span", "driver", device->driver);
	if (device->links)
		html_element(out, "span", "link", device->links);
	fputs("</span>", out);
}

/* The length of the first folder of @path below /devices: the host bridge, or the bus of a platform. */
static size_t root_length(const char *path)
{
	size_t length = strcspn(path, "/");

	if (!strncmp(path, "/devices/", 9))
		length = 9 + strcspn(path + 9, "/");
	return length;
}

static void write_root(FILE *out, const char *path, size_t length)
{
	const char *name = path;

	fputs("<h3>", out);
	for (size_t i = 0; i < length; i++)
		if (path[i] == '/')
			name = path + i + 1;
	html_part(out, name, (size_t)(path + length - name));
	fputs("</h3>\n", out);
}

/* The folders that the node being written lies in, as deep as they are open. */
struct folders {
	const char *path[DEPTH_MAX];
	size_t depth;
};

static void close_folders(FILE *out, struct folders *folders, const char *path)
{
	while (folders->depth && !(path && is_within(path, folders->path[folders->depth - 1]))) {
		fputs("</li></ul>\n", out);
		folders->depth--;
	}
}

/* A list for each node: one of one is as good to see as one of many, and closes by itself. */
static void write_nodes(FILE *out, struct device_facts *const order[], size_t count)
{
	struct folders folders = { 0 };
	const char *root = "";
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		const char *path = order[i]->path;

		close_folders(out, &folders, path);
		if (root_length(path) != length || strncmp(path, root, length) != 0) {
			root = path;
			length = root_length(path);
			write_root(out, root, length);
		}
		fputs("<ul>", out);
		write_node(out, order[i],
			   folders.depth ? strlen(folders.path[folders.depth - 1]) : length);
		if (folders.depth == DEPTH_MAX)
			fputs("</li></ul>\n", out);
		else
			folders.path[folders.depth++] = path;
	}
	close_folders(out, &folders, NULL);
}

int tree_write(FILE *out, const struct facts *facts)
{
	struct device_facts **order = calloc(facts->count + 1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < facts->count; i++)
		order[i] = &facts->devices[i];
	qsort(order, facts->count, sizeof(*order), by_path);
	fputs("<section id=\"tree\">\n<h2>The device tree</h2>\n<div class=\"tree\">\n", out);
	write_nodes(out, order, facts->count);
	fputs("</div>\n</section>\n", out);
	free(order);
	return 0;
}
