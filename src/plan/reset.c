// SPDX-License-Identifier: GPL-2.0-or-later
/* Which domains may be reset; see reset.h. */
#include "plan/reset.h"
#include "plan/draft.h"

#include <errno.h>
#include <string.h>

/* PCI_COMMAND bit 2, Bus Master Enable (PCIe 6.0 7.5.1.1.3). */
#define COMMAND_MASTER 0x0004

const char *reset_fate_name(enum reset_fate fate)
{
	static const char *const names[] = {
		[RESET_MAY] = "may",
		[RESET_LATE] = "late",
		[RESET_NEVER] = "never",
	};

	return names[fate];
}

static const char *const mode_names[] = {
	[RESET_MODE_AUTO] = "auto",
	[RESET_MODE_NONE] = "none",
	[RESET_MODE_ALL] = "all",
};

const char *reset_mode_name(enum reset_mode mode)
{
	return mode_names[mode];
}

int reset_mode_parse(const char *text, enum reset_mode *ret_mode)
{
	for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++) {
		if (strcmp(text, mode_names[i]) != 0)
			continue;
		*ret_mode = (enum reset_mode)i;
		return 0;
	}
	return -EINVAL;
}

bool reset_domain_has(const struct reset_domain *domain, const struct device *function)
{
	for (size_t i = 0; i < domain->function_count; i++)
		if (domain->functions[i] == function)
			return true;
	return false;
}

static const struct decision *decision_of(const struct draft *draft, const struct device *device)
{
	return &draft->plan->decisions[device->id];
}

static bool is_bridge(const struct device *device)
{
	return device->pci && device->pci->header_type == 1;
}

static int list_add(struct draft *draft, struct device ***list, size_t *count, size_t *capacity,
		    struct device *device)
{
	if (arena_grow(draft->plan->arena, list, capacity, *count + 1, sizeof(**list)) < 0)
		return -ENOMEM;
	(*list)[(*count)++] = device;
	return 0;
}

/*
 * Why not. What is said first stands, but "never" outranks "late".
 */

static void decide(struct reset_domain *domain, enum reset_fate fate, const char *reason,
		   const char *rule, struct device *because)
{
	if (domain->fate >= fate)
		return;
	domain->fate = fate;
	domain->reason = reason;
	domain->rule = rule;
	domain->because = because;
}

/*
 * Bridges to other buses and system peripherals: what else stands on them is not in sysfs. Not what
 * a rule releases (card readers are of class 08 as well).
 */
static bool is_machinery(const struct draft *draft, const struct device *device)
{
	unsigned int base = device->pci->class_code >> 16;

	return (base == 0x06 || base == 0x08) && !is_bridge(device) &&
	       decision_of(draft, device)->fate != FATE_RELEASE;
}

static bool has_use(const struct device *device, enum use_kind kind)
{
	for (const struct use *use = device->uses; use; use = use->next)
		if (use->kind == kind)
			return true;
	return false;
}

/* What forbids a reset of @device, whoever would do it and when. */
static void forbid(const struct draft *draft, struct reset_domain *domain, struct device *device)
{
	const struct decision *d = decision_of(draft, device);

	if (has_use(device, USE_CONSOLE) || (device->pci && device->pci->is_boot_display))
		decide(domain, RESET_NEVER, "the console is on it", "console", device);
	if (has_use(device, USE_WATCHDOG))
		decide(domain, RESET_NEVER, "its watchdog runs", "watchdog", device);
	if (!device->pci)
		return;
	if (d->reset == RESET_NONE)
		decide(domain, RESET_NEVER, draft->rulings[device->id].reset_reason, d->reset_rule,
		       device);
	else if (d->reset == RESET_LIVE && d->fate == FATE_LEAVE)
		decide(domain, RESET_NEVER,
		       "it stays bound, so that nothing can show that its engine has to be stopped",
		       d->reset_rule, device);
	else if (is_machinery(draft, device))
		decide(domain, RESET_NEVER, "a part of the machine that others stand on", "machine",
		       device);
	else if (!device->driver && draft_is_left_by_word(draft, device))
		decide(domain, RESET_NEVER, "it shall be left alone",
		       draft->rulings[device->id].action_rule, device);
}

static bool has_driver(const struct device *device, const char *name)
{
	return device->driver && !strcmp(device->driver, name);
}

/* A port's driver has no engine, and no way to be told of a reset: the kernel restores the port. */
static bool is_port(const struct device *device)
{
	return is_bridge(device) &&
	       (has_driver(device, "pcieport") || has_driver(device, "shpchp"));
}

