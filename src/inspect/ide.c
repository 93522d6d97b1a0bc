// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IDE controllers that master the bus (Programming Interface for Bus Master IDE Controller 1.0).
 * Reads of command and status have no side effect (2.1, 2.2: status bits are cleared by a write).
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define CLASS_IDE     0x0101 /* class and subclass */
#define PROGIF_MASTER 0x80
#define BAR_MASTER    4
#define STATUS_ACTIVE 0x01

/* Start stays set after the last byte until a driver clears it; Active is what the engine does. */
static const struct reg registers[] = {
	{ "BMICP", 0x00, 1, 0, REG_ANY, NULL, NULL },
	{ "BMISP", 0x02, 1, STATUS_ACTIVE, STATUS_ACTIVE, "transfer active", "idle" },
	{ "BMICS", 0x08, 1, 0, REG_ANY, NULL, NULL },
	{ "BMISS", 0x0a, 1, STATUS_ACTIVE, STATUS_ACTIVE, "transfer active", "idle" },
};

static bool ide_matches(const struct function *f)
{
	return f->class_code >> 8 == CLASS_IDE && f->class_code & PROGIF_MASTER;
}

static int ide_decode(const struct function *f, struct inspection *ins)
{
	return DECODE(f, ins, BAR_MASTER, 0, registers);
}

const struct engine engine_ide = {
	.name = "ide",
	.matches = ide_matches,
	.decode = ide_decode,
};
