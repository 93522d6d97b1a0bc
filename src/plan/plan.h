/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What will happen to each device, in which order, and why. Pure data from a graph and a policy:
 * no I/O, so that every decision can be tested on captured machines.
 *
 * Ownership: a plan lives in its own arena and points into the graph and the policy, which must
 * outlive it.
 */
#pragma once

#include "base/error.h"
#include "graph/graph.h"
#include "plan/halts.h"
#include "plan/reset.h"
#include "policy/policy.h"

/* How a device ends up. */
enum fate {
	FATE_RELEASE, /* unbound by kexit */
	FATE_FOLLOW,  /* goes with a device that is released (`because`) */
	FATE_LEAVE, /* stays bound; the kernel's device_shutdown() deals with it. Or it has no driver,
		       * and a process uses it: nothing is done to it before the jump */
	FATE_CLEAR, /* no driver and mastering the bus: Bus Master is cleared, last */
	FATE_NONE,  /* no driver, nothing to do */
};

struct decision {
	struct device *device;
	enum fate fate;
	const char *reason; /* one clause: "receivers keep running without remove()" */
	const char *rule;   /* who decided: "built-in:12", "in use", "--leave eth0" */
	const char *source; /* the public report behind the rule, or NULL */
	/* It stays, and where the lab has seen its driver's shutdown() leave it quiet (action=shutdown,
	 * whatever else keeps it too): to be looked at on arrival. Else NULL. */
	const char *evidence;
	struct device *because; /* the device that makes this one stay or go along, or NULL */
	enum phase phase;	/* never later than that of a release which waits for this one */
	unsigned int deadline_ms;
	enum reset_choice reset;
	const char *reset_rule; /* who said so, or NULL: nobody */
	bool waive_verify;
	const char *waive_rule;
	const char **warnings;
	size_t warning_count, warning_capacity;
	/* For FATE_RELEASE: the releases that must have ended before this one starts. */
	struct decision **waits_for;
	size_t wait_count, wait_capacity;
};

/* A cycle in the edges, and where it was broken. */
struct broken_cycle {
	const struct edge *edge;
	const char *text; /* "a after b after a; broken: b before a (supplier)" */
};

struct plan_summary {
	size_t release, follow, leave, in_use, clear, none, warnings;
};

struct plan {
	struct arena *arena;
	const struct graph *graph;
	struct decision *decisions; /* one for each device, by device->id */
	size_t decision_count;
	struct decision **order; /* the releases, in an order that respects every edge and phase */
	size_t order_count;
	struct decision **clears; /* FATE_CLEAR */
	size_t clear_count;
	struct broken_cycle *cycles;
	size_t cycle_count, cycle_capacity;
	struct reset_plan resets;
	struct halt_plan halts;
	unsigned int longest_deadline_ms; /* of one release */
	struct plan_summary summary;
};

struct plan_options {
	bool strict; /* a device in use is an error (-EBUSY, the text names it), not left */
	enum reset_mode reset;
	enum halt_mode halt;
};

/* The caller owns *@ret_plan. -ENOMEM; -EBUSY with @strict; -EINVAL for a choice that matches nothing. */
int plan_make(struct graph *graph, const struct policy *policy, const struct plan_options *options,
	      struct plan **ret_plan, struct error *e);
void plan_free(struct plan *plan);

const char *fate_name(enum fate fate);
