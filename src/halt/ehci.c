// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * USB 2 host controllers (EHCI 1.0): with USBCMD.RS at 0 it ends what is under way and halts within 16
 * micro-frames, 2 ms (2.3.1); USBSTS.HCHalted says so (2.3.2).
 */
#include "halt/halting.h"

#include <errno.h>

#define REG_HCCPARAMS 0x08
#define EECP(params)  ((params) >> 8 & 0xff) /* 2.2.4: in config space, from 40h on; 0: none */
#define EECP_MIN      0x40

/* 2.1.7 */
#define CAP_ID(cap)   ((cap)&0xff)
#define CAP_NEXT(cap) ((cap) >> 8 & 0xff)
#define CAP_LEGACY    1
#define LEGACY_BIOS   0x00010000u
#define CAPS_MAX      16

#define USBCMD	      0x00
#define CMD_RS	      0x00000001u
#define USBSTS	      0x04
#define STS_HCHALTED  0x00001000u

#define HALT_MS	      100

static int ask_firmware(struct halting *h)
{
	uint32_t params, cap;
	unsigned int at;
	int r = function_read32(h->f, 0, REG_HCCPARAMS, &params);

	if (r)
		return r;
	at = EECP(params);
	for (unsigned int i = 0; at >= EECP_MIN && i < CAPS_MAX; i++, at = CAP_NEXT(cap)) {
		cap = pci_config_u32(&h->f->config, at);
		if (CAP_ID(cap) == CAP_LEGACY)
			return cap & LEGACY_BIOS
				       ? halting_refuse(h, -EBUSY, "firmware owns it (USBLEGSUP)")
				       : 0;
	}
	return 0;
}

int halt_ehci(struct halting *h)
{
	uint32_t capabilities;
	uint64_t base;
	int r = function_read32(h->f, 0, 0, &capabilities);

	base = r ? 0 : capabilities & 0xff;
	if (!r)
		r = ask_firmware(h);
	if (!r)
		r = halting_change(h, 0, base + USBCMD, 4, CMD_RS, 0);
	return r ?: halting_wait(h, 0, base + USBSTS, 4, STS_HCHALTED, STS_HCHALTED, HALT_MS);
}
