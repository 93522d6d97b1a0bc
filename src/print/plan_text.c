// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan as a tree at 80 columns; see plan_print.h.
 *
 * Plain ASCII, since it is read on serial consoles.
 */
#include "print/plan_print.h"
#include "print/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS	     TEXT_COLUMNS
#define FATE_WIDTH   8 /* "release " */
#define DRIVER_WIDTH 16
#define NAME_MIN     14
#define NAME_MAX_PAD 34
#define DEPTH_MAX    64 /* deeper than any machine; a captured tree may hold anything */

struct row {
	const struct decision *decision;
	unsigned int depth;
};

struct tree {
	const struct plan *plan;
	bool verbose;
	bool *shown; /* by device id: itself, or something below it */
	struct row *rows;
	size_t row_count;
	size_t hidden;
	unsigned int name_width;
};

/*
 * Which devices, in which order.
 */

bool plan_is_notable(const struct plan *plan, const struct device *device)
{
	const struct decision *d = &plan->decisions[device->id];

	if (d->fate == FATE_NONE)
		return d->warning_count > 0;
	if (d->fate != FATE_LEAVE)
		return true;
	return device->pci || device->uses || d->because || d->warning_count ||
	       strncmp(d->rule, "built-in:", strlen("built-in:")) != 0;
}

static void mark_shown(struct tree *tree)
{
	const struct graph *graph = tree->plan->graph;

	for (size_t i = 0; i < graph->device_count; i++) {
		const struct device *device = graph->devices[i];

		if (!tree->verbose && !plan_is_notable(tree->plan, device))
			continue;
		/* What is above a shown device is shown, down to where that is known already. */
		for (; device && !tree->shown[device->id]; device = device->parent)
			tree->shown[device->id] = true;
	}
}

static unsigned int name_columns(const struct row *row)
{
	return (unsigned int)text_columns(row->decision->device->name, SIZE_MAX) + 2 * row->depth;
}

static void add_row(struct tree *tree, const struct device *device, unsigned int depth)
{
	struct row *row = &tree->rows[tree->row_count++];

	*row = (struct row){ &tree->plan->decisions[device->id], depth };
	if (name_columns(row) > tree->name_width && name_columns(row) <= NAME_MAX_PAD)
		tree->name_width = name_columns(row);
}

/* Without recursion: the tree of a captured machine may be as deep as its paths are long. */
static void add_rows_below(struct tree *tree, const struct device *top)
{
	const struct device *device = top;
	unsigned int depth = 0;

	while (device) {
		if (tree->shown[device->id])
			add_row(tree, device, depth < DEPTH_MAX ? depth : DEPTH_MAX);
		if (device->child && tree->shown[device->id]) {
			device = device->child;
			depth++;
			continue;
		}
		while (device != top && !device->sibling) {
			device = device->parent;
			depth--;
		}
		device = device == top ? NULL : device->sibling;
	}
}

static int tree_init(struct tree *tree, const struct plan *plan, bool verbose)
{
	const struct graph *graph = plan->graph;

	*tree = (struct tree){ .plan = plan, .verbose = verbose, .name_width = NAME_MIN };
	tree->shown = calloc(graph->device_count + 1, sizeof(*tree->shown));
	tree->rows = calloc(graph->device_count + 1, sizeof(*tree->rows));
	if (!tree->shown || !tree->rows)
		return -ENOMEM;
	mark_shown(tree);
	for (size_t i = 0; i < graph->device_count; i++) {
		tree->hidden += !tree->shown[i];
		if (!graph->devices[i]->parent)
			add_rows_below(tree, graph->devices[i]);
	}
	return 0;
}

static void tree_done(struct tree *tree)
{
	free(tree->shown);
	free(tree->rows);
}

/*
 * One device.
 */

/* "sda sdb", cut to @width columns with "+2" for what did not fit. */
static void put_provides(FILE *out, const struct device *device, size_t width)
{
	size_t used = 0;

	for (size_t i = 0; i < device->provide_count; i++) {
		const char *name = device->provides[i];
		size_t columns = text_columns(name, SIZE_MAX);
		size_t reserve = i + 1 < device->provide_count ? strlen(" +999") : 0;

		if (used + 1 + columns + reserve > width) {
			fprintf(out, " +%zu", device->provide_count - i);
			return;
		}
		putc(' ', out);
		text_put_clean(out, name, SIZE_MAX);
		used += 1 + columns;
	}
}

/* What goes along says so by its place; all else needs its reason. */
static bool needs_reason(const struct tree *tree, const struct decision *d)
{
	if (tree->verbose)
		return d->fate != FATE_NONE;
	return d->fate == FATE_LEAVE || d->fate == FATE_RELEASE || d->fate == FATE_CLEAR;
}

static void put_reason(FILE *out, const struct tree *tree, const struct row *row)
{
	const struct decision *d = row->decision;
	size_t indent = FATE_WIDTH + 2 * row->depth + 4;
	char *text;

	if (!needs_reason(tree, d))
		return;
	if (indent > COLUMNS / 2)
		indent = COLUMNS / 2;
	if (!tree->verbose)
		text_put_wrapped(out, d->reason, indent, 0);
	else if (asprintf(&text, "%s [%s]%s%s", d->reason, d->rule,
			  d->because && d->fate == FATE_FOLLOW ? ", with " : "",
			  d->because && d->fate == FATE_FOLLOW ? d->because->name : "") >= 0) {
		text_put_wrapped(out, text, indent, 0);
		free(text);
	}
	if (tree->verbose && d->source)
		text_put_wrapped(out, d->source, indent, 0);
}

