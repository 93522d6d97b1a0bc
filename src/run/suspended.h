/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device-mapper devices that hold back all I/O: every sync(2) and flush would wait for them. */
#pragma once

#include "base/error.h"
#include "graph/graph.h"
#include "sys/ops.h"

/*
 * 0, or -EBUSY with the device named in @e where one is suspended. Tools suspend a device for a moment
 * when they change it, so one that is gets two seconds.
 */
int suspended_check(const struct sys *sys, const struct graph *graph, struct error *e);
