// SPDX-License-Identifier: GPL-2.0-or-later
/* From verdicts to domains; see reset_choice.h. */
#include "run/reset_choice.h"

#include "inspect/guard.h"
#include "run/reset_worker.h"
#include "sys/lockdown.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct candidate *candidate_of(const struct reset_choosing *choosing,
				      const struct device *device)
{
	return &choosing->candidates[device->id];
}

/* ---- what the hardware says */

static bool is_locked(const struct reset_choosing *choosing)
{
	enum lockdown lockdown = lockdown_read(choosing->sys->root);

	return lockdown == LOCKDOWN_INTEGRITY || lockdown == LOCKDOWN_CONFIDENTIALITY;
}

/* Under lockdown nobody may read any function's registers: that is no fault of this one. */
static enum verdict settled(const struct reset_choosing *choosing, enum verdict verdict)
{
	return verdict == VERDICT_UNREADABLE && choosing->is_locked ? VERDICT_UNKNOWN : verdict;
}

static void take_verdicts(struct reset_choosing *choosing, const struct release_result *released)
{
	for (size_t i = 0; i < choosing->plan->order_count; i++) {
		const struct release_result *r = &released[i];
		const struct device *device = r->decision->device;
		struct candidate *candidate = candidate_of(choosing, device);

		if (!device->pci || !r->inspected)
			continue;
		candidate->is_known = true;
		candidate->verdict = settled(choosing, r->verdict);
		candidate->doubt = r->why[0] ? r->why : r->text;
		candidate->is_ending = r->is_ending;
	}
}

/* What runs or is not known is read again, since Bus Master and INTx went off meanwhile. */
static void take_quiet(struct reset_choosing *choosing, const struct halts *halts)
{
	for (size_t i = 0; halts && i < halts->count; i++) {
		const struct halt_result *r = &halts->results[i];

		if (!r->is_known || r->report.after != VERDICT_QUIET)
			continue;
		candidate_of(choosing, r->halt->device)->is_known = true;
		candidate_of(choosing, r->halt->device)->verdict = VERDICT_QUIET;
	}
}

static bool may_be_reset(const struct reset_domain *domain)
{
	while (domain && domain->fate == RESET_NEVER)
		domain = domain->outer;
	return domain;
}

/* Functions nobody released: never bound, or gone along with something. */
static int take_inspection(struct reset_choosing *choosing, const struct device *device,
			   const struct inspection *ins)
{
	struct candidate *candidate = candidate_of(choosing, device);
	char text[sizeof(ins->why) + 160];

	inspection_describe(ins, text, sizeof(text));
	candidate->is_known = true;
	candidate->verdict = settled(choosing, ins->verdict);
	candidate->is_ending = ins->is_ending;
	candidate->only_intx = ins->intx_drowns && !ins->is_running;
	candidate->doubt = arena_strdup(choosing->plan->arena, text);
	return candidate->doubt ? 0 : -ENOMEM;
}

static int inspect_rest(struct reset_choosing *choosing)
{
	const struct reset_plan *resets = &choosing->plan->resets;
	struct inspection *inspections = calloc(resets->count + 1, sizeof(*inspections));
	const char **paths = calloc(resets->count + 1, sizeof(*paths));
	const struct device **devices = calloc(resets->count + 1, sizeof(*devices));
	size_t count = 0;
	int r = inspections && paths && devices ? 0 : -ENOMEM;

	for (size_t i = 0; i < resets->count && r == 0; i++) {
		const struct device *device = resets->domains[i].device;

		if (resets->domains[i].is_bus || candidate_of(choosing, device)->is_known ||
		    !may_be_reset(&resets->domains[i]))
			continue;
		devices[count] = device;
		paths[count] = arena_printf(choosing->plan->arena, "/sys%s", device->path);
		r = paths[count++] ? 0 : -ENOMEM;
	}
	if (r == 0)
		r = inspect_many(choosing->sys, paths, count, inspections);
	for (size_t i = 0; i < count && r == 0; i++)
		r = take_inspection(choosing, devices[i], &inspections[i]);
	free(inspections);
	free(paths);
	free(devices);
	return r;
}

