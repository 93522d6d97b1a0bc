// SPDX-License-Identifier: GPL-2.0-or-later
/* From files to bytes, and back to a file that kexec-tools can read; see board_tree.h. */
#include "image/board_tree.h"
#include "image/devicetree.h"
#include "image/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The tree that this kernel was started with; readable for root alone. */
#define RUNNING_TREE "/sys/firmware/fdt"

static int read_range(const struct file_range *range, char *bytes)
{
	unsigned long long at = 0;

	while (at < range->bytes) {
		ssize_t n = pread(range->fd, bytes + at, range->bytes - at,
				  (off_t)(range->offset + at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO; /* it was cut meanwhile */
		at += (unsigned long long)n;
	}
	return 0;
}

/* blob->bytes are the caller's to free. */
static int read_blob(const char *path, const struct image_part *part, const char *role,
		     struct devicetree_blob *blob, struct error *e)
{
	struct file_range range;
	char *bytes;
	int r = file_open(path, part, role, &range, e);

	if (r)
		return r;
	/* What is too large fails there as what it is. */
	if (range.bytes > DEVICETREE_BYTES_MAX)
		range.bytes = DEVICETREE_BYTES_MAX + 1;
	bytes = malloc(range.bytes);
	r = bytes ? read_range(&range, bytes) : -ENOMEM;
	close(range.fd);
	if (r) {
		free(bytes);
		return error_set(e, r, "%s: %s cannot be read: %s", path, role, errno_text(r));
	}
	*blob = (struct devicetree_blob){ path, bytes, range.bytes };
	return 0;
}

static void read_running(const struct sysroot *root, struct devicetree_blob *blob)
{
	char *bytes = malloc(DEVICETREE_BYTES_MAX + 1);
	int fd = bytes ? sysroot_openat(root, RUNNING_TREE, O_RDONLY) : -ENOMEM;
	size_t length = 0;
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && length <= DEVICETREE_BYTES_MAX) {
		n = read(fd, bytes + length, DEVICETREE_BYTES_MAX + 1 - length);
		length += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	*blob = (struct devicetree_blob){ RUNNING_TREE, bytes, length };
}

static void leave_out(void *context, const char *name, const char *why)
{
	struct image *image = context;

	if (!*image->note)
		snprintf(image->note, sizeof(image->note),
			 "%s: left out, as U-Boot does with an overlay that does not fit: %s", name,
			 why);
}

static int write_tree(const char *bytes, size_t length, int *ret_fd)
{
	int fd = memfd_create("kexit-tree", MFD_CLOEXEC), r = fd < 0 ? -errno : 0;

	for (size_t at = 0; !r && at < length;) {
		ssize_t n = write(fd, bytes + at, length - at);

		if (n < 0 && errno != EINTR)
			r = -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	if (r && fd >= 0)
		close(fd);
	if (!r)
		*ret_fd = fd;
	return r;
}

static int make(const struct devicetree_wish *wish, struct image *image, struct error *e)
{
	size_t length;
	char *bytes;
	int r = devicetree_make(wish, &bytes, &length, e);

	if (r)
		return r;
	r = write_tree(bytes, length, &image->dtb_fd);
	free(bytes);
	image->is_dtb_made = !r;
	return r ? error_set(e, r, "%s: no memory for a device tree: %s", wish->base.name,
			     errno_text(r))
		 : 0;
}

/* One that cannot be read is left out as one that does not fit. */
static void read_overlays(const struct image_request *request, struct image *image,
			  struct devicetree_blob *blobs, size_t *ret_count)
{
	size_t count = 0;

	for (size_t i = 0; i < request->overlay_count; i++) {
		struct error e = ERROR_NONE;

		if (!read_blob(request->overlays[i], &request->overlay_parts[i], "the overlay",
			       &blobs[count], &e))
			count++;
		else
			leave_out(image, request->overlays[i], errno_text(e.code));
	}
	*ret_count = count;
}

int board_tree_open(const struct sysroot *root, struct image *image, struct error *e)
{
	const struct image_request *request = image->request;
	struct devicetree_blob *overlays = calloc(request->overlay_count + 1, sizeof(*overlays));
	struct devicetree_wish wish = { .left_out = leave_out, .context = image };
	int r = overlays ? 0 : error_set(e, -ENOMEM, "%s: no memory", request->dtb);

	r = r ?: read_blob(request->dtb, request->dtb_part, "the device tree", &wish.base, e);
	if (!r) {
		read_overlays(request, image, overlays, &wish.overlay_count);
		wish.overlays = overlays;
		read_running(root, &wish.running);
		r = make(&wish, image, e);
	}
	for (size_t i = 0; i < wish.overlay_count; i++)
		free((void *)(uintptr_t)overlays[i].bytes);
	free(overlays);
	free((void *)(uintptr_t)wish.base.bytes);
	free((void *)(uintptr_t)wish.running.bytes);
	return r;
}
