/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine has, as what comes after can be held against it: its PCI functions with ids and
 * drivers, its disks, its network links. doc/across.md says what each member means.
 */
#pragma once

#include "graph/graph.h"
#include "sys/root.h"

#include <jansson.h>

#define INVENTORY_SCHEMA 1

/* From a scan; more is read of /sys, and of this kernel's links where @root is this machine. The
 * caller owns it; NULL: no memory. */
json_t *inventory_json(const struct sysroot *root, const struct graph *graph);
