// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SD host controllers (SD Host Controller Simplified Specification 4.20). They master the bus only
 * within a command that moves data with DMA; each slot has a BAR of its own (C.3.1).
 * Reads of Present State and Transfer Mode have no side effect (2.2.9, 2.2.5); the Buffer Data Port
 * between them is one that a read changes.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#include <errno.h>

#define CLASS_SDHCI	 0x0805 /* class and subclass */

#define CONFIG_SLOTS	 0x40 /* bits 2:0 first BAR, bits 6:4 slots less one */

#define REG_TRANSFER	 0x0c
#define TRANSFER_DMA	 0x0001
#define REG_PRESENT	 0x24
#define PRESENT_TRANSFER 0x00000300 /* a write or a read is under way */

static bool sdhci_matches(const struct function *f)
{
	return f->class_code >> 8 == CLASS_SDHCI;
}

static int slot_decode(const struct function *f, struct inspection *ins, unsigned int bar)
{
	uint32_t present, transfer;
	bool running;
	int r = function_read32(f, bar, REG_PRESENT, &present);

	if (!r)
		r = function_read(f, bar, REG_TRANSFER, 2, &transfer);
	if (r)
		return r;
	running = present & PRESENT_TRANSFER && transfer & TRANSFER_DMA;
	reading_add(ins, (struct reading){ .name = "PRESENT",
					   .value = present,
					   .width = 4,
					   .running = running,
					   .meaning = running ? "transfer with DMA" : "no DMA" });
	reading_add(ins, (struct reading){ .name = "TRANSFER", .value = transfer, .width = 2 });
	return 0;
}

static int sdhci_decode(const struct function *f, struct inspection *ins)
{
	unsigned int slots = pci_config_u8(&f->config, CONFIG_SLOTS);
	unsigned int first = slots & 0x7, count = (slots >> 4 & 0x7) + 1;
	int r = 0;

	for (unsigned int slot = 0; slot < count && !r; slot++)
		r = first + slot < 6 ? slot_decode(f, ins, first + slot) : -ENOENT;
	return r;
}

const struct engine engine_sdhci = {
	.name = "sdhci",
	.matches = sdhci_matches,
	.decode = sdhci_decode,
};
