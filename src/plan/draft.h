/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan in the making: what is known about each device, by device->id, until its fate is fixed.
 * Inside plan/ only.
 */
#pragma once

#include "plan/plan.h"

enum state {
	STATE_GOES,    /* would be released by itself */
	STATE_FOLLOWS, /* goes when something above it goes */
	STATE_UNBOUND, /* no driver: only passes on what holds for those below and above */
	STATE_STAYS,
};

struct draft {
	struct arena *arena; /* scratch; the plan has its own */
	struct plan *plan;
	const struct graph *graph;
	struct ruling *rulings;
	enum state *states;
	struct device **roots;	/* of what stays: the device that this began with */
	const char **kept;	/* what to say of those that stay for this one, once asked for */
	struct device **takers; /* the release that unbinds it: itself or one above; NULL: none */
	struct edge **edges;	/* first of the edges whose `first` is this device ... */
	struct edge **next;	/* ... and by number of the edge, the next of the same device */
	struct device **todo;	/* a stack: became STATE_STAYS, neighbours not looked at yet */
	size_t todo_count;
};

/*
 * Finds what stays: first what the rules leave, then what is in use, each with all it needs. Fills
 * states, roots, and the reason, rule and because of those that stay. -EBUSY with @strict.
 */
int stay_resolve(struct draft *draft, bool strict, struct error *e);

/* Fills plan->order, and waits_for, phase and deadline of every release. Needs takers. */
int order_make(struct draft *draft, struct error *e);

/* Fills plan->resets. Needs fates. 0 or -ENOMEM. */
int resets_make(struct draft *draft, enum reset_mode mode);

/* Fills plan->halts. Needs uses. 0 or -ENOMEM. */
int halts_make(struct draft *draft, enum halt_mode mode);

/* Shall it be left by someone's word? A built-in rule is about drivers, a person's is about the device. */
bool draft_is_left_by_word(const struct draft *draft, const struct device *device);
