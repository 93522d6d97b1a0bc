/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A takedown done: nothing in use any more, and what cannot be ended does not hold up the rest. */
#pragma once

#include "sys/ops.h"

/*
 * Runs the steps of takedown_plan(), those of one level at once, each in a process with a deadline: a
 * dead disk's file system may never be unmounted. @note is called with a line for each that is left;
 * its devices are then in use, and the plan of the handover leaves them. @below is takedown_plan()'s.
 * Returns how many steps were done.
 */
size_t takedown_run(const struct sys *sys, const char *below, void (*note)(const char *line));
