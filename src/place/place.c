// SPDX-License-Identifier: GPL-2.0-or-later
/* The places of boot files; see place.h. */
#include "place/place.h"
#include "base/error.h"
#include "place/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const entry_places[] = { "", "/boot", "/efi", "/boot/efi", NULL };

const char *entry_place_find(struct arena *arena, const struct fsroot *root, const char *place,
			     const char *path)
{
	const char *from_root = fsroot_tidy(arena, path);
	char *from_place;

	if (!from_root || !*place || fsroot_is_file(root, from_root))
		return from_root;
	from_place = arena_printf(arena, "%s%s", place, from_root);
	if (from_place && !fsroot_is_file(root, from_place))
		return from_root;
	return from_place;
}

const char *entry_place_path(struct entry_list *list, const struct fsroot *root, const char *place,
			     const char *path)
{
	return entry_place_find(list->arena, root, place, path);
}

static bool is_wanted(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	return name[0] != '.' && length > tail && !strcasecmp(name + length - tail, suffix);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int collect(struct entry_list *list, DIR *dir, const char *suffix, char ***names,
		   size_t *count)
{
	const struct dirent *item;
	size_t capacity = 0;

	while ((item = readdir(dir))) {
		char *copy;

		if (!is_wanted(item->d_name, suffix))
			continue;
		if (*count == ENTRY_FILES_MAX)
			return 1;
		copy = arena_strdup(list->arena, item->d_name);
		if (!copy || arena_grow(list->arena, names, &capacity, *count + 1, sizeof(char *)))
			return -ENOMEM;
		(*names)[(*count)++] = copy;
	}
	return 0;
}

int entry_place_list(struct entry_list *list, const struct entry_source *source, const char *path,
		     const char *suffix, char ***ret_names, size_t *ret_count)
{
	DIR *dir = fsroot_opendir(source->root, path);
	char **names = NULL;
	size_t count = 0;
	int r;

	*ret_count = 0;
	/* Not there is no fault; /boot/efi that only root may read is what a person should know. */
	if (!dir && (errno == EACCES || errno == EPERM || errno == EIO))
		return entry_list_problem(list, source, path, 0, "cannot be read: %s",
					  errno_text(errno));
	if (!dir)
		return 0;
	r = collect(list, dir, suffix, &names, &count);
	closedir(dir);
	if (r > 0)
		r = entry_list_problem(list, source, path, 0,
				       "more than %d files: the others are not looked at",
				       ENTRY_FILES_MAX);
	if (r)
		return r;
	if (count)
		qsort(names, count, sizeof(*names), compare_names);
	*ret_names = names;
	*ret_count = count;
	return 0;
}

static int explain(struct entry_list *list, const struct entry_source *source, const char *path,
		   size_t limit, int code)
{
	switch (code) {
	case -ENOMEM:
		return code;
	case -EFBIG:
		return entry_list_problem(list, source, path, 0,
					  "longer than %zu bytes: not what it should be", limit);
	case -EXDEV:
		return entry_list_problem(list, source, path, 0,
					  "a link that leads to another file system");
	case -EISDIR:
	case -EINVAL:
		return entry_list_problem(list, source, path, 0, "not a regular file");
	default:
		return entry_list_problem(list, source, path, 0, "cannot be read: %s",
					  errno_text(code));
	}
}

int entry_place_read(struct entry_list *list, const struct entry_source *source, const char *path,
		     size_t limit, char **ret_text)
{
	size_t length = 0;
	char *text = NULL;
	int code = fsroot_read(source->root, path, limit, &text, &length);

	*ret_text = NULL;
	if (code)
		return explain(list, source, path, limit, code);
	if (!length)
		code = entry_list_problem(list, source, path, 0, "empty: was it written in full?");
	else if (!lines_is_text(text, length))
		code = entry_list_problem(list, source, path, 0, "not a text file");
	else {
		*ret_text = text;
		return 0;
	}
	free(text);
	return code;
}

/* The file system of a device that is named. Errors of entry_source.find(). */
static int find_device(const struct entry_source *source, const char *device,
		       const struct fsroot **ret_root)
{
	*ret_root = source->root;
	if (!source->find)
		return 0;
	if (!strncasecmp(device, "uuid=", 5))
		return source->find(source, ENTRY_VOLUME_UUID, device + 5, ret_root);
	if (!strncasecmp(device, "label=", 6))
		return source->find(source, ENTRY_VOLUME_LABEL, device + 6, ret_root);
	if (!strncmp(device, "/dev/", 5))
		device += 5;
	return source->find(source, ENTRY_VOLUME_NAME, device, ret_root);
}

int entry_place_device_path(struct entry_list *list, const struct entry_source *source,
			    const char *place, struct entry *entry, const char *name,
			    struct entry_file *ret_file)
{
	const char *colon = strchr(name, ':'), *device, *path;
	const struct fsroot *root;
	int r;

	if (colon && !strncmp(colon, "://", 3))
		return entry_grey(list, entry, "%s lies on the network, which kexit does not read",
				  name);
	if (!colon) {
		path = entry_place_path(list, source->root, place, name);
		*ret_file = (struct entry_file){ .root = source->root, .path = path };
		return path ? 0 : -ENOMEM;
	}
	device = arena_strndup(list->arena, name, (size_t)(colon - name));
	path = entry_path(list, colon + 1);
	if (!device || !path)
		return -ENOMEM;
	r = find_device(source, device, &root);
	if (r)
		return entry_grey(list, entry, "the disk of %s: %s", name,
				  r == -ENOENT ? "it is not there" : errno_text(r));
	*ret_file = (struct entry_file){ .root = root, .path = path };
	return 0;
}

int entry_place_first(struct entry_list *list, const struct entry_source *source,
		      const char *const *paths, const char **ret_place, const char **ret_path)
{
	*ret_path = NULL;
	for (size_t i = 0; paths[i]; i++) {
		for (size_t k = 0; entry_places[k]; k++) {
			const char *path =
				arena_printf(list->arena, "%s%s", entry_places[k], paths[i]);

			if (!path)
				return -ENOMEM;
			if (!fsroot_is_file(source->root, path))
				continue;
			*ret_place = entry_places[k];
			*ret_path = path;
			return 0;
		}
	}
	return 0;
}
