/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What modules.c chose, for modules_add.c, which packs it. */
#pragma once

#include "base/arena.h"
#include "mkboot/kernel.h"

#include <stddef.h>

struct modules {
	struct kernel kernel;
	struct arena *arena;
	struct kmod_ctx *kmod;
	struct map *chosen; /* by full path */
	const char **paths; /* below the modules' folder: "kernel/drivers/ata/ahci.ko" */
	size_t count, capacity;
};
