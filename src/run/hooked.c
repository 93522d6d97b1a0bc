// SPDX-License-Identifier: GPL-2.0-or-later
/* Hooks of a run; see hooked.h. */
#include "run/hooked.h"

#include <string.h>

/* How many events of the kind @event have, in @field, one of the two words; @first NULL: all of them. */
static unsigned int count(const json_t *events, const char *event, const char *field,
			  const char *first, const char *second)
{
	unsigned int found = 0;
	const json_t *each;
	size_t i;

	json_array_foreach (events, i, each) {
		const char *kind = json_string_value(json_object_get(each, "event")) ?: "";
		const char *word = json_string_value(json_object_get(each, field)) ?: "";

		if (!strcmp(kind, event) &&
		    (!first || !strcmp(word, first) || !strcmp(word, second)))
			found++;
	}
	return found;
}

static void add_events(struct hooks_facts *facts, const json_t *events)
{
	const json_t *start = record_start(events);
	const char *kernel = json_string_value(json_object_get(start, "kernel"));

	hooks_facts_add(facts, "KERNEL", "%s", kernel ?: "");
	hooks_facts_add(facts, "RELEASED", "%u",
			count(events, "released", "outcome", "released", "not-quiet"));
	hooks_facts_add(facts, "LEFT", "%u", count(events, "left", "", NULL, NULL));
	hooks_facts_add(facts, "STUCK", "%u",
			count(events, "released", "outcome", "stuck", "stuck"));
	hooks_facts_add(facts, "NOT_RELEASED", "%u",
			count(events, "released", "outcome", "failed", "left"));
}

static void add_all(struct hooks_facts *facts, const struct sys *sys,
		    const struct handover_options *options)
{
	json_t *events;

	hooks_facts_add(facts, "VERB", "%s", options->verb);
	/* The service manager put the system that ends there. */
	hooks_facts_add(facts, "PLACE", "%s",
			sysroot_exists(sys->root, "/oldroot") ? "exit" : "system");
	hooks_facts_add(facts, "RECORD", "%s/record", options->record_dir);
	if (record_load(options->record_dir, false, &events, NULL) < 0)
		return;
	add_events(facts, events);
	json_decref(events);
}

int hooked(const struct sys *sys, const struct handover_options *options, enum hooks_moment moment,
	   struct error *e)
{
	struct hooks_facts facts = { 0 };
	int r;

	/* What they are told is read from the whole record. */
	if (!hooks_are_there(sys->root))
		return 0;
	add_all(&facts, sys, options);
	r = hooks_run(sys, moment, &facts, e);
	hooks_facts_done(&facts);
	return r;
}

void hooked_failed(const struct sys *sys, const struct handover_options *options, const char *end,
		   const char *why)
{
	struct hooks_facts facts = { 0 };
	struct error e = ERROR_NONE;

	if (!hooks_are_there(sys->root))
		return;
	add_all(&facts, sys, options);
	hooks_facts_add(&facts, "END", "%s", end);
	hooks_facts_add(&facts, "WHY", "%s", why);
	if (hooks_run(sys, HOOKS_FAILED, &facts, &e) < 0 && options->progress &&
	    options->progress->note)
		options->progress->note(e.text);
	hooks_facts_done(&facts);
}
