/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was left to its driver's shutdown() since the lab saw that leave it quiet (action=shutdown), looked
 * at on arrival, before a driver is loaded: which functions that is, what was seen, and what to say of it.
 * The look itself is the caller's.
 */
#pragma once

#include "across/differences.h"
#include "base/error.h"
#include "sys/root.h"

#include <jansson.h>

/*
 * [{"device": path below /sys, "driver": the last kernel's, "evidence"}, ...] by what came: the record where
 * it did, else the plan. The caller owns *@ret_list. 0, -ENOENT: nothing came; or another errno with @e.
 */
int witnessed_wanted(const struct sysroot *root, json_t **ret_list, struct error *e);

/*
 * Keeps @functions, each as above with "verdict" and "text" of the look, in CARRIED_FOLDER for verify. 0 or
 * a negative errno with @e.
 */
int witnessed_keep(const struct sysroot *root, json_t *functions, struct error *e);

/*
 * Adds what was kept to @found: a function that was at work to what is lost, one that could not be read to
 * the notes, a quiet one to what is as it was. Nothing where there was no look. 0, or a negative errno with @e.
 */
int witnessed_tell(const struct sysroot *root, struct differences *found, struct error *e);
