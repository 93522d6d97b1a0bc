/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last handover, for a person: as far as it crossed the jump, or outlived it. */
#pragma once

#include <jansson.h>

/*
 * Prints what arrived_json() (across/arrived.h) has, to standard output: what came; where nothing did, which
 * handovers failed and what of the kernel's log was kept.
 */
void handover_print(const json_t *arrived);
