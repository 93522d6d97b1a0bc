// SPDX-License-Identifier: GPL-2.0-or-later
/* Slab after each cycle, and what its course says; see slab.h. */
#include "trial/slab.h"

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

/* Dentries, inodes and their like; a cache that sysfs does not know counts. */
static bool is_reclaimable(const struct sysroot *root, const char *cache)
{
	unsigned long long reclaimable;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), CACHES "/%s/reclaim_account", cache);
	return sysroot_read_u64(root, path, &reclaimable) == 0 && reclaimable;
}

/* One line of /proc/slabinfo (version 2.1): name, objects in use, objects, bytes an object. */
static double line_kb(const struct sysroot *root, const char *line)
{
	unsigned long in_use, objects, bytes;
	char name[64];

	if (sscanf(line, "%63s %lu %lu %lu", name, &in_use, &objects, &bytes) != 4)
		return 0;
	if (!strcmp(name, "vmap_area") || is_reclaimable(root, name))
		return 0;
	return (double)in_use * (double)bytes / 1024;
}

static int read_live(const struct sysroot *root, double *ret_kb)
{
	double kb = 0;
	char *text;
	int code = sysroot_read_all(root, "/proc/slabinfo", &text);

	if (code)
		return code;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		kb += line_kb(root, line);
	}
	free(text);
	*ret_kb = kb;
	return kb > 0 ? 0 : -ENODATA;
}

static int read_total(const struct sysroot *root, double *ret_kb)
{
	char *text;
	int code = sysroot_read_all(root, "/proc/meminfo", &text);
	double kb;

	if (code)
		return code;
	kb = meminfo_value(text, "Slab");
	free(text);
	if (kb < 0)
		return -ENODATA;
	*ret_kb = kb;
	return 0;
}

int slab_read(const struct sys *sys, struct slab *ret)
{
	struct slab slab;
	int code;

	sys_write(sys, "/proc/sys/vm/drop_caches", "2");
	shrink_caches(sys);
	code = read_total(sys->root, &slab.total_kb);
	if (code == 0)
		code = read_live(sys->root, &slab.live_kb);
	if (code == 0)
		*ret = slab;
	return code;
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
