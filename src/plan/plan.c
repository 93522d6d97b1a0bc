// SPDX-License-Identifier: GPL-2.0-or-later
/* From a graph and a policy to what happens to each device; see plan.h. */
#include "plan/plan.h"
#include "plan/draft.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* PCI_COMMAND bit 2, Bus Master Enable (PCIe 6.0 7.5.1.1.3). */
#define COMMAND_MASTER 0x0004

static struct plan *plan_new(const struct graph *graph)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	size_t size = (graph->device_count + 1) * sizeof(*plan->decisions);

	if (!plan)
		return NULL;
	plan->arena = arena_new();
	plan->graph = graph;
	if (plan->arena) {
		plan->decisions = arena_alloc(plan->arena, size);
		plan->clears =
			arena_alloc(plan->arena, (graph->device_count + 1) * sizeof(*plan->clears));
	}
	if (plan->decisions && plan->clears) {
		plan->decision_count = graph->device_count;
		return plan;
	}
	plan_free(plan);
	return NULL;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	arena_free(plan->arena);
	free(plan);
}

const char *fate_name(enum fate fate)
{
	static const char *const names[] = {
		[FATE_RELEASE] = "release", [FATE_FOLLOW] = "follow", [FATE_LEAVE] = "leave",
		[FATE_CLEAR] = "clear",	    [FATE_NONE] = "none",
	};

	return names[fate];
}

/*
 * The draft: memory, edges by device.
 */

static int draft_init(struct draft *draft, struct plan *plan)
{
	const struct graph *graph = plan->graph;
	size_t devices = graph->device_count + 1;
	struct arena *arena = arena_new();

	*draft = (struct draft){ .arena = arena, .plan = plan, .graph = graph };
	if (!arena)
		return -ENOMEM;
	draft->rulings = arena_alloc(arena, devices * sizeof(*draft->rulings));
	draft->states = arena_alloc(arena, devices * sizeof(*draft->states));
	draft->roots = arena_alloc(arena, devices * sizeof(*draft->roots));
	draft->kept = arena_alloc(arena, devices * sizeof(*draft->kept));
	draft->takers = arena_alloc(arena, devices * sizeof(*draft->takers));
	draft->edges = arena_alloc(arena, devices * sizeof(*draft->edges));
	draft->todo = arena_alloc(arena, devices * sizeof(*draft->todo));
	draft->next = arena_alloc(arena, (graph->edge_count + 1) * sizeof(*draft->next));
	if (!draft->rulings || !draft->states || !draft->roots || !draft->kept || !draft->takers ||
	    !draft->edges || !draft->todo || !draft->next)
		return -ENOMEM;
	for (size_t i = graph->edge_count; i-- > 0;) {
		struct edge *edge = &graph->edges[i];

		draft->next[i] = draft->edges[edge->first->id];
		draft->edges[edge->first->id] = edge;
	}
	return 0;
}

/*
 * What the rules say.
 */

static void fill_decision(struct decision *d, const struct ruling *ruling)
{
	d->reason = ruling->action ? ruling->reason : "no rule matches it";
	d->rule = ruling->action ? ruling->action_rule : "no rule";
	d->source = ruling->source;
	d->phase = ruling->phase ?: PHASE_BUS;
	d->deadline_ms = ruling->deadline_ms ?: POLICY_DEADLINE_MS;
	d->reset = ruling->reset ?: RESET_AUTO;
	d->reset_rule = ruling->reset_rule;
	d->waive_verify = ruling->waive_verify;
	d->waive_rule = ruling->waive_rule;
}

static int judge_all(struct draft *draft, const struct policy *policy)
{
	for (size_t i = 0; i < draft->graph->device_count; i++) {
		struct decision *d = &draft->plan->decisions[i];
		int r;

		d->device = draft->graph->devices[i];
		r = policy_judge(policy, draft->graph, d->device, draft->plan->arena,
				 &draft->rulings[i]);
		if (r < 0)
			return r;
		fill_decision(d, &draft->rulings[i]);
	}
	return 0;
}

