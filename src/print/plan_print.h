/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan for people, for programs and for Graphviz. One file each; plan, quiesce, exec share them. */
#pragma once

#include "plan/plan.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Would a person miss @device in a listing of the plan? Not what is left as ever: platform, ACPI
 * and the like, unless something about it is out of the ordinary.
 */
bool plan_is_notable(const struct plan *plan, const struct device *device);

/* A tree at 80 columns, warnings, and one line that sums up. @verbose: every device, and which rule
 * decided. */
void plan_print_text(FILE *out, const struct plan *plan, bool verbose);

/* The table of its reset domains, and an empty line; nothing where there is none. */
void plan_print_resets(FILE *out, const struct plan *plan, bool verbose);

/* The table of what may be halted, and an empty line; nothing where there is none. */
void plan_print_halts(FILE *out, const struct plan *plan, bool verbose);

/* Only its last line, with a newline. */
void plan_print_summary(FILE *out, const struct plan *plan);

/* doc/plan-json.md. The caller owns it; NULL when memory is short. */
json_t *plan_json(const struct plan *plan);

/* Graphviz: colours by fate, an arrow from what goes first to what goes after. */
void plan_print_dot(FILE *out, const struct plan *plan, bool verbose);
