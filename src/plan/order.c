// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In which order the releases go: by the edges between them, and among what is ready by phase.
 *
 * What an edge says of a device that only goes along holds for the release that takes it. Each
 * edge is looked at a constant number of times, unless links form cycles.
 */
#include "plan/draft.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* `from` must have ended before `to` starts; both are releases. */
struct link {
	struct decision *from, *to;
	struct edge *edge; /* NULL: the sysfs tree itself */
	enum edge_kind kind;
	bool dropped; /* a double, or broken to end a cycle */
	struct link *next_from, *next_to;
};

struct sorter {
	struct draft *draft;
	struct plan *plan;
	struct link *links;
	size_t link_count;
	struct link **outgoing, **incoming; /* by device id */
	size_t *waiting;	 /* by device id: links that come in from what is not sorted yet */
	bool *sorted;		 /* by device id */
	struct decision **ready; /* queue */
	size_t ready_first, ready_count;
	size_t cursor;	 /* devices before it are all sorted or no release */
	size_t *visited; /* by device id: the last walk that came by */
	size_t walk;
};

static struct decision *taker_of(const struct sorter *s, const struct device *device)
{
	struct device *taker = device ? s->draft->takers[device->id] : NULL;

	return taker ? &s->plan->decisions[taker->id] : NULL;
}

static void add_link(struct sorter *s, struct decision *from, struct decision *to,
		     struct edge *edge, enum edge_kind kind)
{
	struct link *link;

	if (!from || !to || from == to)
		return;
	link = &s->links[s->link_count++];
	*link = (struct link){ .from = from, .to = to, .edge = edge, .kind = kind };
	link->next_from = s->outgoing[from->device->id];
	s->outgoing[from->device->id] = link;
	link->next_to = s->incoming[to->device->id];
	s->incoming[to->device->id] = link;
}

static void collect_links(struct sorter *s)
{
	const struct graph *graph = s->draft->graph;

	for (size_t i = 0; i < graph->device_count; i++) {
		struct decision *d = &s->plan->decisions[i];

		if (d->fate == FATE_RELEASE)
			add_link(s, d, taker_of(s, d->device->parent), NULL, EDGE_PARENT);
	}
	for (size_t i = 0; i < graph->edge_count; i++) {
		struct edge *edge = &graph->edges[i];

		edge->broken = false;
		add_link(s, taker_of(s, edge->first), taker_of(s, edge->then), edge, edge->kind);
	}
}

/* Between two releases the strongest link stands for all: they can only be broken together. */
static void merge_doubles(struct sorter *s, struct link **seen)
{
	for (size_t i = 0; i < s->plan->decision_count; i++) {
		for (struct link *link = s->incoming[i]; link; link = link->next_to) {
			struct link **first = &seen[link->from->device->id];

			if (!*first || (*first)->to != link->to) {
				*first = link;
				s->waiting[i]++;
				continue;
			}
			if (link->kind > (*first)->kind) {
				(*first)->kind = link->kind;
				(*first)->edge = link->edge;
			}
			link->dropped = true;
		}
	}
}

/*
 * Cycles.
 */

/* Any link into @d from a release that is not sorted; there is one when the queue ran dry. */
static struct link *open_link(const struct sorter *s, const struct decision *d)
{
	for (struct link *link = s->incoming[d->device->id]; link; link = link->next_to)
		if (!link->dropped && !s->sorted[link->from->device->id])
			return link;
	return NULL;
}

static struct decision *first_unsorted(struct sorter *s)
{
	for (; s->cursor < s->plan->decision_count; s->cursor++)
		if (s->plan->decisions[s->cursor].fate == FATE_RELEASE && !s->sorted[s->cursor])
			return &s->plan->decisions[s->cursor];
	return NULL;
}

/* Walks against the links from @d until it comes by a release again: that one is in a cycle. */
static struct decision *find_cycle(struct sorter *s, struct decision *d)
{
	for (s->walk++;;) {
		struct link *link;

		if (s->visited[d->device->id] == s->walk)
			return d;
		s->visited[d->device->id] = s->walk;
		link = open_link(s, d);
		if (!link)
			return NULL;
		d = link->from;
	}
}

/* "a after b after a; broken: b before a (supplier)"; a long one loses its middle. */
static const char *describe(const struct sorter *s, const struct decision *start,
			    const struct link *broken)
{
	const struct decision *d = start;
	char text[512];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", start->device->name);

	do {
		const struct link *link = open_link(s, d);

		d = link->from;
		if (used < sizeof(text) / 2)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " after %s",
						 d->device->name);
		else if (d == start && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, " ... after %s",
						 d->device->name);
	} while (d != start);
	return arena_printf(s->plan->arena, "%s; broken: %s before %s (%s)", text,
			    broken->from->device->name, broken->to->device->name,
			    edge_kind_name(broken->kind));
}

static int record_cycle(struct sorter *s, const struct decision *start, struct link *broken)
{
	struct plan *plan = s->plan;
	const char *text = describe(s, start, broken);

	if (!text || arena_grow(plan->arena, &plan->cycles, &plan->cycle_capacity,
				plan->cycle_count + 1, sizeof(*plan->cycles)))
		return -ENOMEM;
	plan->cycles[plan->cycle_count++] = (struct broken_cycle){
		.edge = broken->edge,
		.text = text,
	};
	return 0;
}

static void ready_add(struct sorter *s, struct decision *d)
{
	s->ready[s->ready_count++] = d;
}

/* The weakest link of the cycle through @start. */
static struct link *weakest_link(const struct sorter *s, const struct decision *start)
{
	const struct decision *d = start;
	struct link *weakest = NULL;

