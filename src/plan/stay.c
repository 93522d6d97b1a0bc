// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has to stay alive, and for whom.
 *
 * A device that stays needs all it stands on: its parents (removing one removes it), its suppliers
 * (the kernel unbinds the consumers of a managed link by itself), what its disks and links live
 * on, and its physical function. What only goes along with something above it stays when that does.
 * The set only grows, so one pass over devices and edges finds all of it.
 */
#include "plan/draft.h"

#include <errno.h>
#include <string.h>

static struct decision *decision_of(const struct draft *draft, const struct device *device)
{
	return &draft->plan->decisions[device->id];
}

static void push(struct draft *draft, struct device *device, struct device *root)
{
	draft->states[device->id] = STATE_STAYS;
	draft->roots[device->id] = root;
	draft->todo[draft->todo_count++] = device;
}

static bool stays(const struct draft *draft, const struct device *device)
{
	return draft->states[device->id] == STATE_STAYS;
}

/* "kept for 0:0:0:0: ext4 on /"; made once for each root, since a whole bus may stay for one disk. */
static const char *kept_for(struct draft *draft, const struct device *root)
{
	const char **text = &draft->kept[root->id];

	if (!*text)
		*text = arena_printf(draft->plan->arena, "kept for %s: %s", root->name,
				     decision_of(draft, root)->reason);
	return *text;
}

/* @device stays since something that stays for @root needs it. */
static int keep(struct draft *draft, struct device *device, struct device *root)
{
	struct decision *d = decision_of(draft, device);

	if (stays(draft, device))
		return 0;
	d->reason = kept_for(draft, root);
	d->rule = decision_of(draft, root)->rule;
	d->source = NULL;
	d->because = root;
	push(draft, device, root);
	return d->reason ? 0 : -ENOMEM;
}

/* @device would have gone with @parent, or with something above that; both stay. */
static int strand(struct draft *draft, struct device *device, struct device *parent)
{
	struct decision *d = decision_of(draft, device);

	if (draft->rulings[device->id].action == ACTION_FOLLOW) {
		d->reason = parent ? arena_printf(draft->plan->arena, "stays with %s", parent->name)
				   : "nothing that it sits on can go";
		d->because = parent;
	}
	push(draft, device, device);
	return d->reason ? 0 : -ENOMEM;
}

/* Does `then` have to stay when `first` does? A soft link is about order only. */
static bool needs(const struct edge *edge)
{
	return edge->kind != EDGE_LINK_SOFT;
}

static int spread_from(struct draft *draft, struct device *device)
{
	struct device *root = draft->roots[device->id];
	int r = device->parent ? keep(draft, device->parent, root) : 0;

	/* Without a driver there is no active link, but a VF in use needs its PF all the same. */
	if (device->driver || device->uses)
		for (struct edge *edge = draft->edges[device->id]; edge && r == 0;
		     edge = draft->next[edge - draft->graph->edges])
			if (needs(edge))
				r = keep(draft, edge->then, root);
	for (struct device *child = device->child; child && r == 0; child = child->sibling)
		if (draft->states[child->id] == STATE_FOLLOWS ||
		    draft->states[child->id] == STATE_UNBOUND)
			r = strand(draft, child, device);
	return r;
}

static int spread(struct draft *draft)
{
	int r = 0;

	while (draft->todo_count && r == 0)
		r = spread_from(draft, draft->todo[--draft->todo_count]);
	return r;
}

/* What the rules leave, and what could only follow but has nothing above it. */
static int stay_by_rule(struct draft *draft)
{
	for (size_t i = 0; i < draft->graph->device_count; i++) {
		struct device *device = draft->graph->devices[i];
		enum action action = draft->rulings[i].action;
		bool follows = draft->states[i] != STATE_GOES;
		int r = 0;

		if (device->driver &&
		    (action == ACTION_LEAVE || action == ACTION_SHUTDOWN || action == ACTION_UNSET))
			push(draft, device, device);
		else if (!device->parent && follows)
			r = strand(draft, device, NULL);
		if (r < 0)
			return r;
	}
	/* Only now: a device's own rule is a better reason to stay than another device's. */
	return spread(draft);
}

static int words_of(struct draft *draft, struct decision *d)
{
	const struct use *use = d->device->uses;
	size_t more = 0;

	for (const struct use *u = use->next; u; u = u->next)
		more++;
	d->reason = use->words;
	if (more)
		d->reason = arena_printf(draft->plan->arena, "%s, and %zu more", use->words, more);
	d->rule = "in use";
	d->source = NULL;
	d->because = NULL;
	return d->reason ? 0 : -ENOMEM;
}

static int refuse(struct draft *draft, size_t first, struct error *e)
{
	const struct decision *d = &draft->plan->decisions[first];
	size_t more = 0;

	for (size_t i = first + 1; i < draft->graph->device_count; i++)
		more += draft->graph->devices[i]->uses && draft->states[i] != STATE_STAYS &&
			draft->graph->devices[i]->driver;
	if (more)
		return error_set(
			e, -EBUSY,
			"%s (%s) is in use (%s), and %zu more: stop the use, or run without "
			"--strict to leave them",
			d->device->name, d->device->driver, d->device->uses->words, more);
	return error_set(
		e, -EBUSY,
		"%s (%s) is in use (%s): stop the use, or run without --strict to leave it",
		d->device->name, d->device->driver, d->device->uses->words);
}

/* After the rules, so that --strict speaks only of what would really go. */
static int stay_by_use(struct draft *draft, bool strict, struct error *e)
{
	for (size_t i = 0; i < draft->graph->device_count; i++) {
		struct device *device = draft->graph->devices[i];
		struct decision *d = &draft->plan->decisions[i];
		bool stayed = stays(draft, device);
		int r = 0;

		if (!device->uses)
			continue;
		/* What has no driver would not be taken away. */
		if (!stayed && strict && device->driver)
			return refuse(draft, i, e);
		/* Of two reasons to stay, its own use tells a person more than another device's. */
		if (!stayed || draft->rulings[i].action == ACTION_FOLLOW || d->because)
			r = words_of(draft, d);
		if (r == 0 && !stayed) {
			push(draft, device, device);
			r = spread(draft);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int stay_resolve(struct draft *draft, bool strict, struct error *e)
{
	int r = stay_by_rule(draft);

	if (r == 0)
		r = stay_by_use(draft, strict, e);
	if (r == -ENOMEM)
		return error_set(e, r, "plan: %m");
	return r;
}
