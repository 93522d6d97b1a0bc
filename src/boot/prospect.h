/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan of a handover from here: from the rules and the devices as they are. */
#pragma once

#include "base/error.h"
#include "plan/plan.h"
#include "run/probes.h"
#include "sys/root.h"

/*
 * Reads the rules of the image, scans the machine and makes the plan. With @as_if_down, what this
 * boot loader has mounted and put together counts as gone, as it will be by then. For a child: the
 * plan, the graph and the rules go with the process.
 */
int prospect_make(const struct sysroot *root, const struct plan_options *options, bool as_if_down,
		  const struct probes *probes, struct graph **ret_graph, struct plan **ret_plan,
		  struct error *e);
