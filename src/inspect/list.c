// SPDX-License-Identifier: GPL-2.0-or-later
/* PCI functions by address; see list.h. */
#include "inspect/list.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEVICES "/sys/bus/pci/devices"

static int compare_addresses(const void *a, const void *b)
{
	const struct listed_function *left = a, *right = b;

	/* Domains beyond ffff (VMD) have a longer name and come last. */
	if (strlen(left->address) != strlen(right->address))
		return strlen(left->address) < strlen(right->address) ? -1 : 1;
	return strcmp(left->address, right->address);
}

/* One link of the folder. A captured tree may hold the folder itself in its place. */
static int add_function(const struct sysroot *root, const char *name, struct function_list *list,
			size_t *capacity)
{
	char link[PATH_MAX], path[PATH_MAX];
	struct listed_function *item;

	if (list->count == *capacity) {
		size_t grown = *capacity ? 2 * *capacity : 64;
		void *items = realloc(list->items, grown * sizeof(*list->items));

		if (!items)
			return -ENOMEM;
		list->items = items;
		*capacity = grown;
	}
	item = &list->items[list->count];
	if (snprintf(item->address, sizeof(item->address), "%s", name) >=
	    (int)sizeof(item->address))
		return 0;
	snprintf(link, sizeof(link), DEVICES "/%s", name);
	item->path = strdup(sysroot_resolve(root, link, path, sizeof(path)) > 0 ? path : link);
	if (!item->path)
		return -ENOMEM;
	list->count++;
	return 0;
}

int function_list_read(const struct sysroot *root, struct function_list *ret_list)
{
	struct function_list list = { 0 };
	DIR *dir = sysroot_opendir(root, DEVICES);
	size_t capacity = 0;
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	while (!r && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			r = add_function(root, entry->d_name, &list, &capacity);
	closedir(dir);
	if (r) {
		function_list_done(&list);
		return r;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), compare_addresses);
	*ret_list = list;
	return 0;
}

void function_list_done(struct function_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].path);
	free(list->items);
	*list = (struct function_list){ 0 };
}

static bool address_matches(const char *address, const char *name)
{
	if (!strcasecmp(address, name))
		return true;
	return !strncmp(address, "0000:", 5) && !strcasecmp(address + 5, name);
}

const struct listed_function *function_list_find(const struct function_list *list, const char *name)
{
	char last[PATH_MAX];
	size_t length;
	const char *slash;

	if (snprintf(last, sizeof(last), "%s", name) >= (int)sizeof(last))
		return NULL;
	for (length = strlen(last); length && last[length - 1] == '/'; length--)
		last[length - 1] = '\0';
	slash = strrchr(last, '/');
	for (size_t i = 0; i < list->count; i++)
		if (address_matches(list->items[i].address, slash ? slash + 1 : last))
			return &list->items[i];
	return NULL;
}
