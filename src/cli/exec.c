// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit exec: hand the machine to the kernel that is loaded. */
#include "cli/handover_verb.h"

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	return handover_verb_run(verb, root, argc, argv, false, true);
}

const struct verb verb_exec = {
	.name = "exec",
	.arguments = "[--now] [--release M] [--leave M] [--only M] [--strict] ...",
	.summary = "Release every device and jump into the loaded kernel",
	.help = CHOICES_HELP HANDOVER_HELP
	"\n"
	"The image may have been loaded by kexit load, kexec -l or systemd. On a machine\n"
	"with a service manager, stop its services first: it says how.\n",
	.acts = true,
	.run = run,
};
