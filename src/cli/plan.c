// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit plan: what would happen to each device, and why. Changes nothing. */
#include "cli/choices.h"
#include "cli/verb.h"
#include "print/plan_print.h"

#include "base/error.h"
#include "base/log.h"
#include "graph/graph.h"
#include "host/host.h"
#include "host/late.h"
#include "run/late_stage.h"

#include <errno.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_DOT };

struct arguments {
	struct choices choices;
	enum format format;
	bool verbose;
	bool help;
};

enum { OPTION_JSON = CHOICE_END, OPTION_DOT };

static const struct option options[] = {
	CHOICES_OPTIONS,
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "dot", no_argument, NULL, OPTION_DOT },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int take_option(struct arguments *arguments, int option)
{
	struct error e = ERROR_NONE;
	int r;

	switch (option) {
	case OPTION_JSON:
		arguments->format = FORMAT_JSON;
		return STATUS_DONE;
	case OPTION_DOT:
		arguments->format = FORMAT_DOT;
		return STATUS_DONE;
	case 'v':
		arguments->verbose = true;
		return STATUS_DONE;
	case 'h':
		arguments->help = true;
		return STATUS_DONE;
	}
	r = choices_take(&arguments->choices, option, optarg, &e);
	if (r < 0)
		log_error("%s", e.text);
	return r > 0 ? STATUS_DONE : STATUS_USAGE;
}

static int parse(const struct verb *verb, int argc, char *argv[], struct arguments *arguments)
{
	int option;

	while ((option = getopt_long(argc, argv, "vh", options, NULL)) != -1)
		if (take_option(arguments, option))
			return verb_usage(verb);
	if (optind < argc) {
		log_error("plan takes no argument: '%s' (did you mean --only %s?)", argv[optind],
			  argv[optind]);
		return verb_usage(verb);
	}
	return STATUS_DONE;
}

static int print_json(const struct plan *plan, bool has_late_module)
{
	json_t *object = plan_json(plan);

	if (!object) {
		log_error("plan: no memory for %zu devices as JSON", plan->decision_count);
		return STATUS_FAILED;
	}
	json_object_set_new(object, "late_module", json_boolean(has_late_module));
	/* A write that fails is told by main, which looks at the stream. */
	json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(object);
	return STATUS_DONE;
}

/* The table of resets has what the module would do. */
static void print_late_module(bool is_there)
{
	if (is_there)
		puts("kexit_late is loaded: it bounds shutdown() and does the late resets.");
	else
		puts(LATE_MISSING ".");
}

static void print_unasked(const struct graph *graph)
{
	for (size_t i = 0; i < graph->disk_count; i++)
		if (graph->disks[i]->owner_count && !graph->disks[i]->is_asked) {
			puts("No disk was opened: a run asks each whether somebody has claimed it, and "
			     "leaves it then.");
			return;
		}
}

static int print(const struct sysroot *root, const struct plan *plan,
		 const struct arguments *arguments)
{
	bool has_late_module = late_is_present(root);

	switch (arguments->format) {
	case FORMAT_JSON:
		return print_json(plan, has_late_module);
	case FORMAT_DOT:
		plan_print_dot(stdout, plan, arguments->verbose);
		break;
	case FORMAT_TEXT:
		plan_print_text(stdout, plan, arguments->verbose);
		print_late_module(has_late_module);
		print_unasked(plan->graph);
		break;
	}
	return STATUS_DONE;
}

static int plan_and_print(struct sysroot *root, struct arguments *arguments)
{
	struct error e = ERROR_NONE;
	struct graph *graph;
	struct plan *plan;
	int status;

	if (host_sees_machine(root, &e) < 0) {
		log_error("plan was refused: %s", e.text);
		return STATUS_REFUSED;
	}
	status = choices_plan(&arguments->choices, root, &graph, &plan);
	if (status)
		return status;
	status = print(root, plan, arguments);
	plan_free(plan);
	graph_free(graph);
	return status;
}

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	struct arguments arguments = { .format = FORMAT_TEXT };
	int status;

	if (choices_init(&arguments.choices) < 0) {
		log_error("plan: no memory");
		return STATUS_FAILED;
	}
	status = parse(verb, argc, argv, &arguments);
	if (status == STATUS_DONE)
		status = arguments.help ? verb_help(verb) : plan_and_print(root, &arguments);
	choices_done(&arguments.choices);
	return status;
}

const struct verb verb_plan = {
	.name = "plan",
	.arguments = "[--json|--dot] [-v] [CHOICE...]",
	.summary = "Show what would happen to each device, and why",
	.help = "  --json           as JSON\n"
		"  --dot            as a drawing for Graphviz\n"
		"  -v, --verbose    every device, and which rule decided\n"
		"Choices:\n" CHOICES_HELP,
	.run = run,
};
