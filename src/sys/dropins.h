/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of settings in a vendor's folder and in the administrator's, read through the machine's root, so
 * that a captured tree brings its own.
 */
#pragma once

#include "base/error.h"
#include "sys/root.h"

/* Takes the @length bytes of @text (no NUL behind them), the contents of the file @path. 0 or a
 * negative errno with "file:line: what is wrong" in @e, which ends the reading. */
typedef int dropin_take(void *context, const char *path, const char *text, size_t length,
			struct error *e);

/*
 * Gives @take the files "*.conf" of @vendor_dir, then those of @admin_dir, each folder by name. A file
 * of the administrator's masks the vendor's of the same name, also when it is empty or a symbolic link
 * to /dev/null. A folder that is not there holds none.
 * -EINVAL: what @take said, or a file that is none; -ENOMEM; or what the kernel said.
 */
int dropins_read(const struct sysroot *root, const char *vendor_dir, const char *admin_dir,
		 dropin_take *take, void *context, struct error *e);

/* One such file. -ENOENT: there is none. */
int dropins_read_file(const struct sysroot *root, const char *path, dropin_take *take,
		      void *context, struct error *e);
