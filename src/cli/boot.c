// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit boot: load a kernel and hand the machine to it. */
#include "cli/handover_verb.h"

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	return handover_verb_run(verb, root, argc, argv, true, true);
}

const struct verb verb_boot = {
	.name = "boot",
	.arguments = "KERNEL | --entry ENTRY [--initrd FILE]... [--append STRING] ...",
	.summary = "Load a kernel, release every device and jump",
	.help = IMAGE_OPTIONS_HELP CHOICES_HELP HANDOVER_HELP
	"\n"
	"The kernel is loaded before anything is released; when that fails, the machine\n"
	"is as it was.\n",
	.acts = true,
	.run = run,
};
