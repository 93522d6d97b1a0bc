// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LSI MegaRAID SAS controllers. There is no public specification; the state that the firmware keeps
 * in its outbound scratch pad is what the Linux driver goes by. Operational firmware has the queues
 * of a driver, and an event request that it may answer at any time.
 * A read of the scratch pad has no side effect.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_LSI	  0x1000

#define STATE_MASK	  0xf0000000
#define STATE_OPERATIONAL 0xc0000000

static const struct reg registers[] = {
	{ "OSP0", 0xb0, 4, STATE_MASK, STATE_OPERATIONAL, "firmware operational",
	  "firmware waits for a driver" },
};

/* Those whose scratch pad is at 0xb0: from the SAS1078 on. */
static const uint16_t ids[] = {
	0x0060, 0x007c, 0x0071, 0x0073, 0x0078, 0x0079, 0x005b, 0x005d, 0x005f,
	0x002f, 0x0052, 0x0053, 0x00ce, 0x00cf, 0x0014, 0x0015, 0x0016, 0x0017,
	0x001b, 0x001c, 0x10e1, 0x10e2, 0x10e5, 0x10e6, 0,
};

static bool megaraid_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_LSI, ids);
}

static int megaraid_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_memory_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_megaraid = {
	.name = "megaraid",
	.matches = megaraid_matches,
	.decode = megaraid_decode,
};
