// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit quiesce: everything up to the jump, and stop there. */
#include "cli/handover_verb.h"

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	return handover_verb_run(verb, root, argc, argv, false, false);
}

const struct verb verb_quiesce = {
	.name = "quiesce",
	.arguments = "[--now] [--release M] [--leave M] [--only M] [--strict] ...",
	.summary = "Release every device up to the jump, and stop there",
	.help = CHOICES_HELP HANDOVER_HELP
	"\n"
	"A link that is released goes down: from an SSH session, use a console or --leave\n"
	"its NIC. Here --on-stuck=firmware rolls back, since no jump was asked for.\n",
	.acts = true,
	.run = run,
};
