/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which classes of PCI functions have a stop in their specification that any software may use: data
 * alone, so that a plan can show it.
 *
 * Not here: RAID (0104), SAS (0107) and network functions, whose stop is their vendor's, and IDE, which
 * has none.
 */
#pragma once

#include <stdint.h>

enum halt_engine {
	HALT_AHCI,
	HALT_NVME,
	HALT_XHCI,
	HALT_EHCI,
	HALT_OHCI,
	HALT_UHCI,
	HALT_HDA,
	HALT_SDHCI,
	HALT_ENGINES,
};

struct halt_class {
	enum halt_engine engine;
	uint32_t code, mask;   /* of the class code's 24 bits */
	const char *name;      /* as that of its decoder in inspect/: "ahci" */
	const char *registers; /* what is written: "PxCMD.ST, PxCMD.FRE" */
	const char *section;   /* of the specification that says so */
};

/* NULL: a class without such a stop. */
const struct halt_class *halt_class_find(uint32_t class_code);
