// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AHCI controllers (Serial ATA AHCI 1.3.1, 10.1.2 step 2): each port is made idle by clearing PxCMD.ST
 * until PxCMD.CR reads 0, then PxCMD.FRE until PxCMD.FR does. A port that does neither is left to a reset
 * of the controller (10.4.3, GHC.HR), as every driver does it before its first command.
 *
 * Bits of PxCMD that power or spin a disk up stay as they are, so no disk is put in standby.
 */
#include "halt/halting.h"

#include <errno.h>

#define ABAR	  5 /* 2.1.11 */
#define PORTS	  32

#define REG_GHC	  0x04
#define GHC_HR	  0x00000001u
#define GHC_AE	  0x80000000u
#define REG_PI	  0x0c
#define REG_CAP2  0x24 /* reserved, and 0, before AHCI 1.2 */
#define CAP2_BOH  0x00000001u
#define REG_BOHC  0x28
#define BOHC_BOS  0x00000001u

#define CMD(port) (0x100 + 0x80 * (port) + 0x18)
#define CMD_ST	  0x00000001u
#define CMD_FRE	  0x00000010u
#define CMD_FR	  0x00004000u
#define CMD_CR	  0x00008000u
#define CMD_ICC	  0xf0000000u /* 3.3.7: a value other than 0 would be a command */

#define PORT_MS	  500  /* 10.1.2 */
#define RESET_MS  1000 /* 10.4.3 */

/* 10.6: set, firmware has the controller. */
static int ask_firmware(struct halting *h)
{
	uint32_t capabilities, handoff;
	int r = function_read32(h->f, ABAR, REG_CAP2, &capabilities);

	if (r || !(capabilities & CAP2_BOH))
		return r;
	r = function_read32(h->f, ABAR, REG_BOHC, &handoff);
	if (!r && handoff & BOHC_BOS)
		r = halting_refuse(h, -EBUSY, "firmware owns it (BOHC.BOS)");
	return r;
}

/* Takes @wish away from all ports of @ports that have it or @state, and waits for @state to go. */
static int stop_ports(struct halting *h, uint32_t ports, uint32_t wish, uint32_t state)
{
	int r = 0;

	for (unsigned int port = 0; port < PORTS && !r; port++) {
		uint32_t cmd;

		if (!(ports & (UINT32_C(1) << port)))
			continue;
		r = function_read32(h->f, ABAR, CMD(port), &cmd);
		if (!r && cmd & wish)
			r = function_put(h->f, ABAR, CMD(port), 4, cmd & ~(wish | CMD_ICC));
	}
	for (unsigned int port = 0; port < PORTS && !r; port++)
		if (ports & (UINT32_C(1) << port))
			r = halting_wait(h, ABAR, CMD(port), 4, state, 0, PORT_MS);
	return r;
}

static int reset_controller(struct halting *h)
{
	int r = halting_change(h, ABAR, REG_GHC, 4, 0, GHC_HR);

	return r ?: halting_wait(h, ABAR, REG_GHC, 4, GHC_HR, 0, RESET_MS);
}

int halt_ahci(struct halting *h)
{
	uint32_t control, ports;
	int r = function_read32(h->f, ABAR, REG_GHC, &control);

	/* 3.1.2: in legacy mode only the registers of IDE mean something. */
	if (!r && !(control & GHC_AE))
		r = halting_refuse(h, -EPROTO, "it is in legacy mode (GHC.AE is 0)");
	if (!r)
		r = ask_firmware(h);
	/* All-ones is a legal PI: 32 ports. */
	if (!r)
		r = function_get(h->f, ABAR, REG_PI, 4, &ports);
	if (r)
		return r;
	r = stop_ports(h, ports, CMD_ST, CMD_CR);
	/* 3.3.7: FRE must not be cleared while the command list runs. */
	if (!r)
		r = stop_ports(h, ports, CMD_FRE, CMD_FR);
	return r == -ETIMEDOUT ? reset_controller(h) : r;
}
