// SPDX-License-Identifier: GPL-2.0-or-later
/* Installed kernels; see kernel.h. */
#include "mkboot/kernel.h"

#include "entry/version.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define X86_MAGIC_AT	 0x202
#define X86_VERSION_AT	 0x20e /* 16 bits, of a string: its place less this: */
#define X86_VERSION_BASE 0x200

/* Where modules lie; a system whose /lib is a link has them at both. */
static const char *const module_folders[] = { "usr/lib/modules", "lib/modules" };

#define MODULE_FOLDERS (sizeof(module_folders) / sizeof(module_folders[0]))

/* A kernel's image as distributions name it, in /boot or beside its modules (kernel-install(8)), which
 * are in @modules; NULL where there is none. */
static const char *find_image(struct arena *arena, const char *root, const char *modules,
			      const char *release)
{
	static const char *const names[] = { "vmlinuz", "vmlinux", "Image" };
	static const size_t count = sizeof(names) / sizeof(names[0]);

	for (size_t i = 0; i < 2 * count; i++) {
		const char *name = names[i % count];
		char *path = i < count ? arena_printf(arena, "%s/boot/%s-%s", root, name, release)
				       : arena_printf(arena, "%s/%s", modules, name);

		if (path && !access(path, F_OK))
			return path;
	}
	return NULL;
}

/* Makes @kernel the kernel whose modules are in @all/@release, if it has an image, too: modules of a
 * removed kernel often stay behind. */
static void take_if_newer(struct arena *arena, const char *root, const char *all,
			  const char *release, struct kernel *kernel)
{
	const char *modules = arena_printf(arena, "%s/%s", all, release);
	const char *image = modules && !access(modules, X_OK)
				    ? find_image(arena, root, modules, release)
				    : NULL;

	if (!image || (kernel->release && version_compare(release, kernel->release) <= 0))
		return;
	kernel->release = arena_strdup(arena, release);
	kernel->modules = modules;
	kernel->image = image;
}

static void find_newest(struct arena *arena, const char *root, const char *all,
			struct kernel *kernel)
{
	DIR *folder = opendir(all);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (*entry->d_name != '.')
			take_if_newer(arena, root, all, entry->d_name, kernel);
	if (folder)
		closedir(folder);
}

static const char *first_word(struct arena *arena, const char *at, const char *end)
{
	const char *stop = at;

	while (stop<end && * stop> ' ')
		stop++;
	return arena_strndup(arena, at, (size_t)(stop - at));
}

/*
 * The release that the image itself names, NULL where it names none: an x86 image in its header
 * (Linux: Documentation/arch/x86/boot.rst, kernel_version), one that is not compressed in its banner.
 */
static const char *release_of(struct arena *arena, const struct buffer *image)
{
	static const char banner[] = "Linux version ";
	const unsigned char *data = (const unsigned char *)image->data;
	const char *at = NULL, *end = image->data + image->size;

	if (image->size > X86_MAGIC_AT + 4 && !memcmp(data + X86_MAGIC_AT, "HdrS", 4)) {
		size_t offset = data[X86_VERSION_AT] | (size_t)data[X86_VERSION_AT + 1] << 8;

		if (offset && offset + X86_VERSION_BASE < image->size)
			at = image->data + offset + X86_VERSION_BASE;
	} else if (image->size) {
		at = image->data;
		/* A kernel has the words of /proc/version's format too: a digit tells them apart. */
		do {
			at = memmem(at, (size_t)(end - at), banner, sizeof(banner) - 1);
			at = at ? at + sizeof(banner) - 1 : NULL;
		} while (at && at < end && (*at < '0' || *at > '9'));
	}
	return at ? first_word(arena, at, end) : NULL;
}

/* Modules of another kernel would all be refused, one by one, where nobody can do anything about it. */
static int check_release(struct arena *arena, const struct kernel *kernel, struct error *e)
{
	struct buffer image = { 0 };
	int r = buffer_read(&image, kernel->image, e);
	const char *release;

	if (r)
		return r;
	release = release_of(arena, &image);
	buffer_done(&image);
	if (!release || !strcmp(release, kernel->release))
		return 0;
	return error_set(e, -EXDEV, "%s is Linux %s, and the modules in %s are of %s",
			 kernel->image, release, kernel->modules, kernel->release);
}

/* Absolute and without links, as libkmod names its modules; its last part is the release. */
static int settle(struct arena *arena, const char *folder, struct kernel *kernel, struct error *e)
{
	char *real = realpath(folder, NULL);

	if (!real)
		return error_set(e, -errno, "%s: %s", folder, errno_text(errno));
	kernel->modules = arena_strdup(arena, real);
	free(real);
	if (!kernel->modules)
		return error_set(e, -ENOMEM, "%s: %s", folder, errno_text(ENOMEM));
	if (!kernel->release)
		kernel->release = strrchr(kernel->modules, '/') + 1;
	return check_release(arena, kernel, e);
}

int kernel_find(struct arena *arena, const char *root, const char *release,
		struct kernel *ret_kernel, struct error *e)
{
	struct kernel kernel = { .release = NULL };
	const char *modules;
	int r;

	for (size_t i = 0; i < MODULE_FOLDERS; i++) {
		char *all = arena_printf(arena, "%s/%s", root, module_folders[i]);

		if (all && release)
			take_if_newer(arena, root, all, release, &kernel);
		else if (all)
			find_newest(arena, root, all, &kernel);
	}
	if (!kernel.release)
		return error_set(e, -ENOENT,
				 "%s: %s%s in usr/lib/modules or lib/modules has its image "
				 "(vmlinuz, vmlinux or Image) there or in boot: name one with "
				 "--modules and --vmlinuz",
				 *root ? root : "/", release ? "no kernel " : "no kernel",
				 release ?: "");
	modules = kernel.modules;
	r = settle(arena, modules, &kernel, e);
	if (!r)
		*ret_kernel = kernel;
	return r;
}

int kernel_from_files(struct arena *arena, const char *image, const char *modules,
		      struct kernel *ret_kernel, struct error *e)
{
	struct kernel kernel = { .image = image };
	int r = settle(arena, modules, &kernel, e);

	if (!r)
		*ret_kernel = kernel;
	return r;
}
