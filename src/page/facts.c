// SPDX-License-Identifier: GPL-2.0-or-later
/* Events to facts; see facts.h, and doc/record.md for the events. */
#include "page/facts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *class, *mark;
} kinds[] = {
	[BECAME_STUCK] = { "stuck", "stuck", "\u2716" },
	[BECAME_FAILED] = { "failed", "failed", "\u2716" },
	[BECAME_UNFINISHED] = { "under way", "unfinished", "\u2026" },
	[BECAME_NOT_QUIET] = { "not quiet", "loud", "!" },
	[BECAME_LEFT] = { "left", "left", "\u2013" },
	[BECAME_ARRIVED] = { "came late", "left", "+" },
	[BECAME_UNDRIVEN] = { "no driver", "left", "\u2013" },
	[BECAME_RELEASED] = { "released", "released", "\u2714" },
	[BECAME_GONE] = { "gone", "along", "\u2714" },
	[BECAME_ALONG] = { "went along", "along", "\u2714" },
};

const char *became_name(enum became became)
{
	return kinds[became].name;
}

const char *became_class(enum became became)
{
	return kinds[became].class;
}

const char *became_mark(enum became became)
{
	return kinds[became].mark;
}

const char *event_text(const json_t *event, const char *name)
{
	return json_string_value(json_object_get(event, name)) ?: "";
}

double event_number(const json_t *event, const char *name)
{
	return json_number_value(json_object_get(event, name));
}

static bool is_device(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1];
}

/* The facts of the device @path, new ones where there are none. NULL: no memory. */
static struct device_facts *device_at(struct facts *facts, const char *path)
{
	struct device_facts *device;

	for (size_t i = 0; i < facts->count; i++)
		if (!strcmp(facts->devices[i].path, path))
			return &facts->devices[i];
	if (facts->count == facts->capacity) {
		size_t capacity = facts->capacity ? facts->capacity * 2 : 64;

		device = reallocarray(facts->devices, capacity, sizeof(*device));
		if (!device)
			return NULL;
		facts->devices = device;
		facts->capacity = capacity;
	}
	device = &facts->devices[facts->count++];
	*device = (struct device_facts){
		.path = path,
		.name = strrchr(path, '/') + 1,
		.driver = "",
		.reason = "",
		.verdict = "",
		.code = "",
		.became = BECAME_UNDRIVEN,
	};
	return device;
}

static void take_release(struct device_facts *device, const json_t *event)
{
	device->driver = event_text(event, "driver");
	device->begin_ms = event_number(event, "time_ms");
	device->ran = true;
	device->became = BECAME_UNFINISHED;
}

static enum became became_by(const char *outcome)
{
	static const struct {
		const char *outcome;
		enum became became;
	} outcomes[] = {
		{ "released", BECAME_RELEASED }, { "not-quiet", BECAME_NOT_QUIET },
		{ "gone", BECAME_GONE },	 { "left", BECAME_LEFT },
		{ "failed", BECAME_FAILED },	 { "stuck", BECAME_STUCK },
	};

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (!strcmp(outcomes[i].outcome, outcome))
			return outcomes[i].became;
	return BECAME_UNFINISHED;
}

static void take_released(struct device_facts *device, const json_t *event)
{
	device->became = became_by(event_text(event, "outcome"));
	device->ms = event_number(event, "ms");
	device->path_ms = event_number(event, "path_ms");
	device->reason = event_text(event, "reason");
	device->verdict = event_text(event, "verdict");
	device->code = event_text(event, "errno");
	device->cleared = json_is_true(json_object_get(event, "bus_master_cleared"));
}

static void take_left(struct device_facts *device, const json_t *event)
{
	device->became = BECAME_LEFT;
	device->reason = event_text(event, "reason");
}

static void take_follow(struct device_facts *device, const json_t *event)
{
	if (device->ran)
		return;
	device->became = BECAME_ALONG;
	device->driver = event_text(event, "driver");
	device->with = event_text(event, "with");
}

static void take_arrived(struct device_facts *device, const json_t *event)
{
	device->became = BECAME_ARRIVED;
	device->driver = event_text(event, "driver");
	device->reason = "came after the plan was made";
}

static void take_reset_ended(struct device_facts *device, const json_t *event)
{
	device->reset = event_text(event, "outcome");
}

static void take_halted(struct device_facts *device, const json_t *event)
{
	device->halt = event_text(event, "outcome");
}

static void take_restored(struct device_facts *device, const json_t *event)
{
	device->restored = event_text(event, "how");
}

static void take_device_link(struct device_facts *device, const json_t *event)
{
	const char *name = event_text(event, "name");
	char *names = NULL;

	if (asprintf(&names, "%s%s%s", device->links ?: "", device->links ? ", " : "", name) < 0)
		return;
	free(device->links);
	device->links = names;
}