static bool is_service(const struct device *device)
{
	return device->bus && !strcmp(device->bus, "pci_express");
}

static int note_left(struct draft *draft, struct reset_domain *domain, struct device *device)
{
	const char *reason;

	if (decision_of(draft, device)->fate != FATE_LEAVE || is_port(device) || domain->fate)
		return 0;
	if (!device->driver)
		reason = arena_printf(draft->plan->arena, "%s is in use: %s", device->name,
				      device->uses->words);
	else
		reason = device == domain->device
				 ? arena_printf(draft->plan->arena, "%s holds it until shutdown()",
						device->driver)
				 : arena_printf(draft->plan->arena,
						"%s (%s) stays bound until shutdown()",
						device->name, device->driver);
	decide(domain, RESET_LATE, reason, device->driver ? "bound" : "in use", device);
	return reason ? 0 : -ENOMEM;
}

/*
 * While the link is down pciehp sees a removal and tears the devices down, AER and DPC see errors.
 * A service that has to stay is only in the way where it is pciehp.
 */
static int note_service(struct draft *draft, struct reset_domain *domain, struct device *device)
{
	bool is_hotplug = has_driver(device, "pciehp");

	if (!is_hotplug && !has_driver(device, "aer") && !has_driver(device, "dpc"))
		return 0;
	if (device->can_unbind && !draft_is_left_by_word(draft, device))
		return list_add(draft, &domain->services, &domain->service_count,
				&domain->service_capacity, device);
	if (is_hotplug)
		decide(domain, RESET_NEVER,
		       "pciehp stays at its port and would take the link's drop for a removal",
		       device->can_unbind ? draft->rulings[device->id].action_rule : "no unbind",
		       device);
	return 0;
}

/*
 * Domains.
 */

static struct reset_domain *add_domain(struct draft *draft, struct device *device)
{
	struct reset_plan *resets = &draft->plan->resets;
	struct reset_domain *domain = &resets->domains[resets->count++];

	domain->device = device;
	return domain;
}

/* The first word of what the kernel prints is what it tries first. */
static const char *first_method(struct draft *draft, const struct pci_facts *pci)
{
	if (!pci->reset_methods)
		return "unnamed";
	return arena_strndup(draft->plan->arena, pci->reset_methods,
			     strcspn(pci->reset_methods, " "));
}

static int add_function(struct draft *draft, struct device *device)
{
	struct reset_domain *domain = add_domain(draft, device);
	int r;

	domain->reason = "no driver holds it by then";
	domain->rule = "unbound";
	if (decision_of(draft, device)->reset == RESET_LIVE) {
		domain->reason = "only if its registers show its engine at work";
		domain->rule = decision_of(draft, device)->reset_rule;
	}
	r = list_add(draft, &domain->functions, &domain->function_count, &domain->function_capacity,
		     device);
	if (r < 0)
		return r;
	if (!(device->pci->resets & PCI_RESET_FUNCTION)) {
		decide(domain, RESET_NEVER, "the kernel offers no reset method for it", "no method",
		       NULL);
		return 0;
	}
	domain->method = first_method(draft, device->pci);
	if (!domain->method)
		return -ENOMEM;
	forbid(draft, domain, device);
	r = note_left(draft, domain, device);
	/* The late module has no way to reset a function that its driver still holds. */
	if (domain->fate == RESET_LATE)
		domain->fate = RESET_NEVER;
	return r;
}

static int note_below(struct draft *draft, struct reset_domain *domain, struct device *device)
{
	int r = 0;

	if (is_service(device))
		return note_service(draft, domain, device);
	if (device->pci)
		r = list_add(draft, &domain->functions, &domain->function_count,
			     &domain->function_capacity, device);
	forbid(draft, domain, device);
	return r < 0 ? r : note_left(draft, domain, device);
}

static int add_bus(struct draft *draft, struct device *bridge)
{
	struct reset_domain *domain = add_domain(draft, bridge);
	struct device *at = bridge->child;
	int r = 0;

	domain->is_bus = true;
	domain->method = "subordinate";
	domain->reason = "no driver holds anything below by then";
	domain->rule = "unbound";
	if (decision_of(draft, bridge)->reset == RESET_NONE)
		decide(domain, RESET_NEVER, draft->rulings[bridge->id].reset_reason,
		       draft->rulings[bridge->id].reset_rule, bridge);
	while (at && at != bridge && r == 0) {
		r = note_below(draft, domain, at);
		if (at->child) {
			at = at->child;
			continue;
		}
		while (at != bridge && !at->sibling)
			at = at->parent;
		if (at != bridge)
			at = at->sibling;
	}
	if (!domain->function_count) {
		draft->plan->resets.count--;
		*domain = (struct reset_domain){ 0 };
	} else if (!(bridge->pci->resets & PCI_RESET_SUBORDINATE)) {
		domain->method = NULL;
		decide(domain, RESET_LATE, "this kernel offers no reset_subordinate", "no method",
		       NULL);
	}
	return r;
}

