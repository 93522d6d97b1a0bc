// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * High Definition Audio controllers (HDA 1.0a): the run bits of each stream (SDnCTL, 3.3.35), of the ring
 * of commands (CORBCTL, 3.3.22) and of that of responses (RIRBCTL, 3.3.29) are cleared; each reads as 1
 * until its DMA has stopped. Single bytes: what is cleared by writing 1 lies in others.
 */
#include "halt/halting.h"

#include <errno.h>

#define REG_GCAP    0x00
#define REG_GCTL    0x08
#define GCTL_CRST   0x00000001u
#define REG_CORBCTL 0x4c
#define REG_RIRBCTL 0x5c
#define RING_RUN    0x02u
#define REG_SD(n)   (0x80 + 0x20 * (uint64_t)(n))
#define SD_RUN	    0x02u
#define STREAMS	    30

#define HALT_MS	    100

static int stop(struct halting *h, uint64_t offset, uint32_t run)
{
	uint32_t control;
	int r = function_read(h->f, 0, offset, 1, &control);

	if (r || !(control & run))
		return r;
	r = function_put(h->f, 0, offset, 1, control & ~run);
	return r ?: halting_wait(h, 0, offset, 1, run, 0, HALT_MS);
}

int halt_hda(struct halting *h)
{
	uint32_t control, gcap;
	unsigned int streams;
	int r = function_read32(h->f, 0, REG_GCTL, &control);

	/* In reset nothing moves, and other registers need not answer (3.3.7). */
	if (r || !(control & GCTL_CRST))
		return r;
	r = function_read(h->f, 0, REG_GCAP, 2, &gcap);
	if (r)
		return r;
	/* 3.3.2: input, output, bidirectional. */
	streams = (gcap >> 8 & 0xf) + (gcap >> 12 & 0xf) + (gcap >> 3 & 0x1f);
	for (unsigned int i = 0; i < streams && i < STREAMS && !r; i++)
		r = stop(h, REG_SD(i), SD_RUN);
	if (!r)
		r = stop(h, REG_CORBCTL, RING_RUN);
	return r ?: stop(h, REG_RIRBCTL, RING_RUN);
}
