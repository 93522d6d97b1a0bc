/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next kernel kept in RAM, so that it can be loaded once more when no file system is left: then with
 * what became of each device behind its initrd. The first load is complete without it.
 */
#pragma once

#include "base/error.h"
#include "image/load.h"
#include "record/record.h"
#include "sys/ops.h"

/* Below the root of the exit environment. */
#define SPARE_FOLDER "/kexit-next"

/*
 * Copies what @request loads, and what it carries, to SPARE_FOLDER below the folder @environment, which is in
 * RAM; the load took @load_ms. -ENOMEM: memory is too short for it and for a second load, nothing is kept; or
 * another negative errno; @e says why.
 */
int spare_keep(const struct sys *sys, const char *environment, const struct image_request *request,
	       double load_ms, struct error *e);

/* Takes it away. None there is fine. */
void spare_drop(const char *environment);

/*
 * Loads it again, with the events of the record in @record_dir behind its initrd. Where it cannot be, or had
 * better not be, the first load stays. The record and the kernel's log say which, and how long it took;
 * nothing is said where nothing was kept below @environment.
 */
void spare_load(const struct sys *sys, const char *environment, const char *record_dir,
		struct record *record);
