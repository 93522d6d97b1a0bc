// SPDX-License-Identifier: GPL-2.0-or-later
/* Which functions may be halted; see halts.h. */
#include "plan/halts.h"
#include "plan/draft.h"

#include <errno.h>
#include <string.h>

static const char *const mode_names[] = {
	[HALT_MODE_AUTO] = "auto",
	[HALT_MODE_NONE] = "none",
};

const char *halt_mode_name(enum halt_mode mode)
{
	return mode_names[mode];
}

int halt_mode_parse(const char *text, enum halt_mode *ret_mode)
{
	for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++) {
		if (strcmp(text, mode_names[i]) != 0)
			continue;
		*ret_mode = (enum halt_mode)i;
		return 0;
	}
	return -EINVAL;
}

/* Never one that a driver holds, and no virtual function: its physical one's driver has it. */
static const struct halt_class *class_of(const struct device *device)
{
	const struct pci_facts *pci = device->pci;

	if (!pci || device->driver || pci->header_type != 0 || pci->is_vf)
		return NULL;
	return halt_class_find(pci->class_code);
}

static void decide(const struct draft *draft, struct halt *halt)
{
	const struct device *device = halt->device;
	const struct ruling *ruling = &draft->rulings[device->id];

	if (device->uses) {
		halt->reason = device->uses->words;
		halt->rule = "in use";
	} else if (draft_is_left_by_word(draft, device)) {
		halt->reason = "it shall be left alone";
		halt->rule = ruling->action_rule;
	} else if (ruling->reset == RESET_NONE) {
		halt->reason = ruling->reset_reason;
		halt->rule = ruling->reset_rule;
	} else {
		halt->may = true;
		halt->reason = "no driver holds it";
		halt->rule = "unbound";
	}
}

int halts_make(struct draft *draft, enum halt_mode mode)
{
	struct halt_plan *halts = &draft->plan->halts;
	const struct graph *graph = draft->graph;
	size_t count = 0;

	for (size_t i = 0; i < graph->device_count; i++)
		count += class_of(graph->devices[i]) != NULL;
	halts->mode = mode;
	halts->list = arena_alloc(draft->plan->arena, (count + 1) * sizeof(*halts->list));
	if (!halts->list)
		return -ENOMEM;
	for (size_t i = 0; i < graph->device_count; i++) {
		const struct halt_class *class = class_of(graph->devices[i]);
		struct halt *halt;

		if (!class)
			continue;
		halt = &halts->list[halts->count++];
		*halt = (struct halt){ .device = graph->devices[i], .class = class };
		decide(draft, halt);
		halts->may += halt->may;
	}
	return 0;
}
