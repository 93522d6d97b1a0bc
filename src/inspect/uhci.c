// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USB 1 host controllers of the other kind (UHCI 1.1), behind I/O ports. One that is not halted
 * fetches a frame list entry from memory every millisecond.
 * Reads of USBCMD and USBSTS have no side effect (2.1.1, 2.1.2: a write clears status bits).
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define CLASS_UHCI   0x0c0300
#define STS_HCHALTED 0x0020

static const struct reg registers[] = {
	{ "USBCMD", 0x00, 2, 0, REG_ANY, NULL, NULL },
	{ "USBSTS", 0x02, 2, STS_HCHALTED, 0, "running", "halted" },
};

static bool uhci_matches(const struct function *f)
{
	return f->class_code == CLASS_UHCI;
}

static int uhci_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_io_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_uhci = {
	.name = "uhci",
	.matches = uhci_matches,
	.decode = uhci_decode,
};
