// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules, scan, plan; see prospect.h. */
#include "boot/prospect.h"

#include "graph/scan.h"
#include "policy/files.h"

#include <errno.h>
#include <stddef.h>

/* Mounts are below VOLUMES_DIR, and stacks were made to be mounted: both go before any device does. */
static void forget_disk_uses(struct graph *graph)
{
	for (size_t i = 0; i < graph->device_count; i++) {
		struct use **at = &graph->devices[i]->uses;

		while (*at) {
			if ((*at)->kind == USE_MOUNT || (*at)->kind == USE_HELD)
				*at = (*at)->next;
			else
				at = &(*at)->next;
		}
	}
}

int prospect_make(const struct sysroot *root, const struct plan_options *options, bool as_if_down,
		  const struct probes *probes, struct graph **ret_graph, struct plan **ret_plan,
		  struct error *e)
{
	struct policy *policy = policy_new();
	struct graph *graph = NULL;
	int r = policy ? policy_add_builtin(policy, e) : error_set(e, -ENOMEM, "rules: %m");

	if (r == 0)
		r = policy_files_add(root, policy, e);
	if (r == 0)
		r = as_if_down ? scan(root, &graph, e) : scan_and_claim(root, &graph, e);
	if (r)
		return r;
	if (as_if_down)
		forget_disk_uses(graph);
	if (probes && probes_mark(probes, graph) < 0)
		return error_set(e, -ENOMEM, "no memory for the plan");
	*ret_graph = graph;
	return plan_make(graph, policy, options, ret_plan, e);
}
