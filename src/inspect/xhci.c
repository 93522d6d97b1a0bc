// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USB 3 host controllers (xHCI 1.2). A controller that is not halted walks its rings in memory and
 * writes events to them.
 * Reads of CAPLENGTH, USBCMD and USBSTS have no side effect (5.3.1, 5.4.1, 5.4.2).
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define CLASS_XHCI 0x0c0330

#define STS_HCH	   0x00000001

/* Run/Stop is a wish; halted is what the hardware says, up to 16 ms later (5.4.1.1). */
static const struct reg operational[] = {
	{ "USBCMD", 0x00, 4, 0, REG_ANY, NULL, NULL },
	{ "USBSTS", 0x04, 4, STS_HCH, 0, "running", "halted" },
};

static bool xhci_matches(const struct function *f)
{
	return f->class_code == CLASS_XHCI;
}

static int xhci_decode(const struct function *f, struct inspection *ins)
{
	uint32_t capabilities;
	/* The length is the low byte; a read of the whole register is what every controller
	 * supports. */
	int r = function_read32(f, 0, 0, &capabilities);

	return r ?: DECODE(f, ins, 0, capabilities & 0xff, operational);
}

const struct engine engine_xhci = {
	.name = "xhci",
	.matches = xhci_matches,
	.decode = xhci_decode,
};
