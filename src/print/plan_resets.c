// SPDX-License-Identifier: GPL-2.0-or-later
/* The reset domains of a plan, for a person: a table below the tree; see plan_print.h. */
#include "print/plan_print.h"
#include "print/text.h"

#include <stdlib.h>
#include <string.h>

#define FATE_WIDTH   7
#define DEVICE_WIDTH 15
#define METHOD_WIDTH 13

static const struct reset_domain *own_domain(const struct plan *plan, const struct device *device)
{
	for (size_t i = 0; i < plan->resets.count; i++)
		if (plan->resets.domains[i].device == device)
			return &plan->resets.domains[i];
	return NULL;
}

static bool is_left_to_module(const struct plan *plan, const struct reset_domain *domain)
{
	for (size_t i = 0; i < plan->resets.late_count; i++)
		if (plan->resets.late[i] == domain)
			return true;
	return false;
}

/*
 * Without -v: what the stage may reset, but no bus that only has one function with a reset of its
 * own; what the late module has to; and what is released and must not be reset.
 */
static bool is_shown(const struct plan *plan, const struct reset_domain *domain)
{
	const struct reset_domain *function;

	switch (domain->fate) {
	case RESET_LATE:
		return is_left_to_module(plan, domain);
	case RESET_NEVER:
		return domain->method && !domain->is_bus &&
		       plan->decisions[domain->device->id].fate == FATE_RELEASE;
	case RESET_MAY:
		break;
	}
	if (!domain->is_bus || domain->function_count > 1)
		return true;
	function = own_domain(plan, domain->functions[0]);
	return !function || function->fate != RESET_MAY;
}

static void put_domain(FILE *out, const struct reset_domain *domain)
{
	const char *name = domain->because ? domain->because->name : NULL;
	bool names = name && domain->because != domain->device && !strstr(domain->reason, name);
	char *why;

	if (asprintf(&why, "%s%s%s", names ? name : "", names ? ": " : "", domain->reason) < 0)
		return;
	fprintf(out, "%-*s%-*s %-*s ", FATE_WIDTH, reset_fate_name(domain->fate), DEVICE_WIDTH - 1,
		domain->device->name, METHOD_WIDTH - 1, domain->method ?: "-");
	text_put_wrapped(out, why, FATE_WIDTH + DEVICE_WIDTH + METHOD_WIDTH,
			 FATE_WIDTH + DEVICE_WIDTH + METHOD_WIDTH);
	free(why);
}

void plan_print_resets(FILE *out, const struct plan *plan, bool verbose)
{
	const struct reset_plan *resets = &plan->resets;
	size_t shown = 0;

	if (resets->mode == RESET_MODE_NONE)
		fputs("Nothing is reset (--reset=none).\n\n", out);
	for (size_t i = 0; i < resets->count; i++) {
		const struct reset_domain *domain = &resets->domains[i];

		if (resets->mode == RESET_MODE_NONE || !(verbose || is_shown(plan, domain)))
			continue;
		if (!shown++)
			fprintf(out, "%-*s%-*s%-*s%s\n", FATE_WIDTH, "RESET", DEVICE_WIDTH,
				"DEVICE", METHOD_WIDTH, "METHOD",
				resets->mode == RESET_MODE_ALL ? "WHY" : "WHY (if not quiet)");
		put_domain(out, domain);
	}
	if (shown)
		putc('\n', out);
}
