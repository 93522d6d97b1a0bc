/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is seen of a device while its driver's remove() runs, beside its worker: what sysfs counts of it,
 * and the kind of devices whose releases wait for the same locks.
 */
#pragma once

#include "graph/graph.h"
#include "sys/root.h"
#include "worker/watch.h"

#include <jansson.h>
#include <stdint.h>

/*
 * One number made of all the counters of @device and of the devices below it: its own interrupts (MSI;
 * a shared line may be another's), I/O of its disks, packets of its links, and how many folders
 * are left below it (links, disks, virtual functions go one after the other). Another number is a sign
 * of progress. Only attributes that no kernel takes a lock for that a remove() may hold.
 */
uint64_t release_counters(const struct sysroot *root, const struct device *device);

/* "net" for what has a network link, itself or below it, or is to have one: RTNL. Else its driver's
 * name: whatever lock a driver has. */
const char *release_kind(const struct device *device);

/* @signs for the record. */
json_t *release_signs_json(const struct signs *signs);