static const char *fate_word(const struct decision *d)
{
	switch (d->fate) {
	case FATE_FOLLOW:
		return "  goes";
	case FATE_NONE:
		return "-";
	default:
		return fate_name(d->fate);
	}
}

static void put_row(FILE *out, const struct tree *tree, const struct row *row)
{
	const struct device *device = row->decision->device;
	const char *driver = device->driver ?: "-";
	size_t name = name_columns(row), used;
	size_t driver_columns = text_columns(driver, SIZE_MAX);

	fprintf(out, "%-*s%*s", FATE_WIDTH, fate_word(row->decision), (int)(2 * row->depth), "");
	text_put_clean(out, device->name, SIZE_MAX);
	if (name < tree->name_width)
		fprintf(out, "%*s", (int)(tree->name_width - name), "");
	putc(' ', out);
	text_put_clean(out, driver, SIZE_MAX);
	used = FATE_WIDTH + (name > tree->name_width ? name : tree->name_width) + 1;
	if (device->provide_count) {
		if (driver_columns < DRIVER_WIDTH)
			fprintf(out, "%*s", (int)(DRIVER_WIDTH - driver_columns), "");
		used += driver_columns < DRIVER_WIDTH ? DRIVER_WIDTH : driver_columns;
		put_provides(out, device, used < COLUMNS ? COLUMNS - used : 0);
	}
	putc('\n', out);
	put_reason(out, tree, row);
}

/*
 * Warnings: one paragraph a text, however many devices it is about.
 */

struct warned {
	const char *text;
	const struct device *device;
};

static int by_text(const void *a, const void *b)
{
	const struct warned *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->device->id > y->device->id) - (x->device->id < y->device->id);
}

/* What a person calls it: "eth0" rather than its address. */
static const char *familiar_name(const struct device *device)
{
	return device->provide_count ? device->provides[0] : device->name;
}

static void put_warning(FILE *out, const struct warned *first, size_t count)
{
	size_t shown = count < 6 ? count : 6;
	char names[512] = "", *text;

	for (size_t i = 0; i < shown; i++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%.64s", i ? ", " : "",
			 familiar_name(first[i].device));
	}
	if (shown < count) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, " and %zu more", count - shown);
	}
	if (asprintf(&text, "%s: %s", names, first->text) < 0)
		return;
	fputs("warning: ", out);
	text_put_wrapped(out, text, strlen("warning: "), strlen("warning: "));
	free(text);
}

static void put_warnings(FILE *out, const struct plan *plan)
{
	struct warned *all = calloc(plan->summary.warnings + 1, sizeof(*all));
	size_t count = 0;

	if (!all)
		return;
	for (size_t i = 0; i < plan->decision_count; i++)
		for (size_t j = 0; j < plan->decisions[i].warning_count; j++)
			all[count++] = (struct warned){ plan->decisions[i].warnings[j],
							plan->decisions[i].device };
	qsort(all, count, sizeof(*all), by_text);
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && !strcmp(all[i].text, all[next].text); next++)
			;
		put_warning(out, &all[i], next - i);
	}
	free(all);
}

static void put_cycles(FILE *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->cycle_count; i++) {
		fputs("warning: ", out);
		text_put_wrapped(out, plan->cycles[i].text, strlen("warning: "),
				 strlen("warning: "));
	}
}

void plan_print_summary(FILE *out, const struct plan *plan)
{
	const struct plan_summary *sum = &plan->summary;

	fprintf(out, "%zu to release, %zu go along, %zu left", sum->release, sum->follow,
		sum->leave);
	if (sum->in_use)
		fprintf(out, " (%zu in use)", sum->in_use);
	if (sum->clear)
		fprintf(out, ", %zu to clear", sum->clear);
	if (sum->warnings)
		fprintf(out, "; %zu warning%s", sum->warnings, sum->warnings == 1 ? "" : "s");
	putc('\n', out);
}

void plan_print_text(FILE *out, const struct plan *plan, bool verbose)
{
	struct tree tree;

	if (tree_init(&tree, plan, verbose) == 0) {
		fprintf(out, "%-*s%-*s %-*s %s\n", FATE_WIDTH, "FATE", (int)tree.name_width,
			"DEVICE", DRIVER_WIDTH, "DRIVER", "PROVIDES");
		for (size_t i = 0; i < tree.row_count; i++)
			put_row(out, &tree, &tree.rows[i]);
		putc('\n', out);
		if (tree.hidden)
			fprintf(out,
				"%zu more stay as ever (platform, ACPI, no driver); kexit plan -v lists them\n",
				tree.hidden);
		plan_print_resets(out, plan, verbose);
		plan_print_halts(out, plan, verbose);
		put_warnings(out, plan);
		put_cycles(out, plan);
	}
	tree_done(&tree);
	plan_print_summary(out, plan);
}
