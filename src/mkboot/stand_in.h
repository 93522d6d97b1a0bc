/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small library in place of a large one that is linked but never called: libcrypto, which libkmod
 * wants for modinfo(8). See src/standin.
 */
#pragma once

#include "mkboot/programs.h"

/* Whether @library, for the file @user, is left for stand_in_add(). */
bool stand_in_applies(const char *user, const char *library);

/*
 * After all programs: the stand-in of the system (usr/lib/kexit), or @file of this machine, unless
 * something else brought the real library, or it would not do; then the real one.
 */
int stand_in_add(struct programs *p, const char *file, struct error *e);