/*
 * --only names what may go. "eth0" is a virtio device that only follows its transport, so a match
 * that follows selects what it follows.
 */
static void select_only(const struct draft *draft, struct device *device, bool *selected)
{
	while (draft->rulings[device->id].action == ACTION_FOLLOW && device->parent)
		device = device->parent;
	selected[device->id] = true;
}

static bool is_selected(const struct device *device, const bool *selected)
{
	for (; device; device = device->parent)
		if (selected[device->id])
			return true;
	return false;
}

static int apply_only(struct draft *draft, const struct policy *policy)
{
	size_t count = draft->graph->device_count;
	bool *selected;

	if (!policy_has_only(policy))
		return 0;
	selected = arena_alloc(draft->arena, count + 1);
	if (!selected)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (draft->rulings[i].is_only)
			select_only(draft, draft->graph->devices[i], selected);
	for (size_t i = 0; i < count; i++) {
		struct decision *d = &draft->plan->decisions[i];

		if (is_selected(d->device, selected))
			continue;
		/* What stays anyway keeps its own reason. */
		if (d->device->driver && (draft->rulings[i].action == ACTION_LEAVE ||
					  draft->rulings[i].action == ACTION_SHUTDOWN))
			continue;
		draft->rulings[i].action = ACTION_LEAVE;
		draft->rulings[i].authority = AUTHORITY_CHOICE;
		draft->rulings[i].action_rule = "--only";
		d->reason = "not among what --only names";
		d->rule = "--only";
		d->source = NULL;
	}
	return 0;
}

static int set_states(struct draft *draft)
{
	for (size_t i = 0; i < draft->graph->device_count; i++) {
		struct decision *d = &draft->plan->decisions[i];

		if (!d->device->driver) {
			draft->states[i] = STATE_UNBOUND;
		} else if (draft->rulings[i].action != ACTION_RELEASE) {
			draft->states[i] = STATE_FOLLOWS;
		} else if (d->device->can_unbind) {
			draft->states[i] = STATE_GOES;
		} else {
			draft->states[i] = STATE_FOLLOWS;
			d->reason = arena_printf(draft->plan->arena,
						 "driver %s cannot be unbound by itself",
						 d->device->driver);
			d->rule = "no unbind";
			if (!d->reason)
				return -ENOMEM;
		}
	}
	return 0;
}

/*
 * Fates.
 */

/* For what does not stay: itself, or the nearest release above. Each device is passed twice. */
static void find_taker(struct draft *draft, struct device *device)
{
	struct device *taker = NULL;
	struct device *at = device;

	for (; at && draft->states[at->id] != STATE_STAYS; at = at->parent) {
		if (draft->states[at->id] == STATE_GOES)
			taker = at;
		else
			taker = draft->takers[at->id];
		if (taker)
			break;
	}
	for (; taker && device != at; device = device->parent)
		draft->takers[device->id] = taker;
	if (taker)
		draft->takers[at->id] = taker;
}

bool draft_is_left_by_word(const struct draft *draft, const struct device *device)
{
	const struct ruling *ruling = &draft->rulings[device->id];

	return ruling->action == ACTION_LEAVE && ruling->authority > AUTHORITY_BUILTIN;
}

/*
 * The kernel clears Bus Master at a kexec only for what a driver ever held. Never bridges and
 * system peripherals: devices below may still flush in shutdown(). Never the console's display.
 */
static bool must_clear(const struct draft *draft, const struct device *device)
{
	const struct pci_facts *pci = device->pci;
	unsigned int base;

	if (!pci || !pci->has_config || pci->header_type != 0 || !(pci->command & COMMAND_MASTER))
		return false;
	base = pci->class_code >> 16;
	if (base == 0x06 || base == 0x08 || pci->is_boot_display)
		return false;
	return !draft_is_left_by_word(draft, device);
}

