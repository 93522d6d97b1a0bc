// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD's Am53C974 SCSI controller, PCscsi (Am53C974 datasheet, DMA registers: Command Register). Its
 * DMA engine moves one transfer at a time, from START until a driver puts it back to IDLE.
 * A read of the Command Register has no side effect. DMA Status next to it loses its bits when
 * read, and so does the SCSI core's interrupt status: both are left alone.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_AMD    0x1022

#define COMMAND	      0x03
#define COMMAND_START 0x03

static const struct reg registers[] = {
	{ "DMA CMD", 0x40, 4, COMMAND, COMMAND_START, "transfer started", "no transfer" },
};

static const uint16_t ids[] = { 0x2020, 0 };

static bool am53c974_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_AMD, ids);
}

static int am53c974_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_io_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_am53c974 = {
	.name = "am53c974",
	.matches = am53c974_matches,
	.decode = am53c974_decode,
};
