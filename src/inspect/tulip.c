// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DEC's 21x4x network controllers (21143 Hardware Reference Manual, 3.2.2). They write the frames
 * they receive, and the ownership bits of both rings.
 * Reads of CSR5 and CSR6 have no side effect; CSR8 counts missed frames until it is read.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_DEC 0x1011

#define CSR5_RS	   0x000e0000 /* what the receive process does; 0 is stopped */
#define CSR5_TS	   0x00700000 /* the same for transmit */
#define CSR6_SR	   0x00000002
#define CSR6_ST	   0x00002000

/* A process that was told to stop in CSR6 ends its frame first: CSR5 says when. */
static const struct reg registers[] = {
	{ "CSR5", 0x28, 4, CSR5_RS | CSR5_TS, REG_ANY, "not stopped", "stopped" },
	{ "CSR6", 0x30, 4, CSR6_SR | CSR6_ST, REG_ANY, "receiver or transmitter on", "off" },
};

static const uint16_t ids[] = { 0x0002, 0x0009, 0x0014, 0x0019, 0 };

static bool tulip_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_DEC, ids);
}

static int tulip_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_open_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_tulip = {
	.name = "tulip",
	.matches = tulip_matches,
	.decode = tulip_decode,
};
