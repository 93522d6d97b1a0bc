/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which domains the reset stage takes: from what the hardware says now, and what the plan allows.
 * Chosen in rounds; no two domains of a round overlap, and a later round takes bigger ones.
 */
#pragma once

#include "run/resets.h"

/* What is known of one PCI function, by device->id. */
struct candidate {
	const struct reset_domain *domain; /* the smallest that was not tried yet */
	bool is_known;			   /* somebody looked */
	enum verdict verdict;
	const char
		*doubt;	 /* of a verdict that is not quiet: what makes it so, or why nobody knows */
	bool is_ending;	 /* on its way to stop by itself */
	bool only_intx;	 /* live by nothing but an asserted interrupt */
	const char *why; /* why it is to be reset; NULL: it is not */
	bool is_unbound, is_settled;
	bool is_dead; /* a reset made it so */
};

struct reset_choosing {
	const struct sys *sys;
	const struct plan *plan;
	bool is_locked;		      /* lockdown: registers are refused */
	struct candidate *candidates; /* by device->id */
	const struct reset_domain **chosen;
	const char **whys; /* parallel to chosen */
	size_t chosen_count;
	bool *is_late;	  /* by number of the domain: for the late module */
	bool *is_refused; /* by number of the domain: the kernel would not */
	struct unreset *unreset;
	size_t unreset_count;
};

/*
 * Looks at every function that a domain may reset and no driver holds; the verdicts of those just
 * released are taken from @released, and of @halts (may be NULL) what is quiet. 0 or a negative errno.
 * Memory comes from the plan's arena.
 */
int reset_choosing_init(struct reset_choosing *choosing, const struct sys *sys,
			const struct plan *plan, const struct release_result *released,
			const struct halts *halts);

/* Fills chosen for the next round. 0 or -ENOMEM. */
int reset_choose(struct reset_choosing *choosing);

/* Takes in what became of a chosen domain: functions it did not quiet are chosen for again. */
void reset_choosing_note(struct reset_choosing *choosing, const struct reset_result *result);

/* The buses for the late module, none inside another, in *@ret_late. 0 or -ENOMEM. */
int reset_choosing_late(const struct reset_choosing *choosing,
			const struct reset_domain ***ret_late, size_t *ret_count);
