// SPDX-License-Identifier: GPL-2.0-or-later
/* Installed kernels; see kernel.h. */
#include "mkboot/kernel.h"

#include "entry/version.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A kernel's image as distributions name it, or NULL where none can be read. */
static const char *find_image(struct arena *arena, const char *root, const char *release)
{
	static const char *const names[] = { "vmlinuz", "vmlinux", "Image" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = arena_printf(arena, "%s/boot/%s-%s", root, names[i], release);

		if (path && !access(path, R_OK))
			return path;
	}
	return NULL;
}

/* The highest release that has an image, too: modules of a removed kernel often stay behind. */
static const char *find_release(struct arena *arena, const char *root, DIR *folder)
{
	const char *best = NULL;
	struct dirent *entry;

	while ((entry = readdir(folder)))
		if (*entry->d_name != '.' && find_image(arena, root, entry->d_name) &&
		    (!best || version_compare(entry->d_name, best) > 0))
			best = arena_strdup(arena, entry->d_name);
	return best;
}

int kernel_find(struct arena *arena, const char *root, const char *release,
		struct kernel *ret_kernel, struct error *e)
{
	struct kernel kernel = { .release = release };
	char *all = arena_printf(arena, "%s/lib/modules", root);
	DIR *folder = all ? opendir(all) : NULL;

	if (!folder)
		return error_set(e, -errno, "%s/lib/modules: %s: no kernel is installed there",
				 root, errno_text(errno));
	if (!release)
		kernel.release = find_release(arena, root, folder);
	closedir(folder);
	if (!kernel.release)
		return error_set(
			e, -ENOENT,
			"%s: no kernel in lib/modules has its image in boot: name one with "
			"--modules and --vmlinuz",
			*root ? root : "/");
	kernel.image = find_image(arena, root, kernel.release);
	kernel.modules = arena_printf(arena, "%s/%s", all, kernel.release);
	if (!kernel.image || access(kernel.modules, X_OK))
		return error_set(e, -ENOENT,
				 "kernel %s: no vmlinuz, vmlinux or Image of it in %s/boot, or no "
				 "%s/%s",
				 kernel.release, root, all, kernel.release);
	*ret_kernel = kernel;
	return 0;
}

int kernel_from_files(struct arena *arena, const char *image, const char *modules,
		      struct kernel *ret_kernel, struct error *e)
{
	char *folder = arena_strdup(arena, modules);
	size_t length = folder ? strlen(folder) : 0;
	const char *slash;

	if (!folder)
		return error_set(e, -ENOMEM, "%s: %s", modules, errno_text(ENOMEM));
	while (length > 1 && folder[length - 1] == '/')
		folder[--length] = '\0';
	if (access(image, R_OK))
		return error_set(e, -errno, "%s: cannot be read: %s", image, errno_text(errno));
	slash = strrchr(folder, '/');
	*ret_kernel = (struct kernel){
		.release = slash ? slash + 1 : folder,
		.image = image,
		.modules = folder,
	};
	return 0;
}
