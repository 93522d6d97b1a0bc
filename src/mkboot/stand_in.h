/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small library in place of a large one that is linked but never called, as libcrypto, which
 * libkmod wants for modinfo(8). See src/standin.
 */
#pragma once

#include "mkboot/programs.h"

/*
 * After all programs: those that apply, of the system (usr/lib/kexit/stand-in) or of the folder
 * @folder of this machine, unless something else brought the real library, or it would not do; then
 * the real one.
 */
int stand_ins_add(struct programs *p, const char *folder, struct error *e);