/* A process may drive a function that has no driver: by its BARs, mapped. */
static void decide_unbound(struct draft *draft, struct decision *d)
{
	struct plan *plan = draft->plan;

	d->because = NULL;
	d->source = NULL;
	if (d->device->uses) {
		d->fate = FATE_LEAVE;
		d->reason = d->device->uses->words;
		d->rule = "in use";
	} else if (must_clear(draft, d->device)) {
		d->fate = FATE_CLEAR;
		d->phase = PHASE_LAST;
		d->reason = "no driver, and it still masters the bus";
		d->rule = "unbound";
		plan->clears[plan->clear_count++] = d;
	} else {
		d->fate = FATE_NONE;
		d->reason = "no driver";
		d->rule = "unbound";
	}
}

static const char *evidence_of(const struct ruling *ruling)
{
	if (ruling->action != ACTION_SHUTDOWN)
		return NULL;
	return ruling->source ?: ruling->reason;
}

static void decide_all(struct draft *draft)
{
	for (size_t i = 0; i < draft->graph->device_count; i++)
		if (draft->states[i] != STATE_STAYS)
			find_taker(draft, draft->graph->devices[i]);
	for (size_t i = 0; i < draft->graph->device_count; i++) {
		struct decision *d = &draft->plan->decisions[i];

		if (!d->device->driver) {
			decide_unbound(draft, d);
		} else if (draft->states[i] == STATE_STAYS) {
			d->fate = FATE_LEAVE;
			d->evidence = evidence_of(&draft->rulings[i]);
		} else if (draft->states[i] == STATE_GOES) {
			d->fate = FATE_RELEASE;
		} else {
			d->fate = FATE_FOLLOW;
			d->because = draft->takers[i];
		}
	}
}

/*
 * Warnings.
 */

static int warn(struct plan *plan, struct decision *d, const char *text)
{
	if (!text || arena_grow(plan->arena, &d->warnings, &d->warning_capacity,
				d->warning_count + 1, sizeof(const char *)))
		return -ENOMEM;
	d->warnings[d->warning_count++] = text;
	return 0;
}

/* The rules' warnings are about what goes; for what stays they would be noise. */
static int warn_by_rule(struct draft *draft, struct decision *d)
{
	const struct ruling *ruling = &draft->rulings[d->device->id];
	int r = 0;

	if (d->fate == FATE_RELEASE || d->fate == FATE_FOLLOW)
		for (size_t i = 0; i < ruling->warning_count && r == 0; i++)
			r = warn(draft->plan, d, ruling->warnings[i]);
	if (r == 0 && d->fate == FATE_LEAVE && ruling->authority == AUTHORITY_CHOICE &&
	    ruling->action == ACTION_RELEASE)
		r = warn(draft->plan, d,
			 arena_printf(draft->plan->arena, "%s is not done: %s", ruling->action_rule,
				      d->reason));
	return r;
}

static int warn_display(struct draft *draft, struct decision *d)
{
	const struct pci_facts *pci = d->device->pci;

	if (!pci || !pci->is_boot_display || d->fate != FATE_LEAVE || !pci->has_config ||
	    !(pci->command & COMMAND_MASTER))
		return 0;
	return warn(
		draft->plan, d,
		"the console's display stays as it is: its engines may still read and write memory");
}

static int warn_watchdogs(struct draft *draft)
{
	const struct graph *graph = draft->graph;
	int r = 0;

	for (size_t i = 0; i < graph->watchdog_count && r == 0; i++) {
		const struct watchdog *dog = &graph->watchdogs[i];

		if (!dog->is_running || !dog->owner)
			continue;
		r = warn(draft->plan, &draft->plan->decisions[dog->owner->id],
			 arena_printf(
				 draft->plan->arena,
				 "%s runs and resets the machine in %u s unless the next kernel "
				 "feeds it",
				 dog->name, dog->timeout));
	}
	return r;
}

