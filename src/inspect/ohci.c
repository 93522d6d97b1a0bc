// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USB 1 host controllers (OHCI 1.0a). In the operational state it writes the frame number to memory
 * every millisecond, with or without a device.
 * A read of HcControl has no side effect (7.1.2).
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define CLASS_OHCI	 0x0c0310
#define CONTROL_HCFS	 0x000000c0
#define HCFS_OPERATIONAL 0x00000080

static const struct reg registers[] = {
	{ "HcControl", 0x04, 4, CONTROL_HCFS, HCFS_OPERATIONAL, "operational", "not operational" },
};

static bool ohci_matches(const struct function *f)
{
	return f->class_code == CLASS_OHCI;
}

static int ohci_decode(const struct function *f, struct inspection *ins)
{
	return DECODE(f, ins, 0, 0, registers);
}

const struct engine engine_ohci = {
	.name = "ohci",
	.matches = ohci_matches,
	.decode = ohci_decode,
};
