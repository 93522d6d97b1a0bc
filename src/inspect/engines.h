/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every decoder, one file each; engines.c puts them in order. */
#pragma once

#include "inspect/inspect.h"

extern const struct engine engine_nvme, engine_ahci, engine_xhci, engine_e1000;