/* ---- what has to be reset */

/* Nobody drove it and it masters nothing: that no decoder knows it is no reason. */
static bool was_idle(const struct decision *decision)
{
	return decision->fate == FATE_NONE;
}

static bool is_running(const struct candidate *candidate)
{
	return candidate->verdict == VERDICT_LIVE || candidate->verdict == VERDICT_MASKED;
}

static const struct decision *decision_of(const struct reset_choosing *choosing,
					  const struct device *device)
{
	return &choosing->plan->decisions[device->id];
}

/* What must not be hit by a reset, whoever asks for it. */
static bool is_spared(const struct reset_choosing *choosing, const struct device *device)
{
	const struct candidate *candidate = candidate_of(choosing, device);

	return candidate->is_ending ||
	       (decision_of(choosing, device)->reset == RESET_LIVE && !is_running(candidate));
}

static const char *why_reset(const struct reset_choosing *choosing, const struct decision *decision,
			     const struct candidate *candidate)
{
	if (!candidate->is_unbound || is_spared(choosing, decision->device))
		return NULL;
	if (choosing->plan->resets.mode == RESET_MODE_ALL)
		return "all";
	if (decision->reset == RESET_ALWAYS)
		return "always";
	if (decision->reset == RESET_NONE || decision->waive_verify)
		return NULL;
	if (was_idle(decision))
		return is_running(candidate) && !candidate->only_intx
			       ? verdict_name(candidate->verdict)
			       : NULL;
	return is_running(candidate) || candidate->verdict == VERDICT_UNKNOWN
		       ? verdict_name(candidate->verdict)
		       : NULL;
}

/* A virtual function goes with the driver of its physical one. */
static bool is_there(const struct reset_choosing *choosing, const struct device *device)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s", device->path);
	return sysroot_exists(choosing->sys->root, path);
}

static void judge(struct reset_choosing *choosing)
{
	const struct reset_plan *resets = &choosing->plan->resets;

	for (size_t i = 0; i < resets->count; i++) {
		const struct reset_domain *domain = &resets->domains[i];
		struct candidate *candidate = candidate_of(choosing, domain->device);
		const struct device *bound;

		if (domain->is_bus)
			continue;
		candidate->domain = domain;
		candidate->is_settled = !is_there(choosing, domain->device);
		candidate->is_unbound = reset_is_free(choosing->sys, domain, &bound);
		candidate->why = why_reset(choosing, &choosing->plan->decisions[domain->device->id],
					   candidate);
	}
}

int reset_choosing_init(struct reset_choosing *choosing, const struct sys *sys,
			const struct plan *plan, const struct release_result *released,
			const struct halts *halts)
{
	struct arena *arena = plan->arena;
	size_t devices = plan->decision_count + 1, domains = plan->resets.count + 1;
	int r;

	*choosing = (struct reset_choosing){
		.sys = sys,
		.plan = plan,
		.candidates = arena_alloc(arena, devices * sizeof(*choosing->candidates)),
		.chosen = arena_alloc(arena, domains * sizeof(*choosing->chosen)),
		.whys = arena_alloc(arena, domains * sizeof(*choosing->whys)),
		.is_late = arena_alloc(arena, domains),
		.is_refused = arena_alloc(arena, domains),
		.unreset = arena_alloc(arena, domains * sizeof(*choosing->unreset)),
	};
	if (!choosing->candidates || !choosing->chosen || !choosing->whys || !choosing->is_late ||
	    !choosing->is_refused || !choosing->unreset)
		return -ENOMEM;
	choosing->is_locked = is_locked(choosing);
	take_verdicts(choosing, released);
	take_quiet(choosing, halts);
	r = inspect_rest(choosing);
	if (r < 0)
		return r;
	judge(choosing);
	for (size_t i = 0; i < plan->resets.late_count; i++)
		choosing->is_late[plan->resets.late[i] - plan->resets.domains] = true;
	return 0;
}

