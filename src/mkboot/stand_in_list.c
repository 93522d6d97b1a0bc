// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of stand-ins; see stand_in_list.h. */
#include "mkboot/stand_in_list.h"

#include <errno.h>
#include <string.h>

const struct stand_in stand_ins[STAND_INS] = {
	{ "libcrypto.so.3", "libkmod.so.2" },
	{ "libgcrypt.so.20", "libsystemd.so.0" },
};

int stand_in_find(const char *user, const char *library)
{
	const char *slash = strrchr(user, '/');
	const char *name = slash ? slash + 1 : user;

	for (int i = 0; i < STAND_INS; i++)
		if (!strcmp(library, stand_ins[i].library) && !strcmp(name, stand_ins[i].user))
			return i;
	return -ENOENT;
}
