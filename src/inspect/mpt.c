// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LSI Fusion-MPT controllers, SPI to SAS3 (Fusion-MPT Message Passing Interface 1.5 and 2.0, System
 * Doorbell). An operational IOC has reply queues in memory and writes events to them.
 * A read of the Doorbell has no side effect outside of a handshake, which only a driver begins.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_LSI	  0x1000

#define STATE_MASK	  0xf0000000
#define STATE_OPERATIONAL 0x20000000

static const struct reg registers[] = {
	{ "DOORBELL", 0x00, 4, STATE_MASK, STATE_OPERATIONAL, "IOC operational",
	  "IOC waits for a driver" },
};

static const uint16_t ids[] = {
	/* SPI, FC, SAS1 */
	0x0030,
	0x0031,
	0x0032,
	0x0040,
	0x0621,
	0x0622,
	0x0624,
	0x0626,
	0x0628,
	0x0640,
	0x0642,
	0x0646,
	0x0050,
	0x0054,
	0x0056,
	0x0058,
	0x0059,
	0x0062,
	/* SAS2 */
	0x0064,
	0x0065,
	0x006e,
	0x0070,
	0x0072,
	0x0074,
	0x0076,
	0x0077,
	0x007e,
	0x0080,
	0x0081,
	0x0082,
	0x0083,
	0x0084,
	0x0085,
	0x0086,
	0x0087,
	/* SAS3 */
	0x0090,
	0x0091,
	0x0094,
	0x0095,
	0x0096,
	0x0097,
	0x00aa,
	0x00ab,
	0x00ac,
	0x00ad,
	0x00ae,
	0x00af,
	0x00c0,
	0x00c1,
	0x00c2,
	0x00c3,
	0x00c4,
	0x00c5,
	0x00c6,
	0x00c7,
	0x00c8,
	0x00c9,
	0x00d0,
	0x00d1,
	0x00d2,
	0x00e0,
	0x00e1,
	0x00e2,
	0x00e4,
	0x00e5,
	0x00e6,
	0x00e7,
	0,
};

static bool mpt_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_LSI, ids);
}

static int mpt_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_open_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_mpt = {
	.name = "mpt",
	.matches = mpt_matches,
	.decode = mpt_decode,
};
