/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is known of the handover into this kernel, and of those that did not arrive. */
#pragma once

#include "sys/root.h"

#include <jansson.h>
#include <stdbool.h>

/* True where a handover came over a jump into this kernel. */
bool arrived_is_there(const struct sysroot *root);

/*
 * {"schema", "handover", "inventory", "plan", "record": what came, each left out where it did not;
 * "witness", "verified": what was seen since;
 * "unreadable": a line for each file that came and cannot be read; "failed": as in the mark (mark.h);
 * "kept": as kept_read() has it}. The caller owns it; NULL: no memory.
 */
json_t *arrived_json(const struct sysroot *root);

/* True where it holds nothing at all. */
bool arrived_is_empty(const json_t *arrived);
