// SPDX-License-Identifier: GPL-2.0-or-later
/* Which decoder is asked first: those that know a device by its ids, then those of a class. */
#include "inspect/engines.h"

#include <stddef.h>

const struct engine *const engines[] = {
	&engine_e1000, &engine_nvme, &engine_ahci, &engine_xhci, NULL,
};
