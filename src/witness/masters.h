/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bus Master on for every function, as the next driver's pci_set_master() would, and off again. */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

struct masters;

/*
 * Turns Bus Master (PCIe 6.0 7.5.1.1.3) on for each endpoint that no driver holds and that has it
 * off; bridges are on already in any kernel that found something below them, or are the drivers'.
 * *@ret_count: how many. The caller owns *@ret_masters.
 */
int masters_on(const struct sys *sys, struct masters **ret_masters, size_t *ret_count,
	       struct error *e);

/* Off again where masters_on() turned it on. Frees @masters; NULL is allowed. */
void masters_off(const struct sys *sys, struct masters *masters);
