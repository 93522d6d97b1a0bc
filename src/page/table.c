// SPDX-License-Identifier: GPL-2.0-or-later
/* Every device in a row, the worst first; radio buttons above it show one outcome alone, without script. */
#include "page/html.h"
#include "page/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_severity(const void *a, const void *b)
{
	const struct device_facts *left = *(struct device_facts *const *)a;
	const struct device_facts *right = *(struct device_facts *const *)b;

	if (left->became != right->became)
		return left->became < right->became ? -1 : 1;
	return strcmp(left->path, right->path);
}

/* One class of outcomes may have several kinds, which share a button. */
static bool is_new_class(const struct facts *facts, enum became became)
{
	if (!facts->counts[became])
		return false;
	for (enum became other = 0; other < became; other++)
		if (facts->counts[other] && !strcmp(became_class(other), became_class(became)))
			return false;
	return true;
}

static size_t class_count(const struct facts *facts, enum became became)
{
	size_t count = 0;

	for (enum became other = 0; other < BECAME_COUNT; other++)
		if (!strcmp(became_class(other), became_class(became)))
			count += facts->counts[other];
	return count;
}

static void write_buttons(FILE *out, const struct facts *facts)
{
	fprintf(out,
		"<input type=\"radio\" name=\"show\" id=\"show-all\" checked>"
		"<label for=\"show-all\">all %zu</label>\n",
		facts->count);
	for (enum became became = 0; became < BECAME_COUNT; became++)
		if (is_new_class(facts, became))
			fprintf(out,
				"<input type=\"radio\" name=\"show\" id=\"show-%s\">"
				"<label for=\"show-%s\" class=\"%s\">%s %zu</label>\n",
				became_class(became), became_class(became), became_class(became),
				became_name(became), class_count(facts, became));
}

static void write_before(FILE *out, const struct device_facts *device)
{
	fputs("<td data-label=\"before\">", out);
	/* The record does not name the driver of what the plan left. */
	html_text(out, *device->driver		       ? device->driver
		       : device->became == BECAME_LEFT ? "bound"
						       : "\u2013");
	if (device->links)
		html_element(out, "span", "link", device->links);
	fputs("</td>", out);
}

/* What was done to it once no driver held it: "reset: done". */
static void put_outcome(FILE *out, const char *what, const char *outcome)
{
	if (!outcome)
		return;
	fprintf(out, "<span class=\"note\">%s: ", what);
	html_text(out, outcome);
	fputs("</span>", out);
}

/* The hardware's word, then what else is true of it. */
static void write_after(FILE *out, const struct device_facts *device)
{
	fputs("<td data-label=\"after\">", out);
	if (device->restored) {
		html_text(out, device->restored);
	} else if (*device->verdict) {
		html_text(out, device->verdict);
	} else if (device->doubt) {
		html_text(out, device->doubt);
	} else {
		fputs(device->became == BECAME_LEFT ? "bound" : "\u2013", out);
	}
	if (device->cleared)
		html_element(out, "span", "note", "Bus Master cleared");
	if (device->masters)
		html_element(out, "span", "note bad", "masters the bus");
	put_outcome(out, "halt", device->halt);
	put_outcome(out, "reset", device->reset);
	fputs("</td>", out);
}

static void write_reason(FILE *out, const struct device_facts *device)
{
	fputs("<td class=\"reason\" data-label=\"why\">", out);
	if (device->with) {
		const char *slash = strrchr(device->with, '/');

		fputs("with ", out);
		html_text(out, slash ? slash + 1 : device->with);
	} else {
		html_text(out, device->reason);
	}
	if (*device->code && !strstr(device->reason, device->code)) {
		fputs(*device->reason ? "; " : "", out);
		html_text(out, device->code);
	}
	fputs("</td>", out);
}

static void write_row(FILE *out, const struct device_facts *device)
{
	fprintf(out, "<tr class=\"%s%s\"><th scope=\"row\" title=\"", became_class(device->became),
		device->is_critical ? " critical" : "");
	html_text(out, device->path);
	fputs("\">", out);
	html_text(out, device->name);
	fputs("</th>", out);
	write_before(out, device);
	fprintf(out, "<td data-label=\"outcome\"><span class=\"pill %s\">%s %s</span></td>",
		became_class(device->became), became_mark(device->became),
		became_name(device->became));
	fputs("<td class=\"number\" data-label=\"time\">", out);
	if (device->ran)
		html_ms(out, device->ms);
	fputs("</td>", out);
	write_after(out, device);
	write_reason(out, device);
	fputs("</tr>\n", out);
}

int table_write(FILE *out, const struct facts *facts)
{
	struct device_facts **order = calloc(facts->count + 1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < facts->count; i++)
		order[i] = &facts->devices[i];
	qsort(order, facts->count, sizeof(*order), by_severity);
	fputs("<section id=\"devices\">\n<h2>Every device</h2>\n", out);
	write_buttons(out, facts);
	fputs("<table class=\"devices\">\n<thead><tr><th scope=\"col\">device</th>"
	      "<th scope=\"col\">before</th><th scope=\"col\">outcome</th>"
	      "<th scope=\"col\" class=\"number\">time</th><th scope=\"col\">after</th>"
	      "<th scope=\"col\">why</th></tr></thead>\n<tbody>\n",
	      out);
	for (size_t i = 0; i < facts->count; i++)
		write_row(out, order[i]);
	fputs("</tbody>\n</table>\n</section>\n", out);
	free(order);
	return 0;
}
