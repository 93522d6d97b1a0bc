// SPDX-License-Identifier: GPL-2.0-or-later
/* What a reader wants first: did it work, how much of it, and what is different now. */
#include "page/html.h"
#include "page/parts.h"

#include <string.h>

/* The last list is empty, and nothing that was seen before says otherwise. */
static bool is_known_quiet(const struct facts *facts)
{
	return facts->doubts && !json_array_size(json_object_get(facts->doubts, "functions")) &&
	       event_number(facts->doubts, "masters") < 1 && !facts->counts[BECAME_STUCK] &&
	       !facts->counts[BECAME_FAILED] && !facts->counts[BECAME_UNFINISHED];
}

/* How the run ended. The class says how bad that is: "good", "fair", "bad". */
static const char *describe_end(const struct facts *facts, const char **ret_class)
{
	const char *kind = event_text(facts->last, "event");

	*ret_class = "bad";
	if (!strcmp(kind, "failed"))
		return facts->rolled_back ? "It failed, and everything was taken back"
					  : "It failed";
	if (!strcmp(kind, "jump-returned"))
		return "The kernel did not jump";
	if (!strcmp(kind, "firmware"))
		return "The machine went through firmware";
	*ret_class = "fair";
	if (facts->rolled_back)
		return "Everything was taken back";
	if (strcmp(kind, "jump") != 0 && !facts->doubts)
		return "The record ends in the middle: kexit was ended, or is at work";
	if (!is_known_quiet(facts))
		return !strcmp(kind, "jump") ? "Jumped, and not all was known to be quiet"
					     : "Quiesced, and not all is known to be quiet";
	*ret_class = "good";
	return !strcmp(kind, "jump") ? "Jumped, and every function was known to be quiet"
				     : "Quiesced: every function is known to be quiet";
}

static void write_end(FILE *out, const struct facts *facts)
{
	const char *class, *end = describe_end(facts, &class);
	const char *why = event_text(facts->last, "why"), *code = event_text(facts->last, "errno");

	fprintf(out, "<header>\n<p class=\"run\">kexit ");
	html_text(out, event_text(facts->start, "verb"));
	fputs(" \u00b7 kernel ", out);
	html_text(out, event_text(facts->start, "kernel"));
	fputs(" \u00b7 ", out);
	html_text(out, event_text(facts->start, "machine"));
	fputs(" \u00b7 ", out);
	html_text(out, event_text(facts->start, "time"));
	fprintf(out, "</p>\n<h1 class=\"%s\">", class);
	html_text(out, end);
	fputs("</h1>\n", out);
	if (*why || *code) {
		fputs("<p class=\"why\">", out);
		html_text(out, *why ? why : code);
		fputs("</p>\n", out);
	}
	fputs("</header>\n", out);
}

static void write_tile(FILE *out, const char *class, const char *mark, size_t count,
		       const char *name)
{
	fprintf(out, "<li class=\"%s\"><b>%zu</b> <span>%s %s</span></li>\n", class, count, mark,
		name);
}

/* Released and left always, that a 0 can be seen; the rest where there is one. */
static void write_tiles(FILE *out, const struct facts *facts)
{
	fputs("<ul class=\"tiles\">\n", out);
	for (enum became became = 0; became < BECAME_COUNT; became++)
		if (facts->counts[became] || became == BECAME_RELEASED || became == BECAME_LEFT)
			write_tile(out, became_class(became), became_mark(became),
				   facts->counts[became], became_name(became));
	fputs("</ul>\n", out);
}

static void write_pair(FILE *out, const char *what, size_t before, size_t after)
{
	fprintf(out, "<tr><th scope=\"row\">%s</th><td>%zu</td><td>%zu</td></tr>\n", what, before,
		after);
}

static size_t still_bound(const struct facts *facts)
{
	size_t bound = 0;

	for (size_t i = 0; i < facts->count; i++) {
		const struct device_facts *device = &facts->devices[i];

		bound += device->became <= BECAME_FAILED || device->became == BECAME_UNFINISHED ||
			 device->became == BECAME_LEFT || device->restored;
	}
	return bound;
}

static size_t bound_before(const struct facts *facts)
{
	return facts->count - facts->counts[BECAME_ARRIVED] - facts->counts[BECAME_UNDRIVEN];
}

/* Only what the record knows of both sides stands here. */
static void write_sides(FILE *out, const struct facts *facts)
{
	size_t doubts = json_array_size(json_object_get(facts->doubts, "functions"));

	fputs("<section id=\"sides\">\n<h2>Before and after</h2>\n<table class=\"sides\">\n"
	      "<thead><tr><th></th><th scope=\"col\">before</th><th scope=\"col\">after</th></tr>"
	      "</thead>\n<tbody>\n",
	      out);
	write_pair(out, "devices with a driver", bound_before(facts), still_bound(facts));
	/* They are taken down before the first release. */
	if (facts->rolled_back || facts->released_all)
		write_pair(out, "network links up", facts->links_up,
			   facts->rolled_back ? facts->links_up : 0);
	fputs("</tbody>\n</table>\n<p>", out);
	if (facts->disks)
		fprintf(out, "%zu disk%s flushed first. ", facts->disks,
			facts->disks == 1 ? "" : "s");
	if (facts->resets)
		fprintf(out, "%zu reset%s. ", facts->resets, facts->resets == 1 ? "" : "s");
	if (facts->doubts)
		fprintf(out,
			"At the end %zu function%s not known to be quiet, %.0f mastering the bus.",
			doubts, doubts == 1 ? " was" : "s were",
			event_number(facts->doubts, "masters"));
	else
		fputs("Nobody asked at the end what was quiet.", out);
	fputs("</p>\n</section>\n", out);
}

void head_write(FILE *out, const struct facts *facts)
{
	write_end(out, facts);
	write_tiles(out, facts);
	write_sides(out, facts);
}
