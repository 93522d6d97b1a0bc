// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NVMe controllers (NVM Express Base 2.0): CC.EN from 1 to 0 resets the controller (3.1.3.5, 3.7.2), which
 * has stopped once CSTS.RDY reads 0 (3.1.3.6), within CAP.TO (3.1.3.1). So does every driver before it sets
 * up its own queues.
 *
 * Not while it is shutting down: it may be writing out its cache.
 */
#include "halt/halting.h"

#include <errno.h>

#define REG_CAP	       0x00
#define CAP_TO(cap)    ((cap) >> 24) /* in units of 500 ms */
#define REG_CC	       0x14
#define CC_EN	       0x00000001u
#define REG_CSTS       0x1c
#define CSTS_RDY       0x00000001u
#define CSTS_CFS       0x00000002u
#define CSTS_SHST      0x0000000cu
#define SHST_OCCURRING 0x00000004u

/* CAP.TO may say 127.5 s; nobody waits that long for a controller that nobody uses. */
#define LIMIT_MS       30000

static unsigned int patience_ms(uint32_t capabilities)
{
	unsigned int ms = 500 * (CAP_TO(capabilities) ?: 1);

	return ms < LIMIT_MS ? ms : LIMIT_MS;
}

int halt_nvme(struct halting *h)
{
	uint32_t capabilities, cc, csts;
	int r = function_read32(h->f, 0, REG_CAP, &capabilities);

	if (!r)
		r = function_read32(h->f, 0, REG_CC, &cc);
	if (!r)
		r = function_read32(h->f, 0, REG_CSTS, &csts);
	if (r)
		return r;
	if ((csts & CSTS_SHST) == SHST_OCCURRING && !(csts & CSTS_CFS))
		return halting_refuse(h, -EBUSY, "it is shutting down");
	/* What EN does while RDY is still on its way to it is not defined. */
	if (cc & CC_EN && !(csts & (CSTS_RDY | CSTS_CFS)))
		r = halting_wait(h, 0, REG_CSTS, 4, CSTS_RDY, CSTS_RDY, patience_ms(capabilities));
	if (!r && cc & CC_EN)
		r = function_put(h->f, 0, REG_CC, 4, cc & ~CC_EN);
	return r ?: halting_wait(h, 0, REG_CSTS, 4, CSTS_RDY, 0, patience_ms(capabilities));
}
