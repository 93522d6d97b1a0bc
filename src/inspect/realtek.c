// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Realtek network controllers: 8139 (RTL8139C datasheet 1.4, 5.6 Command Register) and the gigabit
 * families after it, which kept the register at its place.
 * Reads of Command and of the Interrupt Mask have no side effect.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_REALTEK 0x10ec

#define COMMAND_TE     0x04
#define COMMAND_RE     0x08

static const struct reg registers[] = {
	{ "CR", 0x37, 1, COMMAND_TE | COMMAND_RE, REG_ANY, "receiver or transmitter on", "off" },
	{ "IMR", 0x3c, 2, 0, REG_ANY, NULL, NULL },
};

static const uint16_t rtl8139_ids[] = { 0x8138, 0x8139, 0 };

static const uint16_t rtl8169_ids[] = {
	0x2502, 0x2600, 0x3000, 0x8125, 0x8126, 0x8136, 0x8161, 0x8162, 0x8167, 0x8168, 0x8169, 0,
};

static bool rtl8139_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_REALTEK, rtl8139_ids);
}

static bool rtl8169_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_REALTEK, rtl8169_ids);
}

/* Ports and memory show the same registers; which BAR is which differs between the chips. */
static int realtek_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_open_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_rtl8139 = {
	.name = "rtl8139",
	.matches = rtl8139_matches,
	.decode = realtek_decode,
};

const struct engine engine_rtl8169 = {
	.name = "rtl8169",
	.from_specification = true,
	.matches = rtl8169_matches,
	.decode = realtek_decode,
};
