// SPDX-License-Identifier: GPL-2.0-or-later
/* When what was released. Bars are boxes in per cent, so that they fit any width and their text stays text. */
#include "page/html.h"
#include "page/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More rows than a reader takes in at once: the rest is folded away. */
#define ROWS_SHOWN 40

struct scale {
	double from_ms, span_ms;
};

static double percent(const struct scale *scale, double ms)
{
	double value = scale->span_ms > 0 ? (ms - scale->from_ms) / scale->span_ms * 100 : 0;

	return value < 0 ? 0 : value > 100 ? 100 : value;
}

/* What the run was at: each part ends with an event. Parts that did not happen are not shown. */
static const struct {
	const char *event, *name;
} parts[] = {
	{ "plan", "looked and planned" }, { "flush", "wrote back and flushed" },
	{ "release", "prepared" },	  { "released-all", "released" },
	{ "doubts", "verified, reset" },  { "jump", "to the jump" },
};

/* The time of the first such event, or below 0. */
static double time_of(const json_t *events, const char *kind)
{
	const json_t *event;
	size_t i;

	json_array_foreach (events, i, event)
		if (!strcmp(event_text(event, "event"), kind))
			return event_number(event, "time_ms");
	return -1;
}

/* @write each part that took any time. */
static void each_part(FILE *out, const struct facts *facts, const json_t *events,
		      void (*write)(FILE *out, size_t number, double from_ms, double ms,
				    double whole_ms))
{
	double from = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		double to = time_of(events, parts[i].event);

		if (to <= from)
			continue;
		write(out, i, from, to - from, facts->end_ms);
		from = to;
	}
}

static void write_part_bar(FILE *out, size_t number, double from_ms, double ms, double whole_ms)
{
	fprintf(out, "<i class=\"part%zu\" style=\"width:%.3f%%\" title=\"%s\"></i>", number,
		whole_ms > 0 ? ms / whole_ms * 100 : 0, parts[number].name);
}

static void write_part_name(FILE *out, size_t number, double from_ms, double ms, double whole_ms)
{
	fprintf(out, "<li><i class=\"part%zu\"></i>%s <b>", number, parts[number].name);
	html_ms(out, ms);
	fputs("</b></li>\n", out);
}

static void write_run(FILE *out, const struct facts *facts, const json_t *events)
{
	fputs("<h2>The run</h2>\n<div class=\"run-bar\">", out);
	each_part(out, facts, events, write_part_bar);
	fputs("</div>\n<ul class=\"parts\">\n", out);
	each_part(out, facts, events, write_part_name);
	fputs("</ul>\n", out);
}

static void write_bar(FILE *out, const struct device_facts *device, const struct scale *scale)
{
	double from = percent(scale, device->begin_ms);
	double to = percent(scale, device->begin_ms + device->ms);

	fprintf(out, "<li class=\"%s%s\"><span class=\"label\" title=\"",
		became_class(device->became), device->is_critical ? " critical" : "");
	html_text(out, device->path);
	fputs("\">", out);
	html_text(out, device->name);
	if (*device->driver)
		html_element(out, "span", "driver", device->driver);
	fprintf(out,
		"</span><span class=\"track\"><i style=\"left:%.3f%%;width:%.3f%%\"></i></span>"
		"<span class=\"ms\">",
		from, to - from);
	html_ms(out, device->ms);
	fputs("</span></li>\n", out);
}

/* 1, 2 or 5 times a power of ten, four to ten of which make the span. */
static double tick_step(double span_ms)
{
	double step = 0.01;

	while (span_ms / step > 10) {
		if (span_ms / (step * 2) <= 10)
			return step * 2;
		if (span_ms / (step * 5) <= 10)
			return step * 5;
		step *= 10;
	}
	return step;
}