	do {
		struct link *link = open_link(s, d);

		if (!weakest || link->kind < weakest->kind)
			weakest = link;
		d = link->from;
	} while (d != start);
	return weakest;
}

/* Returns 1 when a cycle was broken, 0 when nothing is left to sort. */
static int break_cycle(struct sorter *s)
{
	struct decision *d = first_unsorted(s);
	struct link *weakest;

	if (!d)
		return 0;
	d = find_cycle(s, d);
	if (!d)
		return -EINVAL;
	weakest = weakest_link(s, d);
	if (record_cycle(s, d, weakest) < 0)
		return -ENOMEM;
	weakest->dropped = true;
	if (weakest->edge)
		weakest->edge->broken = true;
	if (--s->waiting[weakest->to->device->id] == 0)
		ready_add(s, weakest->to);
	return 1;
}

/*
 * Sorting.
 */

static void sort_ready(struct sorter *s)
{
	while (s->ready_first < s->ready_count) {
		struct decision *d = s->ready[s->ready_first++];

		s->sorted[d->device->id] = true;
		for (struct link *link = s->outgoing[d->device->id]; link; link = link->next_from)
			if (!link->dropped && --s->waiting[link->to->device->id] == 0)
				ready_add(s, link->to);
	}
}

static int sort(struct sorter *s)
{
	int r;

	for (size_t i = 0; i < s->plan->decision_count; i++)
		if (s->plan->decisions[i].fate == FATE_RELEASE && s->waiting[i] == 0)
			ready_add(s, &s->plan->decisions[i]);
	do {
		sort_ready(s);
		r = break_cycle(s);
	} while (r > 0);
	return r;
}

/*
 * A release goes no later than what waits for it: from PHASE_ENGINE on a phase is a barrier, and a
 * release of an early phase would wait for ever for one that is held back.
 */
static void lower_phases(struct sorter *s)
{
	for (size_t i = s->ready_count; i-- > 0;) {
		struct decision *d = s->ready[i];

		for (struct link *link = s->outgoing[d->device->id]; link; link = link->next_from)
			if (!link->dropped && link->to->phase < d->phase)
				d->phase = link->to->phase;
	}
}

/* Stable by phase; with the phases lowered, no link points backwards. */
static void fill_order(struct sorter *s)
{
	struct plan *plan = s->plan;

	for (enum phase phase = PHASE_UNSET; phase <= PHASE_LAST; phase++)
		for (size_t i = 0; i < s->ready_count; i++)
			if (s->ready[i]->phase == phase)
				plan->order[plan->order_count++] = s->ready[i];
}

static int fill_waits(struct sorter *s)
{
	for (size_t i = 0; i < s->link_count; i++) {
		struct decision *to = s->links[i].to;

		if (s->links[i].dropped)
			continue;
		if (arena_grow(s->plan->arena, &to->waits_for, &to->wait_capacity,
			       to->wait_count + 1, sizeof(to->waits_for[0])))
			return -ENOMEM;
		to->waits_for[to->wait_count++] = s->links[i].from;
	}
	return 0;
}

/* One unbind takes all that follows it, so it gets the patience of the slowest of them. */
static void fill_deadlines(struct sorter *s)
{
	struct plan *plan = s->plan;

	for (size_t i = 0; i < plan->decision_count; i++) {
		struct decision *d = &plan->decisions[i], *taker = taker_of(s, d->device);

		if (taker && taker->deadline_ms < d->deadline_ms)
			taker->deadline_ms = d->deadline_ms;
	}
	for (size_t i = 0; i < plan->order_count; i++)
		if (plan->longest_deadline_ms < plan->order[i]->deadline_ms)
			plan->longest_deadline_ms = plan->order[i]->deadline_ms;
}

static int sorter_init(struct sorter *s, struct link ***ret_seen)
{
	struct arena *arena = s->draft->arena;
	/* One more, so that nothing is of size 0. */
	size_t devices = s->plan->decision_count + 1;
	size_t links = devices + s->draft->graph->edge_count;

	s->links = arena_alloc(arena, links * sizeof(*s->links));
	s->outgoing = arena_alloc(arena, devices * sizeof(*s->outgoing));
	s->incoming = arena_alloc(arena, devices * sizeof(*s->incoming));
	s->waiting = arena_alloc(arena, devices * sizeof(*s->waiting));
	s->sorted = arena_alloc(arena, devices * sizeof(*s->sorted));
	s->visited = arena_alloc(arena, devices * sizeof(*s->visited));
	s->ready = arena_alloc(arena, devices * sizeof(*s->ready));
	s->plan->order = arena_alloc(s->plan->arena, devices * sizeof(*s->plan->order));
	*ret_seen = arena_alloc(arena, devices * sizeof(**ret_seen));
	return s->links && s->outgoing && s->incoming && s->waiting && s->sorted && s->visited &&
			       s->ready && s->plan->order && *ret_seen
		       ? 0
		       : -ENOMEM;
}

int order_make(struct draft *draft, struct error *e)
{
	struct sorter s = { .draft = draft, .plan = draft->plan };
	struct link **seen;
	int r = sorter_init(&s, &seen);

	if (r == 0) {
		collect_links(&s);
		merge_doubles(&s, seen);
		r = sort(&s);
	}
	if (r == 0) {
		lower_phases(&s);
		fill_order(&s);
		fill_deadlines(&s);
		r = fill_waits(&s);
	}
	if (r < 0)
		return error_set(e, r, "plan: the order of releases: %m");
	return 0;
}
