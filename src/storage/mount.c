// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounting without a write; see mount.h. */
#include "storage/mount.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

static int refused(const char *name, const struct storage_type *type, int code, struct error *e)
{
	if (code == -ENODEV)
		return error_set(e, code,
				 "%s: this kernel cannot read %s, and no module of the image does: "
				 "build the image with it",
				 name, type->filesystem);
	/* The log that was not replayed, or a feature from a newer kernel: both are said in the log. */
	return error_set(e, code, "%s: %s cannot be mounted: %s; see the kernel log", name,
			 type->filesystem, errno_text(code));
}

int storage_mount(const struct sys *sys, const char *name, const struct storage_type *type,
		  const char *more, const char *target, struct error *e)
{
	char source[PATH_MAX], options[256];
	const char *comma = *type->options && more ? "," : "";
	int r;

	snprintf(source, sizeof(source), "/dev/%s", name);
	snprintf(options, sizeof(options), "%s%s%s", type->options, comma, more ?: "");
	r = sys_mount(sys, source, target, type->filesystem, options);
	return r < 0 ? refused(name, type, r, e) : 0;
}