/* ---- which domain */

static bool has_spared(const struct reset_choosing *choosing, const struct reset_domain *domain)
{
	for (size_t i = 0; i < domain->function_count; i++)
		if (domain->functions[i]->pci->header_type == 0 &&
		    is_spared(choosing, domain->functions[i]))
			return true;
	return false;
}

static bool is_usable(const struct reset_choosing *choosing, const struct reset_domain *domain)
{
	const struct device *bound;

	return domain->fate == RESET_MAY &&
	       !choosing->is_refused[domain - choosing->plan->resets.domains] &&
	       !has_spared(choosing, domain) && reset_is_free(choosing->sys, domain, &bound);
}

/* The smallest usable domain from @domain outwards, or with `all` the biggest; or NULL. */
static const struct reset_domain *find_usable(const struct reset_choosing *choosing,
					      const struct reset_domain *domain)
{
	const struct reset_domain *found = NULL;

	for (; domain; domain = domain->outer) {
		if (!is_usable(choosing, domain))
			continue;
		found = domain;
		if (choosing->plan->resets.mode != RESET_MODE_ALL)
			break;
	}
	return found;
}

/*
 * A PM reset (D3hot and back) is the weakest: QEMU's e1000e receives on after it. Where no decoder
 * tells whether it helped, the bus is better.
 */
static const struct reset_domain *find_best(const struct reset_choosing *choosing,
					    const struct candidate *candidate)
{
	const struct reset_domain *usable = find_usable(choosing, candidate->domain);
	const struct reset_domain *stronger;

	if (!usable || strcmp(usable->method, "pm") != 0 || candidate->verdict != VERDICT_UNKNOWN)
		return usable;
	stronger = find_usable(choosing, usable->outer);
	return stronger ? stronger : usable;
}

/* What user space cannot reset, the late module may: the smallest bus that nothing forbids. */
static void leave_to_module(struct reset_choosing *choosing, const struct reset_domain *domain)
{
	for (; domain; domain = domain->outer) {
		if (!domain->is_bus || domain->fate == RESET_NEVER || has_spared(choosing, domain))
			continue;
		choosing->is_late[domain - choosing->plan->resets.domains] = true;
		return;
	}
}

static void give_up(struct reset_choosing *choosing, const struct reset_domain *own,
		    struct candidate *candidate)
{
	candidate->is_settled = true;
	if (candidate->is_dead)
		return; /* told as such, and it masters nothing */
	/* With `all` nothing is wrong with what may not be reset. */
	if (choosing->plan->resets.mode == RESET_MODE_ALL && candidate->verdict != VERDICT_LIVE &&
	    candidate->verdict != VERDICT_MASKED)
		return;
	choosing->unreset[choosing->unreset_count++] = (struct unreset){
		.device = own->device,
		.verdict = candidate->verdict,
		.reason = own->fate == RESET_MAY ? "no reset quieted it" : own->reason,
	};
	leave_to_module(choosing, own->outer);
}

/* Bound after all, or left since: what masters the bus until shutdown() is the module's. */
static void leave_bound(struct reset_choosing *choosing, const struct reset_domain *own)
{
	const struct decision *decision = &choosing->plan->decisions[own->device->id];

	if (decision->fate == FATE_RELEASE && decision->reset != RESET_NONE)
		leave_to_module(choosing, own->outer);
}

