/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices whose drivers did not come back from their remove() in a handover that arrived all the same: the
 * next one leaves them, with that reason. Known by the device's path and the kernel whose driver it was.
 */
#pragma once

#include "base/error.h"

#include <jansson.h>

/*
 * Adds those of the record @record that came with @handover to the array @stuck, each once:
 * {"path", "driver", "kernel", "reason", "id"}.
 */
void stuck_collect(json_t *stuck, const json_t *handover, const json_t *record);

/* Those of @stuck that are of the kernel @release, as a new array; NULL: no memory. */
json_t *stuck_of(const json_t *stuck, const char *release);

/*
 * Writes a rule (kexit-policy(5)) for each of @stuck into the exit environment at the folder @environment,
 * after all other rules, so that they win. 0, or a negative errno with @e.
 */
int stuck_write_rules(const json_t *stuck, const char *environment, struct error *e);
