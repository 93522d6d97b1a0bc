/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexit report --previous: the last handover, as far as it crossed the jump or outlived it. */
#pragma once

#include "sys/root.h"

#include <jansson.h>
#include <stdbool.h>

/* True where a handover came over a jump into this kernel. */
bool previous_came(const struct sysroot *root);

/*
 * Prints what came; where nothing did, which handovers failed and what of the kernel's log was kept. @print
 * prints the events of a record. An enum status: STATUS_FAILED where there is nothing to print, and says
 * so.
 */
int previous_report(const struct sysroot *root, bool json, void (*print)(const json_t *events));