/* A device that carries it, by whatever lies between. */
static const struct device *carrier_of(const struct disk *disk, unsigned int depth)
{
	const struct device *found = disk->owner_count ? disk->owners[0] : NULL;

	for (size_t i = 0; i < disk->slave_count && !found && depth < 16; i++)
		found = carrier_of(disk->slaves[i], depth + 1);
	return found || disk->whole == disk ? found : carrier_of(disk->whole, depth + 1);
}

static int warn_suspended(struct draft *draft)
{
	int r = 0;

	for (size_t i = 0; i < draft->graph->disk_count && r == 0; i++) {
		const struct disk *disk = draft->graph->disks[i];
		const struct device *device = disk->is_suspended ? carrier_of(disk, 0) : NULL;

		if (device)
			r = warn(draft->plan, &draft->plan->decisions[device->id],
				 arena_printf(draft->plan->arena,
					      "%s is suspended: a run is refused until 'dmsetup "
					      "resume /dev/%s'",
					      disk->title, disk->name));
	}
	return r;
}

static int warn_all(struct draft *draft)
{
	int r = warn_watchdogs(draft);

	if (r == 0)
		r = warn_suspended(draft);

	for (size_t i = 0; i < draft->plan->decision_count && r == 0; i++) {
		struct decision *d = &draft->plan->decisions[i];

		r = warn_by_rule(draft, d);
		if (r == 0)
			r = warn_display(draft, d);
	}
	return r;
}

static void summarise(struct plan *plan)
{
	struct plan_summary *sum = &plan->summary;

	for (size_t i = 0; i < plan->decision_count; i++) {
		const struct decision *d = &plan->decisions[i];

		sum->release += d->fate == FATE_RELEASE;
		sum->follow += d->fate == FATE_FOLLOW;
		sum->leave += d->fate == FATE_LEAVE;
		sum->in_use += d->fate == FATE_LEAVE && !d->because && !strcmp(d->rule, "in use");
		sum->clear += d->fate == FATE_CLEAR;
		sum->none += d->fate == FATE_NONE;
		sum->warnings += d->warning_count;
	}
}

/*
 * All together.
 */

static int plan_fill(struct draft *draft, const struct policy *policy,
		     const struct plan_options *options, struct error *e)
{
	const char *unmatched;
	int r = judge_all(draft, policy);

	if (r < 0)
		return error_set(e, r, "plan: %m");
	/* Before anything is decided: a mistyped --leave must not end in a release. */
	unmatched = policy_unmatched(policy);
	if (unmatched)
		return error_set(e, -EINVAL,
				 "%s: no device has that name, address, driver or class; "
				 "'kexit scan' lists them",
				 unmatched);
	r = apply_only(draft, policy);
	if (r == 0)
		r = set_states(draft);
	if (r < 0)
		return error_set(e, r, "plan: %m");
	r = stay_resolve(draft, options && options->strict, e);
	if (r < 0)
		return r;
	decide_all(draft);
	r = warn_all(draft);
	if (r < 0)
		return error_set(e, r, "plan: %m");
	r = order_make(draft, e);
	if (r < 0)
		return r;
	r = resets_make(draft, options ? options->reset : RESET_MODE_AUTO);
	if (r == 0)
		r = halts_make(draft, options ? options->halt : HALT_MODE_AUTO);
	if (r < 0)
		return error_set(e, r, "plan: %m");
	summarise(draft->plan);
	return 0;
}

int plan_make(struct graph *graph, const struct policy *policy, const struct plan_options *options,
	      struct plan **ret_plan, struct error *e)
{
	struct plan *plan = plan_new(graph);
	struct draft draft;
	int r;

	if (!plan)
		return error_set(e, -ENOMEM, "plan: %m");
	r = draft_init(&draft, plan);
	if (r < 0)
		error_set(e, r, "plan: %m");
	else
		r = plan_fill(&draft, policy, options, e);
	arena_free(draft.arena);
	if (r < 0) {
		plan_free(plan);
		return r;
	}
	*ret_plan = plan;
	return 0;
}
