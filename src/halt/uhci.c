// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USB 1 host controllers of the other kind (UHCI 1.1): with USBCMD.RS at 0 it ends the transaction that is
 * under way and halts (2.1.1); USBSTS.HCHalted says so (2.1.2). Ports of 16 bits.
 */
#include "halt/halting.h"

#include <errno.h>

#define CONFIG_LEGSUP 0xc0   /* 5 */
#define LEGSUP_SMI    0x00bf /* 5: traps of the keyboard's ports, and SMIs of USB itself */

#define USBCMD	      0x00
#define CMD_RS	      0x0001u
#define USBSTS	      0x02
#define STS_HCHALTED  0x0020u

#define HALT_MS	      100

int halt_uhci(struct halting *h)
{
	int bar = function_io_bar(h->f), r;

	if (bar < 0)
		return bar;
	if (pci_config_u16(&h->f->config, CONFIG_LEGSUP) & LEGSUP_SMI)
		return halting_refuse(h, -EBUSY, "firmware owns it (LEGSUP)");
	r = halting_change(h, (unsigned int)bar, USBCMD, 2, CMD_RS, 0);
	return r
		       ?: halting_wait(h, (unsigned int)bar, USBSTS, 2, STS_HCHALTED, STS_HCHALTED,
				       HALT_MS);
}
