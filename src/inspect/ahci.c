// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AHCI controllers (Serial ATA AHCI 1.3.1). Each port has two engines: one fetches commands from a
 * list in memory, one writes what the disk sends (FIS) to memory.
 * Reads of GHC, PI and PxCMD have no side effect (3.1.2, 3.1.4, 3.3.7).
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define CLASS_AHCI 0x010601
#define ABAR	   5 /* 2.1.11 */
#define PORTS	   32

#define REG_GHC	   0x04
#define REG_PI	   0x0c
#define PORT_CMD   0x18
#define PORT(n)	   (0x100 + 0x80 * (n))

#define CMD_ST	   0x00000001
#define CMD_FRE	   0x00000010
#define CMD_FR	   0x00004000 /* the receive engine runs */
#define CMD_CR	   0x00008000 /* the command list runs */

static const struct reg ghc = { .name = "GHC", .offset = REG_GHC, .width = 4, .match = REG_ANY };

static const char *const port_names[PORTS] = {
	"P0CMD",  "P1CMD",  "P2CMD",  "P3CMD",	"P4CMD",  "P5CMD",  "P6CMD",  "P7CMD",
	"P8CMD",  "P9CMD",  "P10CMD", "P11CMD", "P12CMD", "P13CMD", "P14CMD", "P15CMD",
	"P16CMD", "P17CMD", "P18CMD", "P19CMD", "P20CMD", "P21CMD", "P22CMD", "P23CMD",
	"P24CMD", "P25CMD", "P26CMD", "P27CMD", "P28CMD", "P29CMD", "P30CMD", "P31CMD",
};

static bool ahci_matches(const struct function *f)
{
	return f->class_code == CLASS_AHCI;
}

static const char *port_meaning(uint32_t cmd)
{
	if (cmd & CMD_CR)
		return cmd & CMD_FR ? "command list and FIS receive on" : "command list on";
	if (cmd & CMD_FR)
		return "FIS receive on";
	/* Asked for, and not begun: without a disk it never will. */
	return cmd & (CMD_ST | CMD_FRE) ? "asked to start, not running" : "stopped";
}

static int port_decode(const struct function *f, struct inspection *ins, unsigned int port)
{
	uint32_t cmd;
	int r = function_read32(f, ABAR, PORT(port) + PORT_CMD, &cmd);

	if (r)
		return r;
	reading_add_one_of_many(ins, (struct reading){ .name = port_names[port],
						       .value = cmd,
						       .width = 4,
						       .running = cmd & (CMD_CR | CMD_FR),
						       .meaning = port_meaning(cmd) });
	return 0;
}

static int ahci_decode(const struct function *f, struct inspection *ins)
{
	uint32_t implemented;
	int r = decode_registers(f, ins, ABAR, 0, &ghc, 1);

	/* All-ones is a legal PI: 32 ports. */
	if (!r)
		r = function_get(f, ABAR, REG_PI, 4, &implemented);
	for (unsigned int port = 0; port < PORTS && !r; port++)
		if (implemented & (UINT32_C(1) << port))
			r = port_decode(f, ins, port);
	return r;
}

const struct engine engine_ahci = {
	.name = "ahci",
	.matches = ahci_matches,
	.decode = ahci_decode,
};