static void write_axis(FILE *out, const struct scale *scale)
{
	double step = tick_step(scale->span_ms);

	fputs("<li class=\"axis\"><span class=\"label\"></span><span class=\"track\">", out);
	for (unsigned int i = 0; i * step <= scale->span_ms; i++) {
		fprintf(out, "<em style=\"left:%.3f%%\">", i * step / scale->span_ms * 100);
		if (scale->span_ms < 10)
			fprintf(out, "%.1f ms", i * step);
		else if (scale->span_ms < 1000)
			fprintf(out, "%.0f ms", i * step);
		else
			fprintf(out, "%.1f s", i * step / 1e3);
		fputs("</em>", out);
	}
	fputs("</span><span class=\"ms\"></span></li>\n", out);
}

static void write_bars(FILE *out, struct device_facts *const order[], size_t count,
		       const struct scale *scale, double least_ms)
{
	fputs("<ol class=\"timeline\">\n", out);
	if (scale->span_ms > 0)
		write_axis(out, scale);
	for (size_t i = 0; i < count; i++)
		if (order[i]->is_critical || order[i]->became < BECAME_LEFT ||
		    order[i]->ms >= least_ms)
			write_bar(out, order[i], scale);
	fputs("</ol>\n", out);
}

static int by_begin(const void *a, const void *b)
{
	const struct device_facts *left = *(struct device_facts *const *)a;
	const struct device_facts *right = *(struct device_facts *const *)b;

	if (left->begin_ms < right->begin_ms || left->begin_ms > right->begin_ms)
		return left->begin_ms < right->begin_ms ? -1 : 1;
	return strcmp(left->path, right->path);
}

static int by_slowness(const void *a, const void *b)
{
	const struct device_facts *left = *(struct device_facts *const *)a;
	const struct device_facts *right = *(struct device_facts *const *)b;

	return (right->ms > left->ms) - (right->ms < left->ms);
}

static struct scale scale_of(struct device_facts *const order[], size_t count)
{
	double from = count ? order[0]->begin_ms : 0, to = from;

	for (size_t i = 0; i < count; i++) {
		double end = order[i]->begin_ms + order[i]->ms;

		from = order[i]->begin_ms < from ? order[i]->begin_ms : from;
		to = end > to ? end : to;
	}
	return (struct scale){ from, to - from };
}

static void write_critical(FILE *out, struct device_facts *const order[], size_t count)
{
	bool first = true;

	fputs("<p class=\"chain\"><span class=\"key\">critical path</span> ", out);
	for (size_t i = 0; i < count; i++) {
		if (!order[i]->is_critical)
			continue;
		fputs(first ? "" : " <span class=\"arrow\">\u2192</span> ", out);
		html_element(out, "b", "name", order[i]->name);
		fputs(" ", out);
		html_ms(out, order[i]->ms);
		first = false;
	}
	fputs("</p>\n", out);
}

static void write_releases(FILE *out, struct device_facts *order[], size_t count)
{
	const struct scale scale = scale_of(order, count);
	double least = 0;

	qsort(order, count, sizeof(*order), by_slowness);
	if (count > ROWS_SHOWN)
		least = order[ROWS_SHOWN - 1]->ms;
	qsort(order, count, sizeof(*order), by_begin);
	write_critical(out, order, count);
	if (count > ROWS_SHOWN)
		fprintf(out,
			"<p>The critical path, what went wrong, and the %d slowest of %zu releases.</p>\n",
			ROWS_SHOWN, count);
	write_bars(out, order, count, &scale, least);
	if (count <= ROWS_SHOWN)
		return;
	fprintf(out, "<details><summary>All %zu releases</summary>\n", count);
	write_bars(out, order, count, &scale, 0);
	fputs("</details>\n", out);
}

int timeline_write(FILE *out, const struct facts *facts, const json_t *events)
{
	struct device_facts **order = calloc(facts->count + 1, sizeof(*order));
	size_t count = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < facts->count; i++)
		if (facts->devices[i].ran)
			order[count++] = &facts->devices[i];
	fputs("<section id=\"timeline\">\n", out);
	write_run(out, facts, events);
	fputs("<h2>The releases</h2>\n", out);
	if (count)
		write_releases(out, order, count);
	else
		fputs("<p>Nothing was released.</p>\n", out);
	fputs("</section>\n", out);
	free(order);
	return 0;
}
