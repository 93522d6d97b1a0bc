/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices that came after the plan was made: plugged in while it ran, or found late. */
#pragma once

#include "graph/graph.h"
#include "record/record.h"
#include "sys/ops.h"

/*
 * Writes an "arrived" event for each PCI function that @graph does not have, and tells @note (may be
 * NULL). No plan is about them: one with a driver is left to its shutdown(), as under stock kexec.
 * Returns how many there are.
 */
size_t arrivals_tell(const struct sys *sys, const struct graph *graph, struct record *record,
		     void (*note)(const char *line));
