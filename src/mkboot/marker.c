// SPDX-License-Identifier: GPL-2.0-or-later
/* An archive of one file and a word; see marker.h. */
#include "mkboot/marker.h"

#include "mkboot/archive.h"
#include "sys/boot_image.h"

#include <errno.h>

static int add_file(struct tree *tree)
{
	static const char text[] = "kexit-boot " KEXIT_VERSION "\n";
	struct buffer contents = { 0 };
	int r = buffer_add(&contents, text, sizeof(text) - 1);

	if (!r)
		r = tree_add_file(tree, PART_SYSTEM, BOOT_IMAGE_FILE, false, &contents);
	buffer_done(&contents);
	return r;
}

int marker_begin(struct buffer *initrd, time_t time, struct error *e)
{
	struct tree *tree = tree_new();
	int r = tree ? add_file(tree) : -ENOMEM;

	if (r)
		error_set(e, r, "initramfs: its marker: %s", errno_text(r));
	else
		r = archive_pack(tree, time, initrd, e);
	tree_free(tree);
	return r;
}

const char *marker_command_line(struct arena *arena, const char *command_line)
{
	if (!command_line || !*command_line)
		return BOOT_IMAGE_WORD;
	return arena_printf(arena, "%s %s", BOOT_IMAGE_WORD, command_line);
}
