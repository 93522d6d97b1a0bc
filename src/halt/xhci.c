// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USB 3 host controllers (xHCI 1.2): with USBCMD.R/S at 0 it ends what is under way and halts within 16 ms
 * (5.4.1.1); USBSTS.HCH says so (5.4.2). No reset follows: HCRST on one that runs is not defined (5.4.1).
 */
#include "halt/halting.h"

#include <errno.h>

#define REG_HCCPARAMS1 0x10
#define XECP(params)   ((params) >> 16) /* 5.3.6: in units of 4 bytes; 0: none */

/* 7.1, 7.1.1 */
#define CAP_ID(cap)    ((cap)&0xff)
#define CAP_NEXT(cap)  ((cap) >> 8 & 0xff)
#define CAP_LEGACY     1
#define LEGACY_BIOS    0x00010000u
#define CAPS_MAX       64

#define USBCMD	       0x00
#define CMD_RS	       0x00000001u
#define USBSTS	       0x04
#define STS_HCH	       0x00000001u
#define STS_CNR	       0x00000800u /* no register but USBSTS may be written while it is set */

#define HALT_MS	       100 /* 16 are asked for; real ones take longer */

static int ask_firmware(struct halting *h)
{
	uint32_t params, cap;
	uint64_t at;
	int r = function_read32(h->f, 0, REG_HCCPARAMS1, &params);

	at = r ? 0 : 4 * (uint64_t)XECP(params);
	for (unsigned int i = 0; at && i < CAPS_MAX; i++) {
		r = function_read32(h->f, 0, at, &cap);
		if (r)
			return r;
		if (CAP_ID(cap) == CAP_LEGACY)
			return cap & LEGACY_BIOS
				       ? halting_refuse(h, -EBUSY, "firmware owns it (USBLEGSUP)")
				       : 0;
		at = CAP_NEXT(cap) ? at + 4 * (uint64_t)CAP_NEXT(cap) : 0;
	}
	return r;
}

int halt_xhci(struct halting *h)
{
	uint32_t capabilities, status;
	uint64_t base;
	int r = function_read32(h->f, 0, 0, &capabilities);

	base = r ? 0 : capabilities & 0xff;
	if (!r)
		r = function_read32(h->f, 0, base + USBSTS, &status);
	if (!r && status & STS_CNR)
		r = halting_refuse(h, -EBUSY, "it is not ready (USBSTS.CNR)");
	if (!r)
		r = ask_firmware(h);
	if (!r)
		r = halting_change(h, 0, base + USBCMD, 4, CMD_RS, 0);
	return r ?: halting_wait(h, 0, base + USBSTS, 4, STS_HCH, STS_HCH, HALT_MS);
}
