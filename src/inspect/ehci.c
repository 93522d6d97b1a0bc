// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USB 2 host controllers (EHCI 1.0). One that is not halted walks its schedules in memory.
 * Reads of CAPLENGTH, USBCMD and USBSTS have no side effect (2.2.1, 2.3.1, 2.3.2).
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define CLASS_EHCI   0x0c0320
#define STS_HCHALTED 0x00001000

static const struct reg operational[] = {
	{ "USBCMD", 0x00, 4, 0, REG_ANY, NULL, NULL },
	{ "USBSTS", 0x04, 4, STS_HCHALTED, 0, "running", "halted" },
};

static bool ehci_matches(const struct function *f)
{
	return f->class_code == CLASS_EHCI;
}

static int ehci_decode(const struct function *f, struct inspection *ins)
{
	uint32_t capabilities;
	int r = function_read32(f, 0, 0, &capabilities);

	return r ?: DECODE(f, ins, 0, capabilities & 0xff, operational);
}

const struct engine engine_ehci = {
	.name = "ehci",
	.matches = ehci_matches,
	.decode = ehci_decode,
};
