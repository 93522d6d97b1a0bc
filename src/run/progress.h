/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is told while a run goes on: the verbs put a terminal behind this, tests a list. */
#pragma once

#include "halt/stage.h"
#include "plan/plan.h"
#include "run/release.h"
#include "run/resets.h"

struct progress {
	/* A stage begins: "flush", "prepare", "release", "halt", "clear", "reset", "late", "jump". */
	void (*stage)(const char *name, size_t steps);
	/* A device's release ended. */
	void (*released)(const struct release_result *result);
	/* The releases still running changed; at most one of them is named. */
	void (*waiting)(const struct decision *decision, size_t running);
	/* A function that ran without a driver was told to stop. */
	void (*halted)(const struct halt_result *result);
	/* A reset ended. */
	void (*reset)(const struct reset_result *result);
	/* Anything else worth a line. */
	void (*note)(const char *line);
};
