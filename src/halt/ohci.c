// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USB 1 host controllers (OHCI 1.0a): HcControl's functional state goes from operational to reset, which
 * ends all processing of lists and the writing of frame numbers (7.1.2, 6.2.2), from the next frame on.
 */
#include "halt/halting.h"

#include <errno.h>

#define HC_CONTROL	 0x04
#define CONTROL_LISTS	 0x0000003cu /* PLE, IE, CLE, BLE */
#define CONTROL_HCFS	 0x000000c0u
#define HCFS_OPERATIONAL 0x00000080u
#define CONTROL_IR	 0x00000100u

#define HALT_MS		 100
#define FRAMES_US	 2000 /* what the frame of that moment began has ended by then */

int halt_ohci(struct halting *h)
{
	uint32_t control;
	int r = function_read32(h->f, 0, HC_CONTROL, &control);

	if (r)
		return r;
	/* 5.1.1.3.3: interrupts go to a driver in system management mode. */
	if (control & CONTROL_IR)
		return halting_refuse(h, -EBUSY, "firmware owns it (HcControl.IR)");
	r = function_put(h->f, 0, HC_CONTROL, 4, control & ~(CONTROL_HCFS | CONTROL_LISTS));
	if (r)
		return r;
	r = halting_wait(h, 0, HC_CONTROL, 4, CONTROL_HCFS, 0, HALT_MS);
	if (!r)
		h->pause(h->context, FRAMES_US);
	return r;
}
