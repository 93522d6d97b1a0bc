/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function whose address decoding is off, made to answer for one reading (`kexit inspect
 * --wake`). So it stands on POWER in every fresh kernel: firmware assigns no addresses there, and
 * Linux turns decoding on at a driver's probe.
 *
 * The kernel turns it on, by 1 in the function's `enable` (pci_enable_device(): the bridges above
 * it too, and only with addresses that it has assigned); Bus Master stays off. Put back after the
 * reading; the bridges above stay enabled, as they do when a driver lets go of its device.
 */
#pragma once

#include "inspect/inspect.h"
#include "sys/ops.h"

/* True for a function that no driver holds and whose registers lie behind decoding that is off. */
bool decoding_is_off(const struct inspection *ins);

/*
 * Turns it on for the function at the sysfs folder @path, inspects it again into *@ins with
 * `decoding_lent` set, and turns it off again, also when the reading fails. Where it cannot be
 * turned on, `why` says so. 0, or a negative errno when it was not put back as it was.
 */
int decoding_inspect(const struct sys *sys, const char *path, struct inspection *ins);
