// SPDX-License-Identifier: GPL-2.0-or-later
/* Slab after each cycle, and what its course says; see slab.h. */
#include "run/slab.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHES		"/sys/kernel/slab"
#define STANDARD_ERRORS 3.0
#define PAGE_KB		4.0
#define MOST_FOLLOWING	0.9 /* of the autocorrelation, lest the noise become endless */

/* A value in kB of /proc/meminfo; -1: it is not there. */
static double meminfo_value(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, length) && line[length] == ':')
			return strtod(line + length + 1, NULL);
	}
	return -1;
}

/* A kernel without the attribute, or another allocator, is read as it is. */
static void shrink_caches(const struct sys *sys)
{
	DIR *caches = sysroot_opendir(sys->root, CACHES);
	const struct dirent *cache;
	char path[PATH_MAX];

	if (!caches)
		return;
	while ((cache = readdir(caches))) {
		/* Links are other names of caches that were merged. */
		if (cache->d_type != DT_DIR || cache->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), CACHES "/%s/shrink", cache->d_name);
		sys_write(sys, path, "1");
	}
	closedir(caches);
}

/* What the cache @name holds, in kB, by /proc/slabinfo (version 2.1): name, active objects, objects,
 * bytes an object. 0 where that does not say. */
static double cache_size(const struct sysroot *root, const char *name)
{
	unsigned long active, objects, bytes;
	size_t length = strlen(name);
	double kb = 0;
	char *text;

	if (sysroot_read_all(root, "/proc/slabinfo", &text))
		return 0;
	for (const char *line = text; line && !kb; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, length) && line[length] == ' ' &&
		    sscanf(line + length, "%lu %lu %lu", &active, &objects, &bytes) == 3)
			kb = (double)objects * (double)bytes / 1024;
	}
	free(text);
	return kb;
}

int slab_read(const struct sys *sys, struct slab *ret)
{
	struct slab slab;
	char *text;
	int code;

	shrink_caches(sys);
	code = sysroot_read_all(sys->root, "/proc/meminfo", &text);
	if (code)
		return code;
	slab.total_kb = meminfo_value(text, "Slab");
	slab.unreclaimable_kb = meminfo_value(text, "SUnreclaim");
	free(text);
	if (slab.total_kb < 0 || slab.unreclaimable_kb < 0)
		return -ENODATA;
	slab.unreclaimable_kb -= cache_size(sys->root, "vmap_area");
	*ret = slab;
	return 0;
}

/* The least-squares line through (0, y[0]), (1, y[1]), ... */
struct line {
	double slope, start;
	double sum_xx; /* of the deviations of x from its mean */
};

static struct line line_fit(const double y[], size_t count)
{
	double mean_x = ((double)count - 1) / 2, mean_y = 0, sum_xy = 0;
	struct line line = { 0 };

	for (size_t i = 0; i < count; i++)
		mean_y += y[i] / (double)count;
	for (size_t i = 0; i < count; i++) {
		double x = (double)i - mean_x;

		sum_xy += x * (y[i] - mean_y);
		line.sum_xx += x * x;
	}
	line.slope = sum_xy / line.sum_xx;
	line.start = mean_y - line.slope * mean_x;
	return line;
}

/* Newton's: libm would be needed for this alone. */
static double square_root(double square)
{
	double root = square > 1 ? square : 1;

	for (int i = 0; i < 64; i++)
		root = (root + square / root) / 2;
	return root;
}

/* The standard error of the slope, wider for deviations that follow each other. */
static double slope_error(const struct line *line, const double y[], size_t count)
{
	double squares = 0, following = 0, before = 0, r;

	for (size_t i = 0; i < count; i++) {
		double off = y[i] - line->start - line->slope * (double)i;

		squares += off * off;
		following += i ? off * before : 0;
		before = off;
	}
	if (squares <= 0)
		return 0;
	r = following / squares;
	r = r < 0 ? 0 : r > MOST_FOLLOWING ? MOST_FOLLOWING : r;
	return square_root(squares / (double)(count - 2) / line->sum_xx * (1 + r) / (1 - r));
}

/* A leak is in either half; a step is in one. */
static bool is_steady(const double y[], size_t count, double slope)
{
	size_t half = count / 2;

	return line_fit(y, half).slope > slope / 2 &&
	       line_fit(y + count - half, half).slope > slope / 2;
}

void slab_judge(const double kb[], size_t count, struct slab_growth *ret)
{
	size_t first = count / 2, judged = count - first;
	double least = PAGE_KB / (double)(judged > 1 ? judged - 1 : 1);
	struct line line;

	*ret = (struct slab_growth){ .first = first, .count = judged };
	if (count < SLAB_LEAST_CYCLES)
		return;
	line = line_fit(kb + first, judged);
	ret->is_known = true;
	ret->kb_a_cycle = line.slope;
	ret->noise_kb = STANDARD_ERRORS * slope_error(&line, kb + first, judged);
	if (ret->noise_kb < least)
		ret->noise_kb = least;
	ret->grows = line.slope > ret->noise_kb && is_steady(kb + first, judged, line.slope);
}
