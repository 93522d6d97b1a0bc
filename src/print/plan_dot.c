// SPDX-License-Identifier: GPL-2.0-or-later
/* The plan as a drawing for Graphviz; see plan_print.h. `kexit plan --dot | dot -Tsvg` */
#include "print/plan_print.h"

#include <stdlib.h>

static const char *fate_colour(enum fate fate)
{
	static const char *const colours[] = {
		[FATE_RELEASE] = "palegreen", [FATE_FOLLOW] = "honeydew",
		[FATE_LEAVE] = "lightsalmon", [FATE_CLEAR] = "khaki",
		[FATE_NONE] = "grey92",
	};

	return colours[fate];
}

static const char *edge_style(enum edge_kind kind)
{
	static const char *const styles[] = {
		[EDGE_LINK_SOFT] = "color=grey60, style=dotted",
		[EDGE_SUPPLIER] = "color=blue, style=dashed",
		[EDGE_HOLDER] = "color=purple",
		[EDGE_VF] = "color=darkgreen",
		[EDGE_PARENT] = "color=black",
	};

	return styles[kind];
}

/* Inside a quoted string of the DOT language. */
static void put_quoted(FILE *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			putc('\\', out);
		putc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

/* "reset: flr", or for a bridge what becomes of the bus below it. */
static void put_reset(FILE *out, const struct plan *plan, const struct device *device)
{
	for (size_t i = 0; i < plan->resets.count; i++) {
		const struct reset_domain *domain = &plan->resets.domains[i];

		if (domain->device != device || !domain->method)
			continue;
		fprintf(out, "\\n%s: ", domain->is_bus ? "reset below" : "reset");
		put_quoted(out, domain->fate == RESET_MAY ? domain->method
							  : reset_fate_name(domain->fate));
	}
}

static void put_node(FILE *out, const struct plan *plan, const struct decision *d)
{
	const struct device *device = d->device;

	fprintf(out, "\tn%u [label=\"", device->id);
	put_quoted(out, device->name);
	fputs("\\n", out);
	put_quoted(out, device->driver ?: "no driver");
	for (size_t i = 0; i < device->provide_count && i < 4; i++) {
		fputs(i ? " " : "\\n", out);
		put_quoted(out, device->provides[i]);
	}
	put_reset(out, plan, device);
	fputs("\", tooltip=\"", out);
	put_quoted(out, d->reason);
	fprintf(out, "\", fillcolor=%s];\n", fate_colour(d->fate));
}

static void put_edge(FILE *out, const struct device *first, const struct device *then,
		     enum edge_kind kind, bool broken)
{
	fprintf(out, "\tn%u -> n%u [%s, tooltip=\"%s\"%s];\n", first->id, then->id,
		edge_style(kind), edge_kind_name(kind),
		broken ? ", label=\"broken\", fontcolor=red" : "");
}

/* Notable devices and what is above them. */
static bool *choose(const struct plan *plan, bool verbose)
{
	const struct graph *graph = plan->graph;
	bool *drawn = calloc(graph->device_count + 1, sizeof(*drawn));

	for (size_t i = 0; drawn && i < graph->device_count; i++) {
		const struct device *device = graph->devices[i];

		if (!verbose && !plan_is_notable(plan, device))
			continue;
		for (; device && !drawn[device->id]; device = device->parent)
			drawn[device->id] = true;
	}
	return drawn;
}

void plan_print_dot(FILE *out, const struct plan *plan, bool verbose)
{
	const struct graph *graph = plan->graph;
	bool *drawn = choose(plan, verbose);

	/* rankdir=BT: what goes first is drawn below what it hangs from. */
	fputs("digraph kexit {\n\trankdir=BT;\n"
	      "\tnode [shape=box, style=filled, fontname=\"sans-serif\", fontsize=10];\n",
	      out);
	for (size_t i = 0; drawn && i < graph->device_count; i++)
		if (drawn[i])
			put_node(out, plan, &plan->decisions[i]);
	for (size_t i = 0; drawn && i < graph->device_count; i++)
		if (drawn[i] && graph->devices[i]->parent)
			put_edge(out, graph->devices[i], graph->devices[i]->parent, EDGE_PARENT,
				 false);
	for (size_t i = 0; drawn && i < graph->edge_count; i++) {
		const struct edge *edge = &graph->edges[i];

		if (drawn[edge->first->id] && drawn[edge->then->id])
			put_edge(out, edge->first, edge->then, edge->kind, edge->broken);
	}
	fputs("}\n", out);
	free(drawn);
}
