/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the kernel's slab grow with every cycle of a driver? A driver that forgets memory in its
 * remove() does so each time.
 *
 * Judged is what is in use and no pressure on memory would give back. Memory that a driver takes
 * page by page (DMA rings) is not slab and not seen here.
 */
#pragma once

#include "sys/ops.h"

#include <stdbool.h>
#include <stddef.h>

struct slab {
	double total_kb; /* Slab of /proc/meminfo, with what is only cached */
	double live_kb;	 /* objects in use, of caches that are not reclaimable */
};

/*
 * Reads both. Three things look like growth and are none (measured on Linux 6.1, with nvme and
 * ahci), and are taken out first:
 *
 *   - dentries and inodes of sysfs folders that are gone, and all they hold: dropped by a 2 in
 *     /proc/sys/vm/drop_caches;
 *   - empty and half-empty pages, which SLUB keeps per CPU: given back for a 1 in
 *     /sys/kernel/slab/CACHE/shrink, so that objects can be counted to the last (a CPU's page counts
 *     as full before), and counted are objects, not pages;
 *   - vmap_area: each process that ends leaves some, and the kernel frees them late and in bunches
 *     of thousands (mm/vmalloc.c, lazy_max_pages()).
 *
 * 0, or a negative errno when /proc/meminfo or /proc/slabinfo does not say.
 */
int slab_read(const struct sys *sys, struct slab *ret);

struct slab_growth {
	bool is_known;	     /* false: too few cycles to tell growth from noise */
	bool grows;	     /* by more than the noise, in both halves of what was judged */
	size_t first, count; /* the cycles judged, from 0 */
	double kb_a_cycle;   /* their slope */
	double noise_kb;     /* a slope up to this may be noise */
};

/* Cycles it takes until growth can be told from noise. */
#define SLAB_LEAST_CYCLES 20

/*
 * Judges @kb, one value after each of @count cycles. The first half is left out: caches fill then.
 *
 * The noise is three standard errors of the slope, wider where the deviations follow each other
 * (lag-1 autocorrelation), and never below one page over all that is judged, which is what
 * /proc/meminfo counts in. A single step, such as one more slab for somebody else, gives a slope as
 * well; but a leak shows in both halves of what is judged, and a step in one of them.
 */
void slab_judge(const double kb[], size_t count, struct slab_growth *ret);
