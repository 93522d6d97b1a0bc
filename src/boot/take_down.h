/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing of a disk in use any more, and what cannot be ended does not hold up the rest. */
#pragma once

#include "sys/ops.h"

/*
 * Runs the steps of takedown_plan(), those of one level at once, each in a process with a deadline: a
 * dead disk's file system may never be unmounted. @note is called with a line for each that is left;
 * its devices are then in use, and the plan of the handover leaves them.
 */
void take_down(const struct sys *sys, void (*note)(const char *line));
