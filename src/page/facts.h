/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the events of a record come to, device by device: the one reading of the record that all parts of
 * the page share.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What became of a device; the worst first, as the table has them. */
enum became {
	BECAME_STUCK,
	BECAME_FAILED,
	BECAME_UNFINISHED, /* its release began, and the record ends */
	BECAME_NOT_QUIET,
	BECAME_LEFT,
	BECAME_ARRIVED,	 /* came after the plan was made */
	BECAME_UNDRIVEN, /* no driver held it */
	BECAME_RELEASED,
	BECAME_GONE,  /* vanished with what it sat on */
	BECAME_ALONG, /* nothing was done to it alone */
	BECAME_COUNT,
};

/* Strings are borrowed from the events. */
struct device_facts {
	const char *path, *name;
	const char *driver, *reason, *verdict, *code;
	const char *with;  /* ALONG: the device it goes with */
	char *links;	   /* "eth0, eth1", owned here; NULL: it has none */
	const char *doubt; /* why it is not known to be quiet; NULL: it is, or nobody asked */
	const char *reset; /* the outcome of its reset */
	const char *halt;  /* ... of its halt */
	const char *restored;
	double begin_ms, ms, path_ms;
	enum became became;
	bool ran;	  /* a release of it began */
	bool cleared;	  /* Bus Master had to be cleared */
	bool masters;	  /* the bus, at the end */
	bool is_critical; /* on the chain that took longest */
};

struct facts {
	struct device_facts *devices;
	size_t count, capacity;
	size_t counts[BECAME_COUNT];
	const json_t *start, *released_all, *doubts,
		*last; /* the last: how the run ended, or NULL */
	size_t links, links_up, disks, resets;
	double end_ms;
	bool rolled_back;
};

/* Fills *@ret_facts from @events, which outlive it. 0 or -ENOMEM. */
int facts_read(const json_t *events, struct facts *ret_facts);
void facts_done(struct facts *facts);

/* "released", "not quiet", ...; the class of the page's style; a mark that needs no colour. */
const char *became_name(enum became became);
const char *became_class(enum became became);
const char *became_mark(enum became became);

/* Fields of an event; "" and 0 for what is not there. */
const char *event_text(const json_t *event, const char *name);
double event_number(const json_t *event, const char *name);
