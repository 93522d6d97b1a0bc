/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one worker does for one reset domain: port services out of the way, Bus Master off, the
 * reset, a look at the hardware. Runs in its own process, since the write may never return.
 */
#pragma once

#include "plan/reset.h"
#include "record/record.h"
#include "reset/reset.h"
#include "sys/ops.h"

struct reset_task {
	const struct sys *sys;
	struct record *record;
	const struct reset_domain *domain;
	/* Shared with the parent: one for each of domain->functions. */
	struct reset_after *after;
};

/* The work. Whatever happens is in *@ret_report and task->after. */
void reset_work(const struct reset_task *task, struct reset_report *ret_report);

/* True when no driver holds a function of @domain; else *@ret_bound is one that is held. The
 * drivers of ports have no part in a reset, and stay. */
bool reset_is_free(const struct sys *sys, const struct reset_domain *domain,
		   const struct device **ret_bound);
