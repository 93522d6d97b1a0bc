// SPDX-License-Identifier: GPL-2.0-or-later
/* What may be halted, for a person: a table below that of the resets; see plan_print.h. */
#include "print/plan_print.h"
#include "print/text.h"

#include <stdlib.h>

#define FATE_WIDTH	7
#define DEVICE_WIDTH	15
#define REGISTERS_WIDTH 27
#define WHY_AT		(FATE_WIDTH + DEVICE_WIDTH + REGISTERS_WIDTH)

static void put_halt(FILE *out, const struct halt *halt)
{
	char *why;

	if (asprintf(&why, "%s (%s)", halt->reason, halt->may ? halt->class->section : halt->rule) <
	    0)
		return;
	fprintf(out, "%-*s%-*s %-*s ", FATE_WIDTH, halt->may ? "may" : "never", DEVICE_WIDTH - 1,
		halt->device->name, REGISTERS_WIDTH - 1, halt->class->registers);
	text_put_wrapped(out, why, WHY_AT, WHY_AT);
	free(why);
}

void plan_print_halts(FILE *out, const struct plan *plan, bool verbose)
{
	const struct halt_plan *halts = &plan->halts;
	size_t shown = 0;

	if (halts->mode == HALT_MODE_NONE) {
		fputs("Nothing is halted (--halt=none).\n\n", out);
		return;
	}
	for (size_t i = 0; i < halts->count; i++) {
		if (!halts->list[i].may && !verbose)
			continue;
		if (!shown++)
			fprintf(out, "%-*s%-*s%-*s%s\n", FATE_WIDTH, "HALT", DEVICE_WIDTH, "DEVICE",
				REGISTERS_WIDTH, "REGISTERS", "WHY (if its engine runs)");
		put_halt(out, &halts->list[i]);
	}
	if (shown)
		putc('\n', out);
}
