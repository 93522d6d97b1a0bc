/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules that a running machine's devices ask for, as far as a boot loader wants them. */
#pragma once

#include "base/error.h"
#include "mkboot/modules.h"
#include "sys/root.h"

int host_want_modules(struct modules *modules, struct sysroot *machine, struct error *e);