static void choose_for(struct reset_choosing *choosing, const struct reset_domain *own,
		       const char **why_by_domain)
{
	struct candidate *candidate = candidate_of(choosing, own->device);
	const struct reset_domain *usable;

	if (candidate->is_settled)
		return;
	if (!candidate->is_unbound)
		leave_bound(choosing, own);
	candidate->is_settled = !candidate->is_unbound || !candidate->why;
	if (candidate->is_settled)
		return;
	usable = find_best(choosing, candidate);
	if (usable)
		why_by_domain[usable - choosing->plan->resets.domains] = candidate->why;
	else
		give_up(choosing, own, candidate);
}

int reset_choose(struct reset_choosing *choosing)
{
	const struct reset_plan *resets = &choosing->plan->resets;
	const char **why = calloc(resets->count + 1, sizeof(*why));

	if (!why)
		return -ENOMEM;
	choosing->chosen_count = 0;
	for (size_t i = 0; i < resets->count; i++)
		if (!resets->domains[i].is_bus)
			choose_for(choosing, &resets->domains[i], why);
	for (size_t i = 0; i < resets->count; i++) {
		const struct reset_domain *at = resets->domains[i].outer;

		/* A bigger one resets it as well. */
		while (at && !why[at - resets->domains])
			at = at->outer;
		if (!why[i] || at)
			continue;
		choosing->chosen[choosing->chosen_count] = &resets->domains[i];
		choosing->whys[choosing->chosen_count++] = why[i];
	}
	free(why);
	return 0;
}

/* ---- what became of them */

static bool has_quieted(const struct reset_result *result, const struct reset_after *after)
{
	if (result->stuck || result->report.end == RESET_END_REFUSED)
		return false;
	if (!after->was_there)
		return true;
	return after->is_back && after->verdict != VERDICT_LIVE && after->verdict != VERDICT_MASKED;
}

static void note_function(struct reset_choosing *choosing, const struct reset_result *result,
			  size_t i)
{
	const struct device *device = result->domain->functions[i];
	const struct reset_after *after = result->after ? &result->after[i] : NULL;
	struct candidate *candidate = candidate_of(choosing, device);
	bool was_hit = after && after->was_there && result->report.end != RESET_END_REFUSED;

	candidate->is_settled = !after || has_quieted(result, after);
	candidate->is_dead = was_hit && !after->is_back;
	if (was_hit && after->is_back) {
		candidate->is_known = true;
		candidate->verdict = settled(choosing, after->verdict);
		candidate->doubt = after->text;
	}
	/* What only lay in the domain has a reason of its own by now. */
	if (was_hit && !candidate->is_settled && !candidate->why &&
	    !choosing->plan->decisions[device->id].waive_verify)
		candidate->why = after->is_back ? verdict_name(after->verdict) : "dead";
	/* A refusal may be followed by a smaller one, where the biggest is tried first. */
	if (was_hit)
		candidate->domain = result->domain->outer;
}

void reset_choosing_note(struct reset_choosing *choosing, const struct reset_result *result)
{
	const struct reset_domain *domain = result->domain;

	if (result->stuck || result->report.end == RESET_END_REFUSED)
		choosing->is_refused[domain - choosing->plan->resets.domains] = true;
	for (size_t i = 0; i < domain->function_count; i++)
		if (domain->functions[i]->pci->header_type == 0)
			note_function(choosing, result, i);
}

int reset_choosing_late(const struct reset_choosing *choosing,
			const struct reset_domain ***ret_late, size_t *ret_count)
{
	const struct reset_plan *resets = &choosing->plan->resets;
	const struct reset_domain **late =
		arena_alloc(choosing->plan->arena, (resets->count + 1) * sizeof(*late));
	size_t count = 0;

	if (!late)
		return -ENOMEM;
	for (size_t i = 0; i < resets->count; i++) {
		const struct reset_domain *at = resets->domains[i].outer;

		while (at && !choosing->is_late[at - resets->domains])
			at = at->outer;
		if (choosing->is_late[i] && !at)
			late[count++] = &resets->domains[i];
	}
	*ret_late = late;
	*ret_count = count;
	return 0;
}
