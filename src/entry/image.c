// SPDX-License-Identifier: GPL-2.0-or-later
/* A boot entry's files, opened; see image.h. */
#include "entry/image.h"
#include "base/arena.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct entry_image {
	struct arena *arena; /* this struct lies in it, too */
	struct image_request request;
	struct image_part kernel, devicetree;
	struct image_part *initrds, *overlays;
	size_t initrd_count, overlay_count; /* that are open */
};

static int open_part(struct entry_image *image, const struct entry_file *file, const char *role,
		     struct image_part *part, const char **ret_name, struct error *e)
{
	const char *name = arena_printf(image->arena, "%s%s", fsroot_path(file->root), file->path);
	int fd;

	if (!name)
		return error_set(e, -ENOMEM, "%s: %m", file->path);
	fd = fsroot_open_file(file->root, file->path, NULL);
	if (fd < 0)
		return error_set(e, fd, "%s: %s cannot be opened: %s", name, role, errno_text(fd));
	*part = (struct image_part){ .fd = fd, .offset = file->offset, .length = file->length };
	*ret_name = name;
	return 0;
}

static int open_kernel(struct entry_image *image, const struct entry *entry, struct error *e)
{
	int code = open_part(image, &entry->kernel, "the kernel", &image->kernel,
			     &image->request.kernel, e);

	image->request.kernel_part = &image->kernel;
	return code;
}

/* Opens @files, and says how many are open by now in *@ret_count, also on failure. */
static int open_parts(struct entry_image *image, const struct entry_file *files, size_t count,
		      const char *role, const char *const **ret_names,
		      struct image_part **ret_parts, size_t *ret_count, struct error *e)
{
	const char **names = arena_alloc(image->arena, (count + 1) * sizeof(*names));
	struct image_part *parts = arena_alloc(image->arena, (count + 1) * sizeof(*parts));

	if (!names || !parts)
		return error_set(e, -ENOMEM, "%s: %m", role);
	*ret_names = names;
	*ret_parts = parts;
	for (size_t i = 0; i < count; i++) {
		int code = open_part(image, &files[i], role, &parts[i], &names[i], e);

		if (code)
			return code;
		++*ret_count;
	}
	return 0;
}

static int open_initrds(struct entry_image *image, const struct entry *entry, struct error *e)
{
	int code = open_parts(image, entry->initrds, entry->initrd_count, "the initrd",
			      &image->request.initrds, &image->initrds, &image->initrd_count, e);

	image->request.initrd_parts = image->initrds;
	image->request.initrd_count = image->initrd_count;
	return code;
}

/* An x86 kernel takes none, and a unified kernel image that is for several boards may have one. */
static bool takes_devicetree(void)
{
	struct utsname name;

	return !uname(&name) && strcmp(name.machine, "x86_64") != 0 &&
	       strcmp(name.machine, "i686") != 0;
}

static int open_devicetree(struct entry_image *image, const struct entry *entry, struct error *e)
{
	int code;

	if (!entry->devicetree.root || !takes_devicetree())
		return 0;
	code = open_part(image, &entry->devicetree, "the device tree", &image->devicetree,
			 &image->request.dtb, e);
	image->request.dtb_part = &image->devicetree;
	image->request.is_board_tree = true;
	code = code
		       ?: open_parts(image, entry->overlays, entry->overlay_count, "the overlay",
				     &image->request.overlays, &image->overlays,
				     &image->overlay_count, e);
	image->request.overlay_parts = image->overlays;
	image->request.overlay_count = image->overlay_count;
	return code;
}

static int join_options(struct entry_image *image, const struct entry *entry, const char *append,
			struct error *e)
{
	const char *options = entry->options ?: "", *more = append ?: "";
	const char *joined =
		arena_printf(image->arena, "%s%s%s", options, *options && *more ? " " : "", more);

	image->request.append = joined;
	return joined ? 0 : error_set(e, -ENOMEM, "%s: %m", entry->id);
}

int entry_image_open(const struct entry *entry, const char *append, struct entry_image **ret_image,
		     struct error *e)
{
	struct arena *arena = arena_new();
	struct entry_image *image = arena ? arena_alloc(arena, sizeof(*image)) : NULL;
	int code;

	if (!image) {
		arena_free(arena);
		return error_set(e, -ENOMEM, "%s: %m", entry->id);
	}
	image->arena = arena;
	image->kernel.fd = image->devicetree.fd = -1;
	if (entry->greyed)
		code = error_set(e, -EINVAL, "'%s' cannot be booted: %s", entry->id, entry->greyed);
	else
		code = open_kernel(image, entry, e);
	code = code ?: open_initrds(image, entry, e);
	code = code ?: open_devicetree(image, entry, e);
	code = code ?: join_options(image, entry, append, e);
	if (code) {
		entry_image_close(image);
		return code;
	}
	*ret_image = image;
	return 0;
}

void entry_image_close(struct entry_image *image)
{
	if (!image)
		return;
	if (image->kernel.fd >= 0)
		close(image->kernel.fd);
	if (image->devicetree.fd >= 0)
		close(image->devicetree.fd);
	for (size_t i = 0; i < image->initrd_count; i++)
		close(image->initrds[i].fd);
	for (size_t i = 0; i < image->overlay_count; i++)
		close(image->overlays[i].fd);
	arena_free(image->arena);
}

struct image_request *entry_image_request(struct entry_image *image)
{
	return &image->request;
}
