// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SD host controllers (SD Host Controller Simplified Specification 4.20): Software Reset for the DAT line
 * ends a transfer and resets its DMA (2.2.16); the bit reads as 0 once that is done. Not the reset of all,
 * which would take the card's clock and power away in the middle of what it is writing.
 *
 * A transfer ends by itself, unlike the engines of other classes: it may be firmware's own, and is given more
 * than the time of any (the longest busy of a write is 500 ms: Physical Layer 6.00, 4.6.2.2).
 */
#include "halt/halting.h"

#include <errno.h>

#define CONFIG_SLOTS	 0x40 /* C.3.1: bits 2:0 first BAR, bits 6:4 slots less one */

#define REG_TRANSFER	 0x0c
#define TRANSFER_DMA	 0x0001u
#define REG_PRESENT	 0x24
#define PRESENT_TRANSFER 0x00000300u
#define REG_RESET	 0x2f
#define RESET_DAT	 0x04u

#define TRANSFER_MS	 1000
#define HALT_MS		 100

static int stop_slot(struct halting *h, unsigned int bar)
{
	uint32_t present, transfer;
	int r = function_read32(h->f, bar, REG_PRESENT, &present);

	if (!r)
		r = function_read(h->f, bar, REG_TRANSFER, 2, &transfer);
	if (r || !(present & PRESENT_TRANSFER) || !(transfer & TRANSFER_DMA))
		return r;
	r = halting_wait(h, bar, REG_PRESENT, 4, PRESENT_TRANSFER, 0, TRANSFER_MS);
	if (r != -ETIMEDOUT)
		return r;
	r = function_put(h->f, bar, REG_RESET, 1, RESET_DAT);
	return r ?: halting_wait(h, bar, REG_RESET, 1, RESET_DAT, 0, HALT_MS);
}

int halt_sdhci(struct halting *h)
{
	unsigned int slots = pci_config_u8(&h->f->config, CONFIG_SLOTS);
	unsigned int first = slots & 0x7, count = (slots >> 4 & 0x7) + 1;
	int r = 0;

	for (unsigned int slot = 0; slot < count && !r; slot++)
		r = first + slot < 6 ? stop_slot(h, first + slot) : -ENOENT;
	return r;
}