/* Events of one device. */
static const struct {
	const char *event;
	void (*take)(struct device_facts *device, const json_t *event);
} of_devices[] = {
	{ "left", take_left },	       { "release", take_release },
	{ "released", take_released }, { "follow", take_follow },
	{ "arrived", take_arrived },   { "reset-ended", take_reset_ended },
	{ "restored", take_restored }, { "link", take_device_link },
	{ "halted", take_halted },
};

static void take_link(struct facts *facts, const json_t *event)
{
	facts->links++;
	facts->links_up += json_is_true(json_object_get(event, "up"));
}

static void take_flush(struct facts *facts, const json_t *event)
{
	facts->disks = (size_t)event_number(event, "disks");
}

static void take_reset(struct facts *facts, const json_t *event)
{
	facts->resets++;
}

static void take_start(struct facts *facts, const json_t *event)
{
	if (!facts->start)
		facts->start = event;
}

static void take_released_all(struct facts *facts, const json_t *event)
{
	facts->released_all = event;
}

static void take_doubts(struct facts *facts, const json_t *event)
{
	const json_t *item;
	size_t i;

	facts->doubts = event;
	json_array_foreach (json_object_get(event, "functions"), i, item) {
		const char *path = event_text(item, "device");
		struct device_facts *device = is_device(path) ? device_at(facts, path) : NULL;

		if (!device)
			continue;
		if (device->became == BECAME_UNDRIVEN &&
		    json_is_true(json_object_get(item, "bound")))
			device->became = BECAME_LEFT;
		device->doubt = event_text(item, "what");
		device->masters = json_is_true(json_object_get(item, "bus_master"));
		if (!*device->reason)
			device->reason = event_text(item, "reason");
	}
}

static void take_last(struct facts *facts, const json_t *event)
{
	facts->last = event;
}

static void take_rolled_back(struct facts *facts, const json_t *event)
{
	facts->rolled_back = true;
}

/* Events of the run. */
static const struct {
	const char *event;
	void (*take)(struct facts *facts, const json_t *event);
} of_run[] = {
	{ "start", take_start },
	{ "link", take_link },
	{ "flush", take_flush },
	{ "reset-ended", take_reset },
	{ "doubts", take_doubts },
	{ "released-all", take_released_all },
	{ "jump", take_last },
	{ "jump-returned", take_last },
	{ "firmware", take_last },
	{ "failed", take_last },
	{ "rolled-back", take_rolled_back },
};

static int take_event(struct facts *facts, const json_t *event)
{
	const char *kind = event_text(event, "event"), *path = event_text(event, "device");

	if (facts->end_ms < event_number(event, "time_ms"))
		facts->end_ms = event_number(event, "time_ms");
	for (size_t i = 0; i < sizeof(of_run) / sizeof(of_run[0]); i++)
		if (!strcmp(of_run[i].event, kind))
			of_run[i].take(facts, event);
	for (size_t i = 0; i < sizeof(of_devices) / sizeof(of_devices[0]); i++) {
		struct device_facts *device;

		if (strcmp(of_devices[i].event, kind) != 0 || !is_device(path))
			continue;
		device = device_at(facts, path);
		if (!device)
			return -ENOMEM;
		of_devices[i].take(device, event);
	}
	return 0;
}

/*
 * A release's path_ms is its own time and the path_ms of the slowest that it waited for: so the
 * chain can be walked back from its end. Equal chains: the first in the record.
 */
static void mark_critical(struct facts *facts)
{
	struct device_facts *at = NULL;
	double before;

	for (size_t i = 0; i < facts->count; i++)
		if (facts->devices[i].ran && (!at || at->path_ms < facts->devices[i].path_ms))
			at = &facts->devices[i];
	while (at && !at->is_critical) {
		at->is_critical = true;
		before = at->path_ms - at->ms;
		at = NULL;
		for (size_t i = 0; i < facts->count && before > 0.01 && !at; i++) {
			struct device_facts *other = &facts->devices[i];

			if (other->ran && !other->is_critical &&
			    fabs(other->path_ms - before) < 0.01)
				at = other;
		}
	}
}

int facts_read(const json_t *events, struct facts *ret_facts)
{
	struct facts facts = { 0 };
	const json_t *event;
	int r = 0;
	size_t i;

	json_array_foreach (events, i, event) {
		r = take_event(&facts, event);
		if (r < 0)
			break;
	}
	if (r < 0) {
		facts_done(&facts);
		return r;
	}
	mark_critical(&facts);
	for (i = 0; i < facts.count; i++)
		facts.counts[facts.devices[i].became]++;
	*ret_facts = facts;
	return 0;
}

void facts_done(struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		free(facts->devices[i].links);
	free(facts->devices);
}
