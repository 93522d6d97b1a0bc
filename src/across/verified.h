/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `kexit verify` found last, kept beside what came over the jump: for `kexit report --previous`. */
#pragma once

#include "across/differences.h"
#include "base/error.h"
#include "sys/root.h"

/* In CARRIED_FOLDER, in place of what was found before. 0 or a negative errno with @e. */
int verified_keep(const struct sysroot *root, const struct differences *differences,
		  struct error *e);
