// SPDX-License-Identifier: GPL-2.0-or-later
/* A tree, its overlays, and what firmware knows; see devicetree.h. */
#include "image/devicetree.h"
#include "image/devicetree_firmware.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

/* For nodes that are made, beside what comes from other trees. */
#define ROOM 65536

bool devicetree_is_able(void)
{
	return true;
}

/* All of it, before libfdt changes anything: each offset is checked to be inside. */
static int check(const struct devicetree_blob *blob)
{
	if (blob->length > DEVICETREE_BYTES_MAX)
		return -FDT_ERR_NOSPACE;
	return fdt_check_full(blob->bytes, blob->length);
}

/* As many bytes as @blob has, or may make of another tree: an overlay also adds to its symbols. */
static size_t weight(const struct devicetree_blob *blob)
{
	return blob->length * 2;
}

static size_t room_for(const struct devicetree_wish *wish)
{
	size_t room = wish->base.length + weight(&wish->running) + ROOM;

	for (size_t i = 0; i < wish->overlay_count; i++)
		if (wish->overlays[i].length <= DEVICETREE_BYTES_MAX)
			room += weight(&wish->overlays[i]);
	return room;
}

/* A libfdt error, or 0. What fails leaves both trees broken, so it gets copies; @tree is then untouched. */
static int apply(void *tree, size_t room, const struct devicetree_blob *overlay)
{
	void *copy = malloc(room), *change = malloc(overlay->length ?: 1);
	int r = copy && change ? check(overlay) : -FDT_ERR_NOSPACE;

	if (!r) {
		memcpy(copy, tree, room);
		memcpy(change, overlay->bytes, overlay->length);
		r = fdt_overlay_apply(copy, change);
	}
	/* What it made of the tree is as little to be trusted as the overlay. */
	if (!r)
		r = fdt_check_full(copy, room);
	if (!r)
		memcpy(tree, copy, room);
	free(copy);
	free(change);
	return r;
}

static void apply_all(const struct devicetree_wish *wish, void *tree, size_t room)
{
	for (size_t i = 0; i < wish->overlay_count; i++) {
		int r = apply(tree, room, &wish->overlays[i]);

		if (r && wish->left_out)
			wish->left_out(wish->context, wish->overlays[i].name, fdt_strerror(r));
	}
}

static int change(const struct devicetree_wish *wish, void *tree, size_t room, struct error *e)
{
	int r = fdt_open_into(wish->base.bytes, tree, (int)room);

	if (r)
		return error_set(e, -EBADMSG, "%s: the device tree cannot be changed: %s",
				 wish->base.name, fdt_strerror(r));
	apply_all(wish, tree, room);
	if (wish->running.length)
		r = devicetree_take_firmware(tree, wish->running.bytes, wish->base.name, e);
	if (r)
		return r;
	fdt_pack(tree);
	if (fdt_totalsize(tree) > DEVICETREE_BYTES_MAX)
		return error_set(
			e, -EFBIG,
			"%s: with its overlays the device tree has %u bytes, and no kernel "
			"takes more than %lu",
			wish->base.name, fdt_totalsize(tree), DEVICETREE_BYTES_MAX);
	return 0;
}

int devicetree_make(const struct devicetree_wish *wish, char **ret_bytes, size_t *ret_length,
		    struct error *e)
{
	const struct devicetree_blob *trees[] = { &wish->base, &wish->running };
	size_t room = room_for(wish);
	char *tree;
	int r;

	for (size_t i = 0; i < 2; i++) {
		r = trees[i]->length || !i ? check(trees[i]) : 0;
		if (r)
			return error_set(e, -EBADMSG, "%s: it is no whole device tree: %s",
					 trees[i]->name, fdt_strerror(r));
	}
	tree = calloc(1, room);
	if (!tree)
		return error_set(e, -ENOMEM, "%s: no memory for a device tree", wish->base.name);
	r = change(wish, tree, room, e);
	if (r) {
		free(tree);
		return r;
	}
	*ret_bytes = tree;
	*ret_length = fdt_totalsize(tree);
	return 0;
}
