// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probe (GRUB manual, "probe"): "probe --set=rootuuid --fs-uuid $root", for root=UUID=.
 *
 * Of all that it can tell, the UUID is what we may know. What is not known marks the variable, so that
 * entries that need it are grey.
 */
#include "grub/interpreter.h"
#include "grub/option.h"

#include <errno.h>
#include <string.h>

/* The UUID of the device @name, in brackets or not; NULL: it is not known. */
static int find_uuid(struct grub *g, const char *name, const char **ret_uuid)
{
	const char *bare = *name == '(' ? name + 1 : name, *path, *reason;
	const char *text = arena_printf(g->arena, "(%.*s)/", (int)strcspn(bare, ")"), bare);
	const struct fsroot *root;
	int r = text ? grub_path(g, text, &root, &path, &reason) : -ENOMEM;

	if (r == -ENOENT)
		return GRUB_NO_DEVICE;
	if (!r)
		*ret_uuid = g->host->uuid(g->host, root);
	return r;
}

int grub_probe(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	enum { SET, UUID };
	struct grub_option options[] = {
		[SET] = { .name = "set", .letter = 's', .kind = GRUB_OPTION_VALUE },
		[UUID] = { .name = "fs-uuid", .letter = 'u' },
		{ .name = "driver", .letter = 'd' },
		{ .name = "partmap", .letter = 'p' },
		{ .name = "fs", .letter = 'f' },
		{ .name = "label", .letter = 'l' },
		{ .name = "part-uuid" },
		{ .name = NULL },
	};
	struct grub_options all = { .options = options };
	const char *value = NULL;
	int r = grub_options_take(&all, argc, argv, &argc);

	if (r)
		return r == -ENOEXEC ? 0 : r;
	if (argc < 2)
		return GRUB_BAD_ARGUMENT;
	if (options[UUID].is_set)
		r = find_uuid(g, argv[1], &value);
	if (r || !options[SET].is_set)
		return r;
	return grub_set(g, node, options[SET].value, value ?: GRUB_UNKNOWN);
}
