// SPDX-License-Identifier: GPL-2.0-or-later
/* The classes that have a stop of their own; see halt_class.h. */
#include "plan/halt_class.h"

#include <stddef.h>

#define INTERFACE UINT32_C(0xffffff) /* PCI Code and ID Assignment 1.11: the interface is fixed */
#define SUBCLASS  UINT32_C(0xffff00) /* ... or says nothing about the registers */

static const struct halt_class classes[] = {
	{ HALT_AHCI, 0x010601, INTERFACE, "ahci", "PxCMD.ST, PxCMD.FRE", "AHCI 1.3.1 10.1.2" },
	{ HALT_NVME, 0x010802, INTERFACE, "nvme", "CC.EN", "NVM Express Base 2.0 3.1.3.5" },
	{ HALT_XHCI, 0x0c0330, INTERFACE, "xhci", "USBCMD.R/S", "xHCI 1.2 5.4.1.1" },
	{ HALT_EHCI, 0x0c0320, INTERFACE, "ehci", "USBCMD.RS", "EHCI 1.0 2.3.1" },
	{ HALT_OHCI, 0x0c0310, INTERFACE, "ohci", "HcControl.HCFS", "OHCI 1.0a 7.1.2" },
	{ HALT_UHCI, 0x0c0300, INTERFACE, "uhci", "USBCMD.RS", "UHCI 1.1 2.1.1" },
	{ HALT_HDA, 0x040300, SUBCLASS, "hda", "SDnCTL, CORBCTL, RIRBCTL", "HDA 1.0a 3.3" },
	{ HALT_SDHCI, 0x080500, SUBCLASS, "sdhci", "Software Reset for DAT", "SDHCI 4.20 2.2.16" },
};

const struct halt_class *halt_class_find(uint32_t class_code)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if ((class_code & classes[i].mask) == classes[i].code)
			return &classes[i];
	return NULL;
}
