/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run as a person watches it: one line per device as it ends, with the time since the start.
 *
 * On a terminal a last line says what is waited for and is drawn over; elsewhere there are plain
 * lines only. Writing fails silently: the terminal may be behind the NIC that just went.
 */
#pragma once

#include "run/progress.h"

/* Lines on stderr, as many as log_level() allows. */
extern const struct progress progress_lines;