/* Buses first, so that what lies in one finds it. */
static int add_all(struct draft *draft)
{
	const struct graph *graph = draft->graph;
	int r = 0;

	for (size_t i = 0; i < graph->device_count && r == 0; i++)
		if (is_bridge(graph->devices[i]))
			r = add_bus(draft, graph->devices[i]);
	for (size_t i = 0; i < graph->device_count && r == 0; i++)
		if (graph->devices[i]->pci && graph->devices[i]->pci->header_type == 0)
			r = add_function(draft, graph->devices[i]);
	return r;
}

static int nest(struct draft *draft)
{
	struct reset_plan *resets = &draft->plan->resets;
	struct reset_domain **by_bridge =
		arena_alloc(draft->arena, (draft->graph->device_count + 1) * sizeof(*by_bridge));

	if (!by_bridge)
		return -ENOMEM;
	for (size_t i = 0; i < resets->count; i++)
		if (resets->domains[i].is_bus)
			by_bridge[resets->domains[i].device->id] = &resets->domains[i];
	for (size_t i = 0; i < resets->count; i++) {
		struct reset_domain *domain = &resets->domains[i];

		for (struct device *at = domain->device->parent; at; at = at->parent) {
			if (!by_bridge[at->id])
				continue;
			if (!domain->outer)
				domain->outer = by_bridge[at->id];
			domain->depth++;
		}
	}
	return 0;
}

/*
 * The late module's share.
 */

static bool masters_until_shutdown(const struct draft *draft, const struct device *device)
{
	const struct pci_facts *pci = device->pci;
	const struct decision *d = decision_of(draft, device);

	if (d->fate != FATE_LEAVE)
		return false;
	return d->reset == RESET_ALWAYS ||
	       (pci->has_config && pci->command != 0xffff && (pci->command & COMMAND_MASTER));
}

static struct reset_domain *late_for(const struct draft *draft, const struct reset_domain *domain)
{
	struct reset_domain *found = NULL;

	if (domain->is_bus || !masters_until_shutdown(draft, domain->device))
		return NULL;
	for (struct reset_domain *at = domain->outer; at && at->fate == RESET_LATE;
	     at = at->outer) {
		found = at;
		if (draft->plan->resets.mode != RESET_MODE_ALL)
			break;
	}
	return found;
}

static int list_late(struct draft *draft)
{
	struct reset_plan *resets = &draft->plan->resets;
	bool *is_late = arena_alloc(draft->arena, resets->count + 1);

	resets->late = arena_alloc(draft->plan->arena, (resets->count + 1) * sizeof(*resets->late));
	if (!is_late || !resets->late)
		return -ENOMEM;
	for (size_t i = 0; i < resets->count && resets->mode != RESET_MODE_NONE; i++) {
		const struct reset_domain *late = late_for(draft, &resets->domains[i]);

		if (late)
			is_late[late - resets->domains] = true;
	}
	for (size_t i = 0; i < resets->count; i++) {
		const struct reset_domain *at = resets->domains[i].outer;

		while (at && !is_late[at - resets->domains])
			at = at->outer;
		if (is_late[i] && !at)
			resets->late[resets->late_count++] = &resets->domains[i];
	}
	return 0;
}

int resets_make(struct draft *draft, enum reset_mode mode)
{
	struct reset_plan *resets = &draft->plan->resets;
	size_t functions = 0;
	int r;

	for (size_t i = 0; i < draft->graph->device_count; i++)
		functions += draft->graph->devices[i]->pci != NULL;
	resets->mode = mode;
	resets->domains =
		arena_alloc(draft->plan->arena, (functions + 1) * sizeof(*resets->domains));
	r = resets->domains ? add_all(draft) : -ENOMEM;
	if (r == 0)
		r = nest(draft);
	if (r == 0)
		r = list_late(draft);
	for (size_t i = 0; i < resets->count && r == 0; i++) {
		resets->may += resets->domains[i].fate == RESET_MAY;
		resets->never +=
			resets->domains[i].fate == RESET_NEVER && resets->domains[i].method;
	}
	return r;
}
