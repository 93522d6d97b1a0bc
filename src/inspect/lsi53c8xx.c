// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LSI's 53C8xx SCSI controllers from the 896 on (LSI53C895A Technical Manual 2.2, 4.2: Interrupt
 * Status Zero and One). They run a program, SCRIPTS, that moves data and writes to memory; one that
 * waits for a disk to come back to it runs as well. Older ones have no register that tells.
 * Reads of both registers have no side effect and are allowed while SCRIPTS run. DMA Status and
 * SCSI Interrupt Status, which a read clears, are left alone.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_LSI  0x1000

#define ISTAT1_SRUN 0x02

static const struct reg registers[] = {
	{ "ISTAT0", 0x14, 1, 0, REG_ANY, NULL, NULL },
	{ "ISTAT1", 0x15, 1, ISTAT1_SRUN, ISTAT1_SRUN, "SCRIPTS run", "SCRIPTS stopped" },
};

/* 1510, 896, 895A, 1010-33, 1010-66 */
static const uint16_t ids[] = { 0x000a, 0x000b, 0x0012, 0x0020, 0x0021, 0 };

static bool lsi53c8xx_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_LSI, ids);
}

static int lsi53c8xx_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_open_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_lsi53c8xx = {
	.name = "lsi53c8xx",
	.matches = lsi53c8xx_matches,
	.decode = lsi53c8xx_decode,
};
