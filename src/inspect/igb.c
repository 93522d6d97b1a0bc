// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel gigabit controllers of the igb and igc drivers (I350 datasheet, 8.10.1 RCTL, 8.12.1 TCTL).
 * Each queue has an enable of its own, but none moves while the common one is off; the first queue
 * comes out of reset enabled in some, so a queue alone is no sign of life.
 * Reads of RCTL, TCTL, RXDCTL and TXDCTL have no side effect. ICR is never read.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_INTEL 0x8086

#define RCTL_RXEN    0x00000002
#define TCTL_EN	     0x00000002

static const struct reg registers[] = {
	{ "RCTL", 0x0100, 4, RCTL_RXEN, RCTL_RXEN, "receiver on", "receiver off" },
	{ "TCTL", 0x0400, 4, TCTL_EN, TCTL_EN, "transmitter on", "transmitter off" },
	{ "RXDCTL0", 0xc028, 4, 0, REG_ANY, NULL, NULL },
	{ "TXDCTL0", 0xe028, 4, 0, REG_ANY, NULL, NULL },
};

static const uint16_t ids[] = {
	/* 82575, 82576, 82580 */
	0x10a7,
	0x10a9,
	0x10d6,
	0x10c9,
	0x10e6,
	0x10e7,
	0x10e8,
	0x150a,
	0x150d,
	0x1518,
	0x1526,
	0x150e,
	0x150f,
	0x1510,
	0x1511,
	0x1516,
	0x1527,
	/* DH89xxCC, I350, I354 */
	0x0438,
	0x043a,
	0x043c,
	0x0440,
	0x1521,
	0x1522,
	0x1523,
	0x1524,
	0x1f40,
	0x1f41,
	0x1f45,
	/* I210, I211 */
	0x1533,
	0x1536,
	0x1537,
	0x1538,
	0x1539,
	0x157b,
	0x157c,
	/* I225, I226 */
	0x15f2,
	0x15f3,
	0x15f7,
	0x15f8,
	0x125b,
	0x125c,
	0x125d,
	0,
};

static bool igb_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_INTEL, ids);
}

static int igb_decode(const struct function *f, struct inspection *ins)
{
	return DECODE(f, ins, 0, 0, registers);
}

const struct engine engine_igb = {
	.name = "igb",
	.from_specification = true,
	.matches = igb_matches,
	.decode = igb_decode,
};
