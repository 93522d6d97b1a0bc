/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left to the late module, from the plan and from what became of it: the last stage before
 * the jump. The list stays with the module until the jump, whoever makes it, or a rollback.
 */
#pragma once

#include "record/record.h"
#include "run/progress.h"
#include "run/quiesce.h"
#include "sys/ops.h"

/* What is missing without the module; a whole sentence without its full stop. */
#define LATE_MISSING                                                                               \
	"kexit_late is not loaded: shutdown() has no time limit, nothing is reset after it, and "  \
	"a remove() that never returns ends in a restart through firmware"

struct late_options {
	/* For all of device_shutdown(); 0: as long as the rules' longest. */
	unsigned int shutdown_deadline_ms;
	const struct progress *progress; /* or NULL */
};

/*
 * Hands the list to the module, after a "late" event. True when the next kexec will do what is in
 * it; false when there is no module or it refused, which the progress tells.
 */
bool late_stage(const struct sys *sys, const struct quiesce_result *result, struct record *record,
		const struct late_options *options);
