// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel 10-gigabit controllers of the ixgbe driver (82599 datasheet 331520: RXCTRL, DMATXCTL; 82598
 * datasheet: TXDCTL). The 82598 has no common enable for transmit: each queue has its own.
 * Reads of RXCTRL, DMATXCTL and TXDCTL have no side effect. EICR is never read.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_INTEL  0x8086

#define RXCTRL_RXEN   0x00000001
#define DMATXCTL_TE   0x00000001
#define TXDCTL_ENABLE 0x02000000
#define TXDCTL(n)     (0x6028 + 0x40 * (n))
#define QUEUES_82598  32

static const struct reg receive = { "RXCTRL",	   0x3000,	  4, RXCTRL_RXEN, RXCTRL_RXEN,
				    "receiver on", "receiver off" };

static const struct reg transmit = { "DMATXCTL",       0x4a80,	    4,
				     DMATXCTL_TE,      DMATXCTL_TE, "transmitter on",
				     "transmitter off" };

static const uint16_t ids_82598[] = {
	0x10b6, 0x10c6, 0x10c7, 0x10c8, 0x10db, 0x10dd, 0x10e1,
	0x10ec, 0x10f1, 0x10f4, 0x1508, 0x150b, 0,
};

/* 82599, X540, X550 */
static const uint16_t ids_82599[] = {
	0x10f7, 0x10f8, 0x10f9, 0x10fb, 0x10fc, 0x1507, 0x1514, 0x1517, 0x151c,
	0x1529, 0x152a, 0x154a, 0x154d, 0x154f, 0x1557, 0x1558, 0x1528, 0x1560,
	0x1563, 0x15d1, 0x15aa, 0x15ab, 0x15ac, 0x15ad, 0x15ae, 0x15b0, 0x15c2,
	0x15c3, 0x15c4, 0x15c6, 0x15c7, 0x15c8, 0x15ce, 0x15e4, 0x15e5, 0,
};

static bool ixgbe_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_INTEL, ids_82598) ||
	       function_is_one_of(f, VENDOR_INTEL, ids_82599);
}

static int queues_decode(const struct function *f, struct inspection *ins)
{
	for (unsigned int queue = 0; queue < QUEUES_82598; queue++) {
		uint32_t control;
		int r = function_read32(f, 0, TXDCTL(queue), &control);

		if (r)
			return r;
		reading_add_one_of_many(ins, (struct reading){ .name = "TXDCTL",
							       .value = control,
							       .width = 4,
							       .running = control & TXDCTL_ENABLE,
							       .meaning = control & TXDCTL_ENABLE
										  ? "queue on"
										  : "queue off" });
	}
	return 0;
}

static int ixgbe_decode(const struct function *f, struct inspection *ins)
{
	int r = decode_registers(f, ins, 0, 0, &receive, 1);

	if (r)
		return r;
	if (function_is_one_of(f, VENDOR_INTEL, ids_82598))
		return queues_decode(f, ins);
	return decode_registers(f, ins, 0, 0, &transmit, 1);
}

const struct engine engine_ixgbe = {
	.name = "ixgbe",
	.from_specification = true,
	.matches = ixgbe_matches,
	.decode = ixgbe_decode,
};
