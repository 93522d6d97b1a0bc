// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel's 8255x network controllers (8255x Open Source Software Developer Manual 1.3, 6.3.1).
 * A read of the SCB status word has no side effect: its upper byte is acknowledged by a write.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_INTEL  0x8086

#define STATUS_RUS    0x003c
#define RUS_READY     0x0010
#define STATUS_ACTIVE 0x0080 /* both active states of the command unit have this bit */

/* One word, two units: two looks at it. */
static const struct reg registers[] = {
	{ "SCB RU", 0x00, 2, STATUS_RUS, RUS_READY, "receive unit ready", "receive unit off" },
	{ "SCB CU", 0x00, 2, STATUS_ACTIVE, STATUS_ACTIVE, "command unit active",
	  "command unit idle" },
};

static const uint16_t ids[] = {
	0x1029, 0x1030, 0x1031, 0x1032, 0x1033, 0x1034, 0x1038, 0x1039, 0x103a, 0x103b, 0x103c,
	0x103d, 0x103e, 0x1050, 0x1051, 0x1052, 0x1053, 0x1054, 0x1055, 0x1056, 0x1057, 0x1059,
	0x1064, 0x1065, 0x1066, 0x1067, 0x1068, 0x1069, 0x106a, 0x106b, 0x1091, 0x1092, 0x1093,
	0x1094, 0x1095, 0x10fe, 0x1209, 0x1229, 0x2449, 0x2459, 0x245d, 0x27dc, 0,
};

static bool e100_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_INTEL, ids);
}

static int e100_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_open_bar(f);

	return bar < 0 ? bar : DECODE(f, ins, (unsigned int)bar, 0, registers);
}

const struct engine engine_e100 = {
	.name = "e100",
	.matches = e100_matches,
	.decode = e100_decode,
};
