// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ensoniq AudioPCI (ES1370 specification, Control Register at 0): two outputs and one input.
 * A read of the Control Register has no side effect.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_ENSONIQ	 0x1274
#define CONTROL_CHANNELS 0x00000070 /* DAC1, DAC2, ADC enable */

static const struct reg registers[] = {
	{ "CONTROL", 0x00, 4, CONTROL_CHANNELS, REG_ANY, "a channel runs", "channels stopped" },
};

static const uint16_t ids[] = { 0x1371, 0x5000, 0x5880, 0 };

static bool es137x_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_ENSONIQ, ids);
}

static int es137x_decode(const struct function *f, struct inspection *ins)
{
	return DECODE(f, ins, 0, 0, registers);
}

const struct engine engine_es137x = {
	.name = "es137x",
	.matches = es137x_matches,
	.decode = es137x_decode,
};
