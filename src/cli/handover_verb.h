/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What quiesce, exec and boot share: their options, their checks in order, and the run. */
#pragma once

#include "cli/choices.h"
#include "cli/image_options.h"
#include "cli/verb.h"

#define HANDOVER_HELP                                                                              \
	"  --now            act although a service manager runs; services lose their devices\n"    \
	"  --jobs N         at most N releases at once (default: as many as are ready)\n"          \
	"  --deadline TIME  of the whole run, as 90s or 5min (default 5min); never below the\n"    \
	"                   longest deadline of a single device\n"                                 \
	"  --on-stuck WHAT  when a remove() or a reset does not return: auto (jump with\n"         \
	"                   kexit_late, else firmware), firmware (restart through it),\n"          \
	"                   wait, or abort (roll back)\n"                                          \
	"  --shutdown-deadline TIME\n"                                                             \
	"                   with kexit_late: of the kernel's own shutdown (default: the\n"         \
	"                   longest of any device, at least 1min), then restart\n"                 \
	"  --on-dead WHAT   when a device does not come back from its reset: continue (to the\n"   \
	"                   next kernel, without it) or firmware (restart through it)\n"           \
	"  -q, --quiet      warnings and errors only\n"                                            \
	"  -v, --verbose    the plan and each stage as well\n"

/* @loads: takes the image options and a KERNEL (boot); @jumps: not for quiesce. An enum status. */
int handover_verb_run(const struct verb *verb, struct sysroot *root, int argc, char *argv[],
		      bool loads, bool jumps);
