// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Realtek's RTL8029, an NE2000 on PCI (RTL8029AS datasheet, 5.2 Command Register). It masters no
 * bus: frames go to memory on the card. Not stopped it is not quiet all the same, since it receives
 * and may interrupt; that it cannot write to memory is said beside it.
 * A read of the Command Register has no side effect, whatever register page it selects.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_REALTEK 0x10ec

#define COMMAND_STP    0x01

/* The start bit next to it tells nothing: it only counts while STP is off. */
static const struct reg registers[] = {
	{ "CR", 0x00, 1, COMMAND_STP, 0, "not stopped; it has no bus mastering", "stopped" },
};

static const uint16_t ids[] = { 0x8029, 0 };

static bool ne2k_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_REALTEK, ids);
}

static int ne2k_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_io_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_ne2k = {
	.name = "ne2k",
	.matches = ne2k_matches,
	.decode = ne2k_decode,
};
