/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `kexit test` found, as one JSON document (doc/test-json.md): printed by --json, and written
 * by --report to be shared. It says what kind of machine and device it was, and nothing that tells
 * one machine from another of its kind: no serial number, no address, no host name.
 */
#pragma once

#include "graph/graph.h"
#include "sys/root.h"
#include "trial/cycle.h"

#include <jansson.h>

/* Counts and extremes over all cycles. */
struct cycles_summary {
	size_t verdicts[VERDICT_BOUND + 1];
	size_t cleared;	 /* remove() had left Bus Master on */
	size_t not_used; /* a link got no carrier, or a disk could not be read */
	size_t slowest_release, slowest_probe; /* which cycle, from 0 */
	bool has_slab;
	struct slab_growth growth;
	struct slab first, last;
};

void cycles_summarize(const struct cycles *cycles, struct cycles_summary *ret);

/* True if every one of @asked cycles came to its end and left the device quiet; with resets, also
 * if each was done, gave config space back as it was, and left no engine running. */
bool cycles_are_quiet(const struct cycles *cycles, size_t asked);

/*
 * The document's "machine" and "device", to be made before the first cycle. @device as a scan found
 * it. NULL without memory.
 */
json_t *report_head(const struct sysroot *root, const struct device *device);

/* Adds "result" to @report: @asked cycles, those that were made, and why it ended early or "". */
int report_add_result(json_t *report, const struct cycles *cycles, size_t asked, const char *why);
