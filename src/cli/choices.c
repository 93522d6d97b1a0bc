// SPDX-License-Identifier: GPL-2.0-or-later
/* From options and rule files to a plan; see choices.h. */
#include "cli/choices.h"

#include "base/log.h"
#include "graph/scan.h"
#include "policy/files.h"

#include <errno.h>
#include <string.h>

int choices_init(struct choices *choices)
{
	*choices = (struct choices){ .policy = policy_new() };
	return choices->policy ? 0 : -ENOMEM;
}

void choices_done(struct choices *choices)
{
	policy_free(choices->policy);
	choices->policy = NULL;
}

static int take_preference(struct policy *policy, const char *argument, struct error *e)
{
	if (!strcmp(argument, "remove"))
		policy_prefer_remove(policy);
	else if (strcmp(argument, "evidence") != 0)
		return error_set(e, -EINVAL, "--prefer %s: must be evidence or remove", argument);
	return 0;
}

int choices_take(struct choices *choices, int option, const char *argument, struct error *e)
{
	int r = 0;

	switch (option) {
	case CHOICE_RELEASE:
		r = policy_add_choice(choices->policy, ACTION_RELEASE, argument, "--release", e);
		break;
	case CHOICE_LEAVE:
		r = policy_add_choice(choices->policy, ACTION_LEAVE, argument, "--leave", e);
		break;
	case CHOICE_ONLY:
		r = policy_add_only(choices->policy, argument, e);
		break;
	case CHOICE_STRICT:
		choices->options.strict = true;
		break;
	case CHOICE_RESET:
		r = reset_mode_parse(argument, &choices->options.reset);
		if (r < 0)
			error_set(e, r, "--reset %s: must be auto, none or all", argument);
		break;
	case CHOICE_HALT:
		r = halt_mode_parse(argument, &choices->options.halt);
		if (r < 0)
			error_set(e, r, "--halt %s: must be auto or none", argument);
		break;
	case CHOICE_PREFER:
		r = take_preference(choices->policy, argument, e);
		break;
	default:
		return 0;
	}
	return r < 0 ? r : 1;
}

static int status_of(int code)
{
	switch (code) {
	case -EINVAL:
		return STATUS_USAGE;
	case -EBUSY:
		return STATUS_REFUSED;
	default:
		return STATUS_FAILED;
	}
}

int choices_plan(struct choices *choices, const struct sysroot *root, struct graph **ret_graph,
		 struct plan **ret_plan)
{
	struct error e = ERROR_NONE;
	struct graph *graph;
	int r = policy_add_builtin(choices->policy, &e);

	if (r == 0)
		r = policy_files_add(root, choices->policy, &e);
	if (r < 0) {
		log_error("%s", e.text);
		return status_of(r);
	}
	r = choices->claims ? scan_and_claim(root, &graph, &e) : scan(root, &graph, &e);
	if (r < 0) {
		log_error("%s", e.text);
		return STATUS_FAILED;
	}
	r = choices->probes ? probes_mark(choices->probes, graph) : 0;
	if (r < 0) {
		log_error("no memory for the plan");
		graph_free(graph);
		return STATUS_FAILED;
	}
	r = plan_make(graph, choices->policy, &choices->options, ret_plan, &e);
	if (r < 0) {
		log_error("%s", e.text);
		graph_free(graph);
		return status_of(r);
	}
	*ret_graph = graph;
	return STATUS_DONE;
}
