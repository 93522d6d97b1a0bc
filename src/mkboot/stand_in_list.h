/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which libraries have a stand-in, and for whom: what is only known, apart from the files (stand_in.h). */
#pragma once

#include <stddef.h>

/* The library @library is linked by @user and never called: src/standin tells why. */
struct stand_in {
	const char *library, *user;
};

#define STAND_INS 2

extern const struct stand_in stand_ins[STAND_INS];

/* The place in stand_ins[] for what the file @user (a path) wants of @library, or -ENOENT. */
int stand_in_find(const char *user, const char *library);
